"""Other mock servers, measured in turn with the sandbox. Those that cannot be installed here are named as missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from benchmarks.load import http, logs, rounds
from benchmarks.peers import bare, json_server, moto, prism, smtp_sink, wiremock
from benchmarks.peers.cache import Missing
from benchmarks.peers.peer import Peer
from benchmarks.processes import Server, call, sandbox
from benchmarks.requests import CREATE, READ, SEND
from benchmarks.rows import Row, ratio

PEERS = (bare.PEER, wiremock.PEER, moto.PEER, prism.PEER, json_server.PEER)


@dataclass
class Rates:
    """Reads and sends a second, round by round."""

    reads: list[float] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)


def measured(quick: bool) -> Iterator[Row]:
    """Yield our rates, as ratios to those of each peer that can be had."""
    count, seconds = (2, 0.3) if quick else (5, 2.0)
    with ExitStack() as stack:
        running = {peer: server for peer in PEERS if (server := _started(peer, stack)) is not None}
        server = stack.enter_context(sandbox("--no-rate-limits"))
        call(server.port, CREATE)
        logs.fill(server.port)
        ours, theirs = Rates(), {peer: Rates() for peer in running}
        for _ in range(count):
            for request, rates in ((READ, ours.reads), (SEND, ours.sends)):
                send = partial(http.send, server.port, request, seconds=seconds)
                rates.append(rounds.ours(server, send).rate)
            for peer, other in running.items():
                if peer.read is not None:
                    theirs[peer].reads.append(http.send(other.port, peer.read, seconds=seconds).rate)
                theirs[peer].sends.append(http.send(other.port, peer.send, seconds=seconds).rate)
    for peer, found in theirs.items():
        for name, our, their, least in (
            ("GET", ours.reads, found.reads, peer.least[0]),
            ("POST", ours.sends, found.sends, peer.least[1]),
        ):
            if their:
                note = f"{median(our):,.0f} a second, {peer.name} {median(their):,.0f}"
                yield ratio(f"{name}, of {peer.name}", our, their, least, note)
    yield from smtp_sink.measured(count, seconds)


def _started(peer: Peer, stack: ExitStack) -> Server | None:
    """Start a peer and warm it up, or say that it is missing."""
    try:
        server = stack.enter_context(peer.start())
    except Missing as missing:
        sys.stderr.write(f"  {peer.name} is missing: {missing}\n")
        return None
    for request in filter(None, (peer.read, peer.send)):
        http.send(server.port, request, requests=peer.warm_up)
    return server
