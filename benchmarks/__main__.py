"""``make bench``: every figure in ``docs/speed.md`` comes from here.

Throughput is a ratio to a bare Starlette application that returns the same bytes. Both are measured in turn in one run,
so that the ratio holds on a noisy machine. Times are medians.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks import holds
from benchmarks.idlers import idlers
from benchmarks.load import Shot
from benchmarks.mail import Hand
from benchmarks.processes import bare, call, fire, free_port, hand_over, resident_mib, sandbox, sink

KEY = {"authorization": "mock-sparkpost-key"}
JSON = {**KEY, "content-type": "application/json"}

TEMPLATE = {
    "id": "welcome",
    "name": "Welcome",
    "published": True,
    "content": {
        "from": {"name": "The Acme team", "email": "team@mail.acme.example"},
        "subject": "Welcome, {{ name }}",
        "text": "Hello {{ name }}, confirm your address: {{ link }}",
        "html": "<p>Hello {{ name }}, <a href='{{ link }}'>confirm your address</a></p>",
    },
}
TRANSMISSION = {
    "campaign_id": "welcome",
    "metadata": {"plan": "free"},
    "substitution_data": {"link": "https://acme.example/confirm/81a0"},
    "recipients": [
        {"address": {"email": "wilma@flintstone.example", "name": "Wilma"}, "substitution_data": {"name": "Wilma"}}
    ],
    "content": TEMPLATE["content"],
}

CREATE = Shot("/sparkpost/api/v1/templates", JSON, json.dumps(TEMPLATE), "POST")
READ = Shot("/sparkpost/api/v1/templates/welcome", KEY)
SEND = Shot("/sparkpost/api/v1/transmissions", JSON, json.dumps(TRANSMISSION), "POST")

LINE = "Hello Wilma, confirm your address: https://acme.example/confirm/81a0\r\n"
MAIL = (
    "From: The Acme team <team@mail.acme.example>\r\nTo: Wilma <wilma@flintstone.example>\r\n"
    "Subject: Welcome, Wilma\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + LINE * 12
)
"""1 kB, as it goes over the wire."""


def main() -> None:
    print("figure                                            measured      aim")
    throughput()
    mail()
    mail_among_idlers()
    many_sends()
    starting()
    worlds()
    longest_holds()


def row(name: str, value: str, aim: str) -> None:
    print(f"{name:48}  {value:12}  {aim}", flush=True)


def throughput(rounds: int = 5, requests: int = 20_000) -> None:
    """Requests a second, ours to the bare application's, 32 connections."""
    with sandbox() as (port, _):
        call(port, CREATE)
        for name, shot, aim in (("GET a stored template", READ, "0.90"), ("POST a transmission", SEND, "0.40")):
            body = call(port, shot)
            path = "/things" if shot.body else "/thing/1"
            yardstick = Shot(path, shot.headers, shot.body, shot.method)
            with bare(body) as (bare_port, _):
                pairs = [
                    (fire(port, shot, requests)["rate"], fire(bare_port, yardstick, requests)["rate"])
                    for _ in range(rounds)
                ]
            ratio = statistics.median(ours / theirs for ours, theirs in pairs)
            rate = statistics.median(ours for ours, _ in pairs)
            row(f"{name}, of a bare Starlette", f"{ratio:.2f}", f">= {aim}   ({rate:,.0f} a second)")


def mail(rounds: int = 7) -> None:
    """Mails a second by SMTP, compared with a bare aiosmtpd sink, 32 connections with a login each."""
    smtp_port = free_port()
    with sandbox(smtp_port=smtp_port), sink() as sink_port:
        for tls in (False, True):
            for kept, mails in ((True, 4000), (False, 500 if tls else 1500)):
                ours = Hand(smtp_port, "SMTP_Injection", "mock-sparkpost-key", MAIL, kept=kept, tls=tls)
                theirs = replace(ours, port=sink_port)
                pairs = [(hand_over(ours, mails), hand_over(theirs, mails)) for _ in range(rounds)]
                ratio = statistics.median(our / their for our, their in pairs)
                rate = statistics.median(our for our, _ in pairs)
                how = f"{'STARTTLS' if tls else 'plain'}, connection {'kept' if kept else 'per message'}"
                row(f"mail by SMTP, {how}, of a sink", f"{ratio:.2f}", f">= 0.60   ({rate:,.0f} a second)")


