"""Write the tables of ``docs/speed.md`` and of the README: ``python -m benchmarks.report FILE``."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import results
from benchmarks.growth import FLAT
from benchmarks.rows import Row

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/speed.md"
README = ROOT / "README.md"

TITLES = {
    "throughput": "HTTP, of a bare Starlette application",
    "mail": "Mail by SMTP, of aiosmtpd's sink",
    "endurance": "200,000 transmissions",
    "million": "A million transmissions",
    "starting": "Start",
    "worlds": "Worlds in tests",
    "holds": "Longest holds of the event loop",
    "growth": "Growth",
    "workers": "Several workers",
    "peers": "Other servers",
}
"""The measurements in the order of the page."""

HIDDEN = {"growth": "they cost the same at each size", "starting": "the imports that cost most"}
"""What the tables of the page leave out."""

SHORT = {
    "GET a stored template": "`GET` of a stored template, of bare Starlette",
    "POST a transmission": "`POST` of a transmission, of bare Starlette",
    "POST SendPulse's /smtp/emails": "`POST` of a mail to SendPulse, of bare Starlette",
    "POST an engageSPARK SMS": "`POST` of an SMS to engageSPARK, of bare Starlette",
    "SMTP, 8 kept connections": "mail by SMTP on eight connections, of aiosmtpd's sink",
    "GET, of WireMock": "`GET` of a stored template, of WireMock",
    "POST, of WireMock": "`POST` of a transmission, of WireMock",
    "POST, of moto": "`POST` of a transmission, of moto's SES",
    "200,000 transmissions: p99 / p50": "p99 to p50 over 200,000 transmissions",
    "200,000 transmissions: memory after them": "memory after them",
    "cold start to the first response": "cold start to the first response",
    "memory after the first response": "memory after it",
}
"""The rows of the README's table, and what they are called there."""


def main() -> None:
    """Replace the tables between the marks of both pages."""
    machine, measurements = results.read(Path(sys.argv[1]))
    for path, mark, lines in (
        (PAGE, "figures", page(machine, measurements)),
        (README, "speed", short(row for rows in measurements.values() for row in rows)),
    ):
        path.write_text(between(path.read_text("utf-8"), mark, lines), "utf-8")


def between(text: str, mark: str, lines: Iterable[str]) -> str:
    """Return a text with ``lines`` in the place of what is between its marks."""
    pattern = re.compile(rf"(<!-- {mark}: .*? -->\n).*?(<!-- end of {mark} -->)", re.DOTALL)
    if not pattern.search(text):
        raise LookupError(f"the text has no marks of {mark}")
    body = "\n".join(lines)
    return pattern.sub(lambda found: f"{found[1]}\n{body}\n\n{found[2]}", text)


def page(machine: dict[str, str], measurements: dict[str, list[Row]]) -> Iterator[str]:
    """Return the lines of all tables."""
    text = (
        f"Measured on {machine['cores']} cores ({machine['processor']}, {machine['system']}) with Python "
        f"{machine['python']}, Starlette {machine['starlette']}, uvicorn {machine['uvicorn']} and aiosmtpd "
        f"{machine['aiosmtpd']}."
    )
    yield from textwrap.wrap(text, 120)
    for name, title in TITLES.items():
        if name in measurements:
            yield ""
            yield f"## {title}"
            yield ""
            yield from table(shown := _shown(measurements[name]))
            if hidden := len(measurements[name]) - len(shown):
                yield ""
                yield f"The terminal shows {hidden} more: {HIDDEN[name]}."


def _shown(rows: list[Row]) -> list[Row]:
    """Return the rows without those of requests that do not grow, and need not, and of single imports."""
    return [row for row in rows if not (_is_flat(row) or (row.name.startswith("importing ") and row.aim == ""))]


def _is_flat(row: Row) -> bool:
    return row.name.startswith("growth of ") and row.most == FLAT and row.met is True


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Return a table of rows with their ranges, aims and notes."""
    yield "| | median | range | aim | | note |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        verdict = {None: "", True: "met", False: "missed"}[row.met]
        yield f"| {row.name} | {row.figure} | {row.range} | {row.aim} | {verdict} | {row.note} |"


def short(rows: Iterable[Row]) -> Iterator[str]:
    """Return the README's table."""
    found = {row.name: row for row in rows}
    yield "| | median | range |"
    yield "|---|---|---|"
    for name, title in SHORT.items():
        if name in found:
            yield f"| {title} | {found[name].figure} | {found[name].range} |"


if __name__ == "__main__":
    main()
