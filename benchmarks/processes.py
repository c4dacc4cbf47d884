"""Servers as processes of their own, on the first core, and what the operating system knows of them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import pin_to_first_core
from benchmarks.requests import HttpRequest


class Server(NamedTuple):
    """A server that runs: its HTTP port and its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far by the process, its threads and its children."""
        tasks = Path(f"/proc/{self.pid}/task")
        children = [int(child) for task in tasks.iterdir() for child in (task / "children").read_text("utf-8").split()]
        return _cpu_seconds(self.pid) + sum(Server(self.port, child).cpu_seconds() for child in children)

    def resident_mib(self) -> float:
        """Return the memory that the process holds now."""
        lines = Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def sandbox(*flags: str, smtp_port: int = 0, pinned: bool = True) -> Iterator[Server]:
    """Run ``sparkbox serve`` as a user does."""
    port = free_port()
    others = [word for name in ("tls", "proxy", "smtps") for word in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "sparkbox", "serve", "--port", str(port), *others]
    command += ["--smtp-port", str(smtp_port), *flags]
    with process(command, pinned=pinned) as started:
        wait_for(port, "/_mock/health")
        yield Server(port, started.pid)


@contextmanager
def bare(body: bytes) -> Iterator[Server]:
    """Run the bare Starlette application, which returns ``body``."""
    port = free_port()
    with process([sys.executable, "-m", "benchmarks.servers.bare", str(port)], body) as started:
        wait_for(port, "/thing/1")
        yield Server(port, started.pid)


@contextmanager
def sink() -> Iterator[Server]:
    """Run aiosmtpd's sink; its port is one for SMTP."""
    port = free_port()
    with process([sys.executable, "-m", "benchmarks.servers.sink", str(port)]) as started:
        wait_for(port)
        yield Server(port, started.pid)


@contextmanager
def process(
    command: Sequence[str], stdin: bytes = b"", *, quiet: bool = False, pinned: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block is left. ``quiet``: discard its warnings; ``pinned``: keep it on the first core."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
        preexec_fn=pin_to_first_core if pinned else None,
    ) as started:
        assert started.stdin is not None
        started.stdin.write(stdin)
        started.stdin.close()
        try:
            yield started
        finally:
            started.terminate()
            started.wait(10)


def wait_for(port: int, path: str | None = None, seconds: float = 20.0) -> None:
    """Wait until a server accepts connections, and responds to a request for ``path`` if one is given."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if path is None:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
            else:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def call(port: int, request: HttpRequest) -> bytes:
    """Send one request and return the body of its response."""
    sent = urllib.request.Request(
        f"http://127.0.0.1:{port}{request.path}",
        data=request.body.encode() if request.body else None,
        headers=request.headers,
        method=request.method,
    )
    body: bytes = urllib.request.urlopen(sent, timeout=30).read()
    return body


def elapsed(function: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began