def mail_among_idlers(rounds: int = 7) -> None:
    """How much 1,000 silent connections and a client that sends byte by byte slow down others."""
    smtp_port = free_port()
    hand = Hand(smtp_port, "SMTP_Injection", "mock-sparkpost-key", MAIL, kept=True, tls=False)
    with sandbox(smtp_port=smtp_port) as (port, _):
        mails, responses = [], []
        for _ in range(rounds):
            alone, alone_by_http = hand_over(hand, 2000), fire(port, SEND, 4000)["rate"]
            with idlers(hand, 1000):
                mails.append(hand_over(hand, 2000) / alone)
                responses.append(fire(port, SEND, 4000)["rate"] / alone_by_http)
        row("mail among 1,000 idle connections, of alone", f"{statistics.median(mails):.2f}", ">= 0.90")
        row("HTTP among 1,000 idle connections, of alone", f"{statistics.median(responses):.2f}", ">= 0.90")


def many_sends(requests: int = 200_000) -> None:
    """Collector pauses and memory over a long run with the default bounds."""
    with sandbox() as (port, pid):
        figures = fire(port, SEND, requests)
        row(f"p99 / p50 over {requests:,} transmissions", f"{figures['p99'] / figures['p50']:.1f}", "< 10")
        row(f"memory after {requests:,} transmissions", f"{resident_mib(pid):.0f} MiB", "< 300 MiB")


def starting() -> None:
    """Time from the start to the first response, and of importing the pytest plugin."""

    began = [_cold_start() for _ in range(5)]
    row("cold start to first response", f"{statistics.median(began):.2f} s", "<= 0.50 s")
    plugin = "sparkbox.testing.pytest_plugin"
    code = f"import pytest, time; t = time.perf_counter(); import {plugin}; print(time.perf_counter() - t)"
    took = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(5)
    ]
    row("importing the pytest plugin", f"{statistics.median(took) * 1000:.1f} ms", "<= 30 ms")


def worlds() -> None:
    """Cost of a test's own world, on one server for the session."""
    import httpx

    from sparkbox import Sparkbox

    with Sparkbox() as server, httpx.Client() as client:

        def fixture() -> None:
            server.world().drop()

        def send(world: object, count: int) -> None:
            for _ in range(count):
                client.post(
                    f"{server.url}/sparkpost/api/v1/transmissions",
                    headers={**JSON, "authorization": "mock-bench"},
                    content=bulk,
                ).raise_for_status()

        recipients = [{"address": f"person{n}@flintstone.example"} for n in range(1000)]
        bulk = json.dumps({**TRANSMISSION, "recipients": recipients})
        fixture()
        row("a fresh world", _milliseconds(lambda: server.world().messages), "<= 1 ms")
        row("set-up and tear-down of the fixture", _milliseconds(fixture), "<= 1 ms")
        resets = []
        world = server.world("mock-bench")
        for _ in range(5):
            send(world, 10)
            assert len(world.messages) == 10_000
            resets.append(_elapsed(world.reset))
        row("reset of a world with 10,000 messages", f"{statistics.median(resets) * 1000:.2f} ms", "<= 5 ms")


def longest_holds(rounds: int = 3) -> None:
    """Longest time for which one request holds the event loop; the best of a few rounds."""
    found: dict[str, float] = {}
    for _ in range(rounds):
        for hold in holds.measured():
            found[hold.name] = min(hold.milliseconds, found.get(hold.name, hold.milliseconds))
    for name, milliseconds in sorted(found.items(), key=lambda one: -one[1])[:5]:
        row(f"held up by {name}", f"{milliseconds:.0f} ms", "<= 50 ms")


def _cold_start() -> float:
    began = time.perf_counter()
    with sandbox() as (port, _):
        call(port, CREATE)
        return time.perf_counter() - began


def _elapsed(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def _milliseconds(function: Callable[[], object], times: int = 200) -> str:
    return f"{statistics.median(_elapsed(function) for _ in range(times)) * 1000:.2f} ms"


if __name__ == "__main__":
    main()
