"""The longest time for which a large but legal request holds the others up: ``python -m benchmarks.holds``."""

from __future__ import annotations

import json
import time
from typing import Any

from mockserver.app import create_app
from mockserver.core.http import Answer, Request

KEY = [(b"authorization", b"mock-sparkpost-key"), (b"content-type", b"application/json")]
CONTENT = {"from": "shop@acme.example", "subject": "Hi", "text": "Hello"}
LOOPS = {**CONTENT, "text": "{{each rows}}{{each rows}}{{loop_index}}{{end}}{{end}}"}


def main() -> None:
    dispatcher = create_app().dispatcher("sparkpost")

    def measure(name: str, method: str, path: str, body: bytes = b"") -> None:
        target, _, query = path.partition("?")
        request = Request(method, target, query.encode(), KEY, body)
        held, began = 0.0, time.perf_counter()
        answer: Answer = dispatcher.respond(request)
        held = time.perf_counter() - began
        rest, steps = answer.later, 1
        while rest is not None:
            began = time.perf_counter()
            done = rest.step()
            held = max(held, time.perf_counter() - began)
            steps += 1
            if done is not None:
                answer, rest = done, None
        print(f"{name:<40}{answer.status:>5}{steps:>7} steps{1000 * held:>9.1f} ms")

    send = "/api/v1/transmissions"
    measure("5 million recipients", "POST", send, b'{"recipients":[' + b"{}," * 5_000_000 + b"{}]}")
    measure("200,000 bad recipients", "POST", send, _json([{}] * 200_000, CONTENT))
    measure("100,000 recipients", "POST", send, _json(_people(100_000), CONTENT))
    measure("20 recipients, long loops", "POST", send, _json(_people(20), LOOPS, list(range(250))))
    measure("300,000 rows in a list", "POST", "/api/v1/recipient-lists", _json(_people(300_000), None))
    measure("10,000 events a page", "GET", "/api/v1/events/message?per_page=10000")
    poll = "/api/v1/metrics/deliverability?from=2020-01-01T00:00&metrics=count_sent"
    measure("first metrics after 50,000 events", "GET", poll)


def _people(count: int) -> list[Any]:
    return [{"address": {"email": f"user{number}@example.com"}} for number in range(count)]


def _json(recipients: list[Any], content: Any, rows: Any = ()) -> bytes:
    body = {"recipients": recipients, "substitution_data": {"rows": list(rows)}}
    return json.dumps(body if content is None else {**body, "content": content}).encode()


if __name__ == "__main__":
    main()
