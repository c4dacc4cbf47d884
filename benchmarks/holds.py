"""The longest time for which a large but legal request holds the others up: ``python -m benchmarks.holds``.

It is measured as CPU time of its longest step, see :mod:`.inprocess`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.growth.inprocess import CONTROL, SPARKPOST, InProcess, settled
from benchmarks.rows import Row
from sparkbox.core.request.http import Headers
from sparkbox.core.state.config import Settings

CONTENT = {"from": "shop@acme.example", "subject": "Hi", "text": "Hello"}
LOOPS = {**CONTENT, "text": "{{each rows}}{{each rows}}{{loop_index}}{{end}}{{end}}"}
SERVICES = ("sendspark", "sparked", "engagespark", "sendpulse", "sparkpost")
ACCOUNTS = 10_000


class Hold(NamedTuple):
    """One request, and the longest of its steps."""

    name: str
    status: int
    steps: int
    milliseconds: float


SHOWN = 5


def main() -> None:
    for hold in holds():
        print(f"{hold.name:<40}{hold.status:>5}{hold.steps:>7} steps{hold.milliseconds:>9.1f} ms")


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of the longest."""
    found: dict[str, list[float]] = {}
    for _ in range(1 if quick else 3):
        for hold in holds():
            found.setdefault(hold.name, []).append(hold.milliseconds)
    rows = [Row(f"held up by {name}", tuple(values), "ms", most=50.0) for name, values in found.items()]
    yield from sorted(rows, key=lambda row: -row.median)[:SHOWN]


def holds() -> Iterator[Hold]:
    """Send large requests to a sandbox."""
    sandbox = InProcess(Settings(rate_limits=False))
    sandbox.load()
    with settled():
        yield from _sparkpost(sandbox)
        yield from _sendpulse(sandbox)
        yield from _control(sandbox)


def _sparkpost(sandbox: InProcess) -> Iterator[Hold]:
    send, lists = "/sparkpost/api/v1/transmissions", "/sparkpost/api/v1/recipient-lists"
    commas = _json([{"address": "a@example.com", "metadata": {"note": "," * 9_000_000}}], CONTENT)
    yield _hold(sandbox, "5 million recipients", "POST", send, b'{"recipients":[' + b"{}," * 5_000_000 + b"{}]}")
    yield _hold(sandbox, "9 million commas in a string", "POST", send, commas)
    yield _hold(sandbox, "200,000 bad recipients", "POST", send, _json([{}] * 200_000, CONTENT))
    yield _hold(sandbox, "100,000 recipients", "POST", send, _json(_people(100_000), CONTENT))
    yield _hold(sandbox, "20 recipients, long loops", "POST", send, _json(_people(20), LOOPS, list(range(250))))
    yield _hold(sandbox, "300,000 rows in a list", "POST", lists, _json(_people(300_000), None))
    mail = "Subject: Hi\r\nFrom: shop@acme.example\r\n\r\n" + "A line of the text.\r\n" * 850_000
    yield _hold(sandbox, "a mail of 18 MB", "POST", send, _json(_people(1), {"email_rfc822": mail}))
    file = {"name": "a.pdf", "type": "application/pdf", "data": "A" * 18_000_000}
    yield _hold(sandbox, "an attachment of 13 MB", "POST", send, _json(_people(1), {**CONTENT, "attachments": [file]}))
    rows = [{"recipient": f"user{number}@example.com", "type": "transactional"} for number in range(10_000)]
    suppressions = json.dumps({"recipients": rows}).encode()
    yield _hold(sandbox, "10,000 suppressions", "PUT", "/sparkpost/api/v1/suppression-list", suppressions)
    yield _hold(sandbox, "10,000 events a page", "GET", "/sparkpost/api/v1/events/message?per_page=10000")
    poll = "/sparkpost/api/v1/metrics/deliverability?from=2020-01-01T00:00&metrics=count_sent"
    yield _hold(sandbox, "first metrics after 50,000 events", "GET", poll)


def _sendpulse(sandbox: InProcess) -> Iterator[Hold]:
    headers = sandbox.sendpulse()
    book = sandbox.send("POST", "/sendpulse/addressbooks", {"bookName": "Many"}, headers)["id"]
    path = f"/sendpulse/addressbooks/{book}/emails"
    emails = json.dumps({"emails": [f"user{number}@example.com" for number in range(99_000)]}).encode()
    yield _hold(sandbox, "99,000 e-mails for a mailing list", "POST", path, emails, headers)
    yield _hold(sandbox, "a page of a mailing list of 99,000", "GET", f"{path}?limit=100&offset=90000", b"", headers)
    yield _hold(sandbox, "deletion of a mailing list of 99,000", "DELETE", path.removesuffix("/emails"), b"", headers)
    form = [(b"authorization", headers[0][1]), (b"content-type", b"application/x-www-form-urlencoded")]
    yield _hold(sandbox, "a field name of 9 MB", "POST", path, b"a" + b"[a]" * 3_000_000 + b"=1", form)


def _control(sandbox: InProcess) -> Iterator[Hold]:
    yield _hold(sandbox, "search of all messages", "GET", "/_mock/messages?text=nowhere", b"", CONTROL)
    yield _hold(sandbox, "search of all events", "GET", "/_mock/events?type=click", b"", CONTROL)
    for name in SERVICES:
        path = f"/_mock/services/{name}/openapi"
        yield _hold(sandbox, f"OpenAPI of {name}", "GET", path, b"", CONTROL)
    yield _hold(
        sandbox, "reset of an account with full logs", "POST", "/_mock/reset?account=mock-sparkpost-key", b"", CONTROL
    )
    path = "/sparkpost/api/v1/templates"
    for number in range(ACCOUNTS):
        sandbox.measure("GET", path, headers=[(b"authorization", f"mock-{number}".encode())])
    yield _hold(sandbox, f"reset of {ACCOUNTS:,} accounts", "POST", "/_mock/reset", b"", CONTROL)


def _hold(
    sandbox: InProcess, name: str, method: str, target: str, body: bytes = b"", headers: Headers = SPARKPOST
) -> Hold:
    cost = sandbox.measure(method, target, body, headers)
    return Hold(name, cost.status, cost.steps, cost.longest)


def _people(count: int) -> list[Any]:
    return [{"address": {"email": f"user{number}@example.com"}} for number in range(count)]


def _json(recipients: list[Any], content: Any, rows: Any = ()) -> bytes:
    body = {"recipients": recipients, "substitution_data": {"rows": list(rows)}}
    return json.dumps(body if content is None else {**body, "content": content}).encode()


if __name__ == "__main__":
    main()
