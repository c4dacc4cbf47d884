"""The longest time for which a large but legal request holds the others up: ``python -m benchmarks.holds``."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.rows import Row
from sparkbox.app import Application, create_app
from sparkbox.core.request.http import Headers, Request, Response

JSON = (b"content-type", b"application/json")
KEY = [(b"authorization", b"mock-sparkpost-key"), JSON]
CONTROL = [(b"host", b"localhost"), JSON]
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
    """Send large requests to a sandbox; between the steps the collector pauses as it does in a server."""
    gc.collect()
    gc.freeze()
    try:
        app = create_app()
        yield from _sparkpost(app)
        yield from _sendpulse(app)
        yield from _control(app)
    finally:
        gc.unfreeze()


def _sparkpost(app: Application) -> Iterator[Hold]:
    send, lists = "/sparkpost/api/v1/transmissions", "/sparkpost/api/v1/recipient-lists"
    commas = _json([{"address": "a@example.com", "metadata": {"note": "," * 9_000_000}}], CONTENT)
    yield _hold(app, "5 million recipients", "POST", send, b'{"recipients":[' + b"{}," * 5_000_000 + b"{}]}")
    yield _hold(app, "9 million commas in a string", "POST", send, commas)
    yield _hold(app, "200,000 bad recipients", "POST", send, _json([{}] * 200_000, CONTENT))
    yield _hold(app, "100,000 recipients", "POST", send, _json(_people(100_000), CONTENT))
    yield _hold(app, "20 recipients, long loops", "POST", send, _json(_people(20), LOOPS, list(range(250))))
    yield _hold(app, "300,000 rows in a list", "POST", lists, _json(_people(300_000), None))
    yield _hold(app, "10,000 events a page", "GET", "/sparkpost/api/v1/events/message?per_page=10000")
    poll = "/sparkpost/api/v1/metrics/deliverability?from=2020-01-01T00:00&metrics=count_sent"
    yield _hold(app, "first metrics after 50,000 events", "GET", poll)


def _sendpulse(app: Application) -> Iterator[Hold]:
    ready = {"client_id": "mock-sendpulse-id", "client_secret": "mock-sendpulse-secret"}
    token = _sent(app, "/sendpulse/oauth/access_token", {"grant_type": "client_credentials", **ready})["access_token"]
    headers = [(b"authorization", f"Bearer {token}".encode()), JSON]
    plan = "/_mock/services/sendpulse/simulations/plan?account=mock-sendpulse-id"
    _sent(app, plan, {"category": "enterprise"}, CONTROL)
    book = _sent(app, "/sendpulse/addressbooks", {"bookName": "Many"}, headers)["id"]
    path = f"/sendpulse/addressbooks/{book}/emails"
    emails = json.dumps({"emails": [f"user{number}@example.com" for number in range(99_000)]}).encode()
    yield _hold(app, "99,000 e-mails for a mailing list", "POST", path, emails, headers)
    yield _hold(app, "a page of a mailing list of 99,000", "GET", f"{path}?limit=100&offset=90000", b"", headers)
    form = [(b"authorization", headers[0][1]), (b"content-type", b"application/x-www-form-urlencoded")]
    yield _hold(app, "a field name of 9 MB", "POST", path, b"a" + b"[a]" * 3_000_000 + b"=1", form)


def _control(app: Application) -> Iterator[Hold]:
    yield _hold(app, "search of all messages", "GET", "/_mock/messages?text=nowhere", b"", CONTROL)
    yield _hold(app, "search of all events", "GET", "/_mock/events?type=click", b"", CONTROL)
    for name in SERVICES:
        path = f"/_mock/services/{name}/openapi"
        app.sandbox.service(name)
        yield _hold(app, f"OpenAPI of {name}", "GET", path, b"", CONTROL)
    yield _hold(app, "reset of an account with full logs", "POST", "/_mock/reset?account=mock-sparkpost-key")
    service = app.sandbox.service("sparkpost")
    for number in range(app.sandbox.settings.most_accounts - len(app.sandbox.accounts)):
        account = app.sandbox.accounts.open(f"mock-{number}", "sparkpost")
        if account is not None:
            account.store("sparkpost", service.seed_account)
    yield _hold(app, f"reset of {len(app.sandbox.accounts):,} accounts", "POST", "/_mock/reset", b"", CONTROL)


def _hold(
    app: Application, name: str, method: str, target: str, body: bytes = b"", headers: Headers | None = None
) -> Hold:
    path, _, query = target.partition("?")
    given: Headers = [(b"host", b"localhost"), *(KEY if headers is None else headers)]
    found = app.find(path, given)
    if found is None:
        raise LookupError(path)
    dispatcher, prefix = found
    request = Request(method, path[len(prefix) :], query.encode(), given, body, "127.0.0.1", "http://localhost")
    with app.sandbox.turns.busy():
        began = time.perf_counter()
        response: Response = dispatcher.respond(request)
        held, steps = time.perf_counter() - began, 1
        rest = response.later
        while rest is not None:
            began = time.perf_counter()
            done = rest.step()
            held = max(held, time.perf_counter() - began)
            steps += 1
            if done is not None:
                response, rest = done, None
    return Hold(name, response.status, steps, 1000 * held)


def _sent(app: Application, target: str, body: Any, headers: Headers | None = None) -> Any:
    """Send a request that prepares a measurement, and return its response."""
    path, _, query = target.partition("?")
    given: Headers = [(b"host", b"localhost"), *([JSON] if headers is None else headers)]
    found = app.find(path, given)
    if found is None:
        raise LookupError(path)
    dispatcher, prefix = found
    request = Request("POST", path[len(prefix) :], query.encode(), given, json.dumps(body).encode(), "127.0.0.1")
    response = dispatcher.respond(request)
    if response.later is not None:
        response = response.later.complete() or response
    if response.status >= 400:
        raise RuntimeError(f"{target}: {response.body[:200]!r}")
    return json.loads(response.body)


def _people(count: int) -> list[Any]:
    return [{"address": {"email": f"user{number}@example.com"}} for number in range(count)]


def _json(recipients: list[Any], content: Any, rows: Any = ()) -> bytes:
    body = {"recipients": recipients, "substitution_data": {"rows": list(rows)}}
    return json.dumps(body if content is None else {**body, "content": content}).encode()


if __name__ == "__main__":
    main()
