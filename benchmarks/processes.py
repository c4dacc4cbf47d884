"""Servers as processes of their own, pinned to one core, and what the operating system measures of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.load import Shot
from benchmarks.mail import Hand


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def sandbox(*flags: str, smtp_port: int = 0) -> Iterator[tuple[int, int]]:
    """Run ``sparkbox serve`` as a user does; yield its port and process id."""
    port = free_port()
    others = [word for name in ("tls", "proxy", "smtps") for word in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "sparkbox", "serve", "--port", str(port), *others]
    command += ["--smtp-port", str(smtp_port)]
    with _process([*command, *flags]) as process:
        _wait(port, "/_mock/health")
        yield port, process.pid


@contextmanager
def bare(body: bytes) -> Iterator[tuple[int, int]]:
    """Run the yardstick, which returns ``body``."""
    port = free_port()
    with _process([sys.executable, "-m", "benchmarks.bare", str(port)], body) as process:
        _wait(port, "/thing/1")
        yield port, process.pid


@contextmanager
def sink() -> Iterator[int]:
    """Run the yardstick for mail; yield its port."""
    port = free_port()
    with _process([sys.executable, "-m", "benchmarks.sink", str(port)]):
        _wait_for_port(port)
        yield port


@contextmanager
def _process(command: list[str], stdin: bytes = b"") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        preexec_fn=_first_core,
    )
    assert process.stdin is not None
    process.stdin.write(stdin)
    process.stdin.close()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _first_core() -> None:
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, {min(cores)})


def _wait(port: int, path: str) -> None:
    _repeat(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read())


def _wait_for_port(port: int) -> None:
    _repeat(lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close())


def _repeat(attempt: Callable[[], object]) -> None:
    """Repeat until it succeeds, for a while."""
    deadline = time.monotonic() + 20
    while True:
        try:
            attempt()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def fire(port: int, shot: Shot, requests: int) -> dict[str, float]:
    """Run the load generator in its own process and return its figures."""
    return _generate("benchmarks.load", {"port": port, "shot": asdict(shot), "requests": requests})


def hand_over(hand: Hand, mails: int) -> float:
    """Run the load generator for mail in its own process; return mails a second."""
    return _generate("benchmarks.mail", {"hand": asdict(hand), "mails": mails})["rate"]


def _generate(module: str, job: dict[str, Any]) -> dict[str, float]:
    result = subprocess.run(
        [sys.executable, "-m", module], input=json.dumps(job).encode(), stdout=subprocess.PIPE, check=True
    )
    figures: dict[str, float] = json.loads(result.stdout)
    return figures


def call(port: int, shot: Shot) -> bytes:
    """Send one request and return the body of its response."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{shot.path}",
        data=shot.body.encode() if shot.body else None,
        headers=shot.headers,
        method=shot.method,
    )
    body: bytes = urllib.request.urlopen(request, timeout=10).read()
    return body


def resident_mib(pid: int) -> float:
    """The memory that a process holds now."""
    with open(f"/proc/{pid}/status") as status:
        kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return kib / 1024
