"""Prism: a server in Node that responds with the examples of an OpenAPI document, https://stoplight.io/open-source/prism."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.peers.cache import folder, from_npm, program
from benchmarks.peers.peer import Peer
from benchmarks.processes import Server, free_port, process, wait_for
from benchmarks.requests import CREATE, SEND, HttpRequest


def _operation(example: Any, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"responses": {"200": {"description": "OK", "content": content}}, **more}


TRANSMISSION = {
    "type": "object",
    "required": ["recipients", "content"],
    "properties": {
        "recipients": {"type": "array", "items": {"type": "object", "required": ["address"]}},
        "content": {"type": "object", "required": ["from", "subject"], "properties": {"html": {"type": "string"}}},
        "metadata": {"type": "object"},
    },
}
SENT = {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "11668787484950529"}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Transmissions", "version": "1"},
    "paths": {
        "/templates/welcome": {"get": _operation({"results": json.loads(CREATE.body)})},
        "/transmissions": {
            "post": _operation(SENT, requestBody={"content": {"application/json": {"schema": TRANSMISSION}}})
        },
    },
}


@contextmanager
def started() -> Iterator[Server]:
    """Run Prism with a small document like SparkPost's."""
    package = from_npm("@stoplight/prism-cli", "5")
    document = folder("prism") / "openapi.json"
    document.write_text(json.dumps(DOCUMENT), "utf-8")
    port = free_port()
    command = [program("node"), str(package / "dist/index.js"), "mock", "-p", str(port), "-v", "silent", str(document)]
    with process(command, quiet=True) as running:
        wait_for(port, "/templates/welcome")
        yield Server(port, running.pid)


PEER = Peer(
    "Prism",
    started,
    HttpRequest("/templates/welcome", {}),
    HttpRequest("/transmissions", SEND.headers, SEND.body, "POST"),
)
