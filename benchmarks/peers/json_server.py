"""json-server: a store of JSON in Node that writes all of it down at each change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.peers.cache import folder, from_npm, program
from benchmarks.peers.peer import Peer
from benchmarks.processes import Server, free_port, process, wait_for
from benchmarks.requests import CREATE, SEND, HttpRequest


@contextmanager
def started() -> Iterator[Server]:
    """Run json-server with one template and no transmissions."""
    package = from_npm("json-server", "0.17")
    database = folder("json-server") / "db.json"
    database.write_text(json.dumps({"templates": [json.loads(CREATE.body)], "transmissions": []}), "utf-8")
    port = free_port()
    command = [program("node"), str(package / "lib/cli/bin.js"), "--quiet", "--port", str(port), str(database)]
    with process(command, quiet=True) as running:
        wait_for(port, "/templates/welcome")
        yield Server(port, running.pid)


PEER = Peer(
    "json-server",
    started,
    read=HttpRequest("/templates/welcome", {}),
    send=HttpRequest("/transmissions", SEND.headers, SEND.body, "POST"),
)
