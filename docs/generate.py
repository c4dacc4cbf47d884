"""Write the pages that are derived from the declarations: ``make docs``. A test checks that they are current.

``docs/<service>.md`` is a service's index, ``docs/<service>/<section>.md`` has a section's operations, and
``docs/<service>/errors.md`` every error with how to cause it.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import get_args

from sparkbox import services
from sparkbox.core.declare.errors import Error, Evidence
from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.service import Service

HERE = Path(__file__).parent
NOTE = "<!-- Derived from the declarations by `make docs`; changes belong there. -->"
WIDTH = 120

_ROLE = re.compile(r":[a-z]+:`[~.]?([^`<]*?)(?: <[^>]*>)?`")


@dataclass(frozen=True)
class Chapter:
    """A section of a service, on a page of its own."""

    name: str
    title: str
    operations: tuple[Operation, ...]

    @property
    def vendors(self) -> list[Operation]:
        """The operations that are the vendor's."""
        return [operation for operation in self.operations if not operation.own]


def pages() -> dict[str, str]:
    """Return every derived page by its path in this folder."""
    loaded = [(info, services.load(info.name)) for info in services.SERVICES]
    found = {"README.md": contents(loaded)}
    for info, service in loaded:
        chapters = chapters_of(service)
        found[f"{info.name}.md"] = index(info, service, chapters)
        found[f"{info.name}/errors.md"] = errors(info, service, chapters)
        for chapter in chapters:
            found[f"{info.name}/{chapter.name}.md"] = section(info, service, chapter)
    return found


def outdated() -> list[str]:
    """Return the paths of pages that are derived from declarations that are gone."""
    current = pages()
    found = (path.relative_to(HERE).as_posix() for info in services.SERVICES for path in HERE.glob(f"{info.name}/*.md"))
    return sorted(set(found) - set(current))


def chapters_of(service: Service) -> list[Chapter]:
    """Return the sections of a service; where it has declared none, the folders of its pages."""
    found: dict[str, Chapter] = {}
    titles = {name: part.title for name, part in service.parts if name}
    for operation in service.operations.values():
        name = operation.section or operation.handler.__module__.split(".")[3]
        title = titles.get(name) or name.replace("_", " ").capitalize()
        before = found[name].operations if name in found else ()
        found[name] = Chapter(name, title, (*before, operation))
    return list(found.values())


def contents(loaded: list[tuple[ServiceInfo, Service]]) -> str:
    """Return the table of contents."""
    derived = {"README.md", *(f"{info.name}.md" for info, _ in loaded)}
    guides = sorted(path for path in HERE.glob("*.md") if path.name not in derived)
    lines = [NOTE, "# Documentation", "", *(f"- [{_title(guide)}]({guide.name})" for guide in guides), ""]
    rows = []
    for info, service in loaded:
        known = [operation.evidence for operation in service.operations.values() if not operation.own]
        counts = [str(known.count(evidence)) for evidence in get_args(Evidence)]
        rows.append([f"[{info.title}]({info.name}.md)", str(len(known)), str(len(service.all_errors)), *counts])
    lines += _table(["service", "operations", "errors", *get_args(Evidence)], rows)
    return "\n".join(lines) + "\n"


def index(info: ServiceInfo, service: Service, chapters: Sequence[Chapter]) -> str:
    """Return a service's page: how to reach it, its sections, its operations by path, its errors by code."""
    lines = [NOTE, f"# {info.title}", "", *_reach(info, service), "## Sections", ""]
    rows = [[f"[{each.title}]({info.name}/{each.name}.md)", str(len(each.vendors))] for each in chapters]
    lines += [*_table(["section", "operations"], rows), ""]
    lines += [*_simulations(info, service.own_simulations)]
    lines += ["## Operations by path", ""]
    placed = [(operation, chapter) for chapter in chapters for operation in chapter.vendors]
    for operation, chapter in sorted(placed, key=lambda each: (each[0].path, each[0].method)):
        lines += _bullet(f"`{operation.method} {operation.path}`: [{chapter.title}]({info.name}/{chapter.name}.md)")
    lines += ["", "## Errors by code", ""]
    rows = [
        [_code(error), str(error.status), f"[`{error.name}`]({info.name}/errors.md#{error.name})"]
        for error in _sorted(service.all_errors)
    ]
    lines += _table(["code", "status", "error"], rows)
    return "\n".join(lines) + "\n"


def section(info: ServiceInfo, service: Service, chapter: Chapter) -> str:
    """Return a section's page: its operations, with the errors and limits of each, and its simulations."""
    lines = [NOTE, f"# {info.title}: {chapter.title}", ""]
    for groups, families in _grouped(chapter.vendors):
        lines += [f"## {', '.join(groups)}", ""]
        for family in families:
            lines += _operation(family)
    own = [operation for operation in chapter.operations if operation.own]
    if own:
        lines += ["## The sandbox's own", "", "The vendor has these in another form, or does not document them.", ""]
        for operation in own:
            lines += _bullet(f"`{operation.method} {operation.path}`: {_text(operation.summary)}")
        lines.append("")
    simulations = next((part.simulations for name, part in service.parts if name == chapter.name), None)
    lines += _simulations(info, [*(simulations or ())])
    return "\n".join(lines).rstrip("\n") + "\n"


