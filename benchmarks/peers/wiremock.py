"""WireMock: canned responses in Java, https://wiremock.org. Without its journal, and after its compiler had time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.peers.cache import Missing, folder, from_npm, program
from benchmarks.peers.peer import Peer
from benchmarks.peers.prism import SENT
from benchmarks.processes import Server, free_port, process, wait_for
from benchmarks.requests import CREATE, SEND, HttpRequest

TUNED = (
    "--no-request-journal",
    "--disable-request-logging",
    "--disable-banner",
    "--disable-gzip",
    "--async-response-enabled=true",
    "--jetty-acceptor-threads=1",
    "--container-threads=32",
)


def _mapping(method: str, path: str, body: Any) -> dict[str, Any]:
    response = {"status": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
    return {"request": {"method": method, "urlPath": path}, "response": response}


@contextmanager
def started() -> Iterator[Server]:
    """Run WireMock with two canned responses."""
    java, package = program("java"), from_npm("wiremock", "3")
    jar = next(package.glob("build/wiremock-standalone-*.jar"), None)
    if jar is None:
        raise Missing("the package wiremock has no jar")
    root = folder("wiremock")
    (root / "mappings").mkdir(exist_ok=True)
    mappings = [
        _mapping("GET", "/templates/welcome", {"results": json.loads(CREATE.body)}),
        _mapping("POST", "/transmissions", SENT),
    ]
    (root / "mappings/all.json").write_text(json.dumps({"mappings": mappings}), "utf-8")
    port = free_port()
    command = [java, "-jar", str(jar), "--port", str(port), "--root-dir", str(root), *TUNED]
    with process(command, quiet=True) as running:
        wait_for(port, "/templates/welcome", 60)
        yield Server(port, running.pid)


PEER = Peer(
    "WireMock",
    started,
    read=HttpRequest("/templates/welcome", {}),
    send=HttpRequest("/transmissions", SEND.headers, SEND.body, "POST"),
    warm_up=50_000,
    least=(1.0, 0.6),
)
