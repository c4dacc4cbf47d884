"""The bare Starlette application."""

from __future__ import annotations

import json

from benchmarks.peers.peer import Peer
from benchmarks.processes import bare
from benchmarks.requests import CREATE, SEND, HttpRequest

PEER = Peer(
    "bare Starlette",
    lambda: bare(json.dumps(json.loads(CREATE.body)).encode()),
    read=HttpRequest("/thing/1", {}),
    send=HttpRequest("/things", SEND.headers, SEND.body, "POST"),
    least=(0.8, 0.4),
)