def errors(info: ServiceInfo, service: Service, chapters: Sequence[Chapter]) -> str:
    """Return the page of a service's errors: what each says, and how to cause it."""
    lines = [NOTE, f"# {info.title}: errors", ""]
    common = {error for chapter in chapters for each in chapter.operations for error in _common(service, each)}
    for error in _sorted(service.all_errors):
        code = "" if error.code is None else f", code `{error.code}`"
        lines += [f"## {error.name}", "", f"Status {error.status}{code}. {error.evidence.capitalize()}.", ""]
        message = error.message if error.description is None else f"{error.message}: {error.description}"
        lines += [*_wrapped(_text(message), "> "), "", *_wrapped(_text(error.cause)), ""]
        raising = [each for each in chapters if any(error in operation.errors for operation in each.operations)]
        links = ", ".join(f"[{each.title}]({each.name}.md)" for each in raising)
        if error in common:
            lines += ["Any operation.", ""]
        elif links:
            lines += [*_wrapped(f"Sections: {links}."), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _title(guide: Path) -> str:
    """The first heading of a page that is written by hand."""
    return guide.read_text("utf-8").partition("# ")[2].partition("\n")[0].strip()


def _reach(info: ServiceInfo, service: Service) -> Iterator[str]:
    yield f"The vendor's documentation: <{info.docs}>"
    yield ""
    hosts = ", ".join(f"`{host}`" for host in info.hosts)
    yield from _bullet(f"Base URL: `http://127.0.0.1:8025/{info.name}`; without the prefix for the hosts {hosts}")
    yield from _bullet(
        "Ready credentials: " + ", ".join(f"{name} `{value}`" for name, value in info.credentials.items())
    )
    if info.smtp_hosts:
        user, password = info.smtp_login
        yield from _bullet(f"[Mail by SMTP](smtp.md): user name `{user}`, password `{password}`")
    yield from _bullet(f"Limits on every operation unless it says otherwise: {_limits(service.limits)}")
    yield ""


def _grouped(operations: Iterable[Operation]) -> list[tuple[list[str], list[list[Operation]]]]:
    """Return the operations by page. The pages of a family's rows are one, and so are operations with one handler."""
    found: list[tuple[list[str], list[list[Operation]]]] = []
    for group, members in groupby(operations, key=lambda operation: operation.group):
        page = list(members)
        if found and [each.handler for each in page] == [family[0].handler for family in found[-1][1]]:
            found[-1][0].append(group)
            for family, operation in zip(found[-1][1], page, strict=True):
                family.append(operation)
        else:
            found.append(([group], [[operation] for operation in page]))
    return found


def _operation(family: Sequence[Operation]) -> Iterator[str]:
    operation = family[0]
    summary, _, more = operation.description.partition("\n\n")
    yield f"### {_text(operation.summary)}"
    yield ""
    for each in family:
        line = f"`{each.method} {each.path}` ({each.evidence})"
        yield line if len(family) == 1 else f"- {line}"
    yield ""
    if operation.summary == summary.strip().rstrip("."):
        for paragraph in filter(None, more.split("\n\n")):
            yield from _wrapped(_text(paragraph))
            yield ""
    if operation.limits:
        yield from _bullet(f"Limits: {_limits(operation.limits)}")
    if operation.errors:
        yield from _bullet(
            "Errors: " + ", ".join(f"[`{each.name}`](errors.md#{each.name})" for each in operation.errors)
        )
    if operation.limits or operation.errors:
        yield ""


def _simulations(info: ServiceInfo, simulations: Sequence[Operation]) -> Iterator[str]:
    if not simulations:
        return
    yield "## Simulations"
    yield ""
    yield "What happens without a call of the API, the control API brings about:"
    yield f"`POST /_mock/services/{info.name}/simulations/<name>?account=<credential>`."
    yield ""
    for simulation in simulations:
        yield from _bullet(f"`{simulation.path.strip('/')}`: {_text(simulation.summary)}")
    yield ""


def _common(service: Service, operation: Operation) -> tuple[Error, ...]:
    return service.envelope_of(operation).common_errors()


def _sorted(rows: Iterable[Error]) -> list[Error]:
    return sorted(rows, key=lambda error: (error.status, str(error.code or ""), error.name))


def _code(error: Error) -> str:
    return "" if error.code is None else f"`{error.code}`"


def _limits(limits: Iterable[Limit]) -> str:
    return "; ".join(map(_limit, limits)) or "none"


def _limit(limit: Limit) -> str:
    known = "" if limit.evidence == "documented" else f", {limit.evidence}"
    return f"{limit} (`{limit.name}`{known})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"


def _text(text: str) -> str:
    """Text of a docstring as Markdown."""
    text = _ROLE.sub(r"`\1`", text).replace("``", "`")
    return re.sub(r"<(?=[a-zA-Z/])", "&lt;", " ".join(text.split()))


def _bullet(text: str) -> list[str]:
    return _wrapped(text, "- ", "  ")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def main() -> int:
    """Write the pages; with ``--check`` only say which are not current."""
    check = "--check" in sys.argv
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
    for name in outdated():
        stale.append(name)
        if not check:
            (HERE / name).unlink()
    if check and stale:
        sys.stderr.write(f"not current, run `make docs`: {', '.join(stale)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
