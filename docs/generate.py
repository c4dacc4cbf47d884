"""Writes the pages that are derived from the declarations: ``make docs``. A test checks that they are current."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path

from sparkbox import services
from sparkbox.core.declare.errors import Error
from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.service import Service

HERE = Path(__file__).parent
NOTE = "<!-- Derived from the declarations by `make docs`; changes belong there. -->"


def pages() -> dict[str, str]:
    """Every derived page by its file's name."""
    infos = [(info, services.load(info.name)) for info in services.SERVICES]
    found = {f"{info.name}.md": page(info, service) for info, service in infos}
    found["README.md"] = contents(infos)
    return found


def contents(infos: list[tuple[ServiceInfo, Service]]) -> str:
    """The table of contents."""
    derived = {"README.md", *(f"{info.name}.md" for info, _ in infos)}
    guides = sorted(path for path in HERE.glob("*.md") if path.name not in derived)
    lines = [NOTE, "# Documentation", "", *(f"- [{_title(guide)}]({guide.name})" for guide in guides)]
    lines += ["", "| service | operations | errors | documented | observed | assumed |", "|---|---|---|---|---|---|"]
    for info, service in infos:
        known = [operation.evidence for operation in service.operations.values()]
        counts = " | ".join(str(known.count(evidence)) for evidence in ("documented", "observed", "assumed"))
        lines.append(f"| [{info.title}]({info.name}.md) | {len(known)} | {len(service.errors)} | {counts} |")
    return "\n".join(lines) + "\n"


def _title(guide: Path) -> str:
    """The first heading of a page that is written by hand."""
    return guide.read_text("utf-8").partition("# ")[2].partition("\n")[0].strip()


def page(info: ServiceInfo, service: Service) -> str:
    """One service: how to reach it, its limits, its operations, its errors and how to cause each, its simulations."""
    parts = (_reach(info, service), _operations(service), _errors(service), _simulations(service))
    return "\n".join([NOTE, f"# {info.title}", "", *chain.from_iterable(parts)])


def _reach(info: ServiceInfo, service: Service) -> Iterator[str]:
    yield f"The vendor's documentation: <{info.docs}>"
    yield ""
    yield f"- Base URL: `http://127.0.0.1:8025/{info.name}`; without the prefix for the hosts " + ", ".join(
        f"`{host}`" for host in info.hosts
    )
    yield "- Ready credentials: " + ", ".join(f"{name} `{value}`" for name, value in info.credentials.items())
    if info.smtp_hosts:
        user, password = info.smtp_login
        yield f"- [Mail by SMTP](smtp.md): user name `{user}`, password `{password}`"
    yield f"- Limits on every operation unless it says otherwise: {_limits(service.limits)}"
    yield ""


def _operations(service: Service) -> Iterator[str]:
    yield "## Operations"
    yield ""
    operations = list(service.operations.values())
    for group, members in groupby(operations, key=lambda operation: operation.group):
        yield f"### {group}"
        yield ""
        yield "| operation | what it does | evidence | its own errors |"
        yield "|---|---|---|---|"
        for operation in members:
            yield _operation_row(operation)
        yield ""


def _operation_row(operation: Operation) -> str:
    errors = ", ".join(f"`{error.name}`" for error in operation.errors)
    summary = operation.summary
    if operation.limits:
        summary += f". Limits: {_limits(operation.limits)}"
    return f"| `{operation.method} {operation.path}` | {_cell(summary)} | {operation.evidence} | {errors} |"


def _errors(service: Service) -> Iterator[str]:
    yield "## Errors"
    yield ""
    common = service.envelope.common_errors()
    yield "Any operation may answer with the errors marked \\*."
    yield ""
    yield "| name | status | code | message | how to cause it | evidence |"
    yield "|---|---|---|---|---|---|"
    for error in sorted(service.errors, key=lambda error: (error.status, str(error.code or ""), error.name)):
        yield _error_row(error, common)
    yield ""


def _error_row(error: Error, common: Iterable[Error]) -> str:
    star = " \\*" if error in common else ""
    code = "" if error.code is None else f"`{error.code}`"
    message = error.message if error.description is None else f"{error.message}: {error.description}"
    cells = [f"`{error.name}`{star}", str(error.status), code, _cell(message), _cell(error.cause), error.evidence]
    return f"| {' | '.join(cells)} |"


def _simulations(service: Service) -> Iterator[str]:
    if not service.all_simulations:
        return
    yield "## Simulations"
    yield ""
    yield "What happens without a call of the API, the control API brings about:"
    yield f"`POST /_mock/services/{service.name}/simulations/<name>?account=<credential>`."
    yield ""
    yield "| name | what happens |"
    yield "|---|---|"
    for simulation in service.all_simulations:
        yield f"| `{simulation.path.strip('/')}` | {_cell(simulation.summary)} |"
    yield ""


def _limits(limits: Iterable[Limit]) -> str:
    return "; ".join(map(_limit, limits)) or "none"


def _limit(limit: Limit) -> str:
    known = "" if limit.evidence == "documented" else f", {limit.evidence}"
    return f"{limit} (`{limit.name}`{known})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def main() -> int:
    """Writes the pages; with ``--check`` only says which are not current."""
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    if "--check" in sys.argv and stale:
        sys.stderr.write(f"not current, run `make docs`: {', '.join(stale)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
