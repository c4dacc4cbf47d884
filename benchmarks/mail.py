"""Mail by SMTP, compared with aiosmtpd's own sink, which takes the same logins and discards the mail.

What happens after a mail counts too: a round is over when its deliveries have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from benchmarks import logs
from benchmarks.load import http, smtp
from benchmarks.load.idlers import idlers
from benchmarks.load.smtp import Mailing
from benchmarks.processes import Server, elapsed, free_port, sandbox, sink
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


class Round(NamedTuple):
    """One round of one server: mails a second, and the seconds of CPU that it needed for one."""

    rate: float
    cpu: float


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of each way of sending, then those beside silent connections."""
    rounds, seconds = (2, 0.5) if quick else (5, 2.0)
    port = free_port()
    mailing = Mailing(port, "SMTP_Injection", "mock-sparkpost-key", MAIL)
    with sandbox(smtp_port=port) as server, sink() as other:
        logs.fill(server.port)
        for name, connections, kept, tls, least in WAYS:
            way = replace(mailing, connections=connections, kept=kept, tls=tls)
            yield from _compared(name, way, server, other, least, rounds, seconds)
        yield from _beside_idlers(mailing, server, 50 if quick else 1000, rounds, seconds)


def _compared(
    name: str, way: Mailing, server: Server, other: Server, least: float, rounds: int, seconds: float
) -> Iterator[Row]:
    smtp.send(way, 0.1)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_round(way, server, seconds, lambda: logs.settle(server.port)))
        theirs.append(_round(replace(way, port=other.port), other, seconds, lambda: None))
    rates, costs = [our.rate for our in ours], [our.cpu for our in ours]
    yield ratio(f"SMTP, {name}", rates, [their.rate for their in theirs], least, f"{median(rates):,.0f} a second")
    note = f"{1e6 * median(costs):.0f} µs"
    yield ratio(f"SMTP, {name}: by CPU time", [their.cpu for their in theirs], costs, least, note)


def _round(way: Mailing, server: Server, seconds: float, settle: Callable[[], object]) -> Round:
    before = server.cpu_seconds()
    figures = smtp.send(way, seconds)
    took = figures.mails / figures.rate + elapsed(settle)
    return Round(figures.mails / took, (server.cpu_seconds() - before) / figures.mails)


def _beside_idlers(mailing: Mailing, server: Server, count: int, rounds: int, seconds: float) -> Iterator[Row]:
    """Compare with the rates without silent connections and a client that sends a byte a second."""
    alone: list[float] = []
    beside: list[float] = []
    http_alone: list[float] = []
    http_beside: list[float] = []
    for _ in range(rounds):
        for rates, http_rates in ((alone, http_alone), (beside, http_beside)):
            with idlers(mailing, count) if rates is beside else nullcontext():
                rates.append(smtp.send(mailing, seconds).rate)
                logs.settle(server.port)
                http_rates.append(http.send(server.port, SEND, seconds=seconds).rate)
                logs.settle(server.port)
    yield ratio(f"SMTP beside {count:,} idle connections, of alone", beside, alone, 0.9)
    yield ratio(f"POST beside {count:,} idle connections, of alone", http_beside, http_alone, 0.9)
