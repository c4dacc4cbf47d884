"""Fill the sandbox's logs, so that every further item drops an older one, as in a sandbox that runs for long.

The log of deliveries stays empty, since there are no webhooks.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.load import http
from benchmarks.processes import call
from benchmarks.requests import HEALTH, JSON, SEND, HttpRequest, send_to


def fill(port: int) -> None:
    """Send until the logs of messages, requests and events drop items."""
    while not all(_fills(port)[name]["dropped"] for name in ("messages", "events")):
        http.send(port, send_to(1000), requests=10, connections=1)
        settle(port)
    http.send(port, SEND, requests=_fills(port)["requests"]["most"] + 1)
    settle(port)


def settle(port: int) -> None:
    """Let the pending deliveries of what was sent happen now, so that they do not slow what is measured next."""
    call(port, HttpRequest("/_mock/clock", JSON, '{"advance": 10}', "POST"))


def _fills(port: int) -> dict[str, Any]:
    fills: dict[str, Any] = json.loads(call(port, HEALTH))["logs"]
    return fills
