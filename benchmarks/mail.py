"""Mail by SMTP, compared with aiosmtpd's own sink, which takes the same logins and discards the mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from statistics import median

from benchmarks.load import http, logs, rounds, smtp
from benchmarks.load.idlers import idlers
from benchmarks.load.smtp import Mailing
from benchmarks.processes import Server, free_port, sandbox, sink
from benchmarks.requests import SEND
from benchmarks.rows import Row, ratio

MAIL = (
    "From: The Acme team <team@mail.acme.example>\r\nTo: Wilma <wilma@flintstone.example>\r\n"
    "Subject: Welcome, Wilma\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Hello Wilma, confirm your address: https://acme.example/confirm/81a0\r\n"
    * 12
)
"""1 kB, as it goes over the wire."""

WAYS = (
    ("8 kept connections", 8, True, False, 2.0),
    ("32 kept connections", 32, True, False, 2.0),
    ("32 kept connections, STARTTLS", 32, True, True, 1.0),
    ("a connection for each mail", 32, False, False, 1.0),
    ("a connection for each mail, STARTTLS", 32, False, True, 0.6),
)


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of each way of sending, then those beside silent connections."""
    count, seconds = (2, 0.5) if quick else (5, 1.5)
    port = free_port()
    mailing = Mailing(port, "SMTP_Injection", "mock-sparkpost-key", MAIL)
    with sandbox(smtp_port=port) as server, sink() as other:
        logs.fill(server.port)
        for name, connections, kept, tls, least in WAYS:
            way = replace(mailing, connections=connections, kept=kept, tls=tls)
            yield from _compared(name, way, server, other, least, count, seconds)
        yield from _beside_idlers(mailing, server, 50 if quick else 1000, count, seconds)


def _compared(
    name: str, way: Mailing, server: Server, other: Server, least: float, count: int, seconds: float
) -> Iterator[Row]:
    smtp.send(way, 0.1)
    ours, theirs = [], []
    for _ in range(count):
        ours.append(rounds.ours(server, partial(smtp.send, way, seconds)))
        theirs.append(rounds.theirs(other, partial(smtp.send, replace(way, port=other.port), seconds)))
    rates, costs = [our.rate for our in ours], [our.cpu for our in ours]
    yield ratio(f"SMTP, {name}", rates, [their.rate for their in theirs], least, f"{median(rates):,.0f} a second")
    note = f"{1e6 * median(costs):.0f} µs"
    yield ratio(f"SMTP, {name}: by CPU time", [their.cpu for their in theirs], costs, least, note)


def _beside_idlers(mailing: Mailing, server: Server, idle: int, count: int, seconds: float) -> Iterator[Row]:
    """Compare with the rates without silent connections and a client that sends a byte a second."""
    alone: list[float] = []
    beside: list[float] = []
    http_alone: list[float] = []
    http_beside: list[float] = []
    for _ in range(count):
        for rates, http_rates in ((alone, http_alone), (beside, http_beside)):
            with idlers(mailing, idle) if rates is beside else nullcontext():
                rates.append(smtp.send(mailing, seconds).rate)
                logs.settle(server.port)
                http_rates.append(http.send(server.port, SEND, seconds=seconds).rate)
                logs.settle(server.port)
    yield ratio(f"SMTP beside {idle:,} idle connections, of alone", beside, alone, 0.9)
    yield ratio(f"POST beside {idle:,} idle connections, of alone", http_beside, http_alone, 0.9)
