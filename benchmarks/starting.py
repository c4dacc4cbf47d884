"""From the start of a process to its first response: time, memory, and the imports that take longest.

Bytecode is cached and there are certificates already, as on all starts but the first. CPU time is that of the
process, all threads together.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

from benchmarks.imports import imports
from benchmarks.processes import Server, call, free_port
from benchmarks.requests import HEALTH, KEY, SEND, SEND_SMS, TOKEN, HttpRequest
from benchmarks.rows import Row, ratio
from sparkbox import services
from sparkbox.server.certificates import Authority

TEMPLATES = HttpRequest("/sparkpost/api/v1/templates", KEY)
SERVICES = HttpRequest("/_mock/services", {})
FIRST_REQUESTS = {
    "a template list of SparkPost": TEMPLATES,
    "a transmission": SEND,
    "SendPulse's first token": TOKEN,
    "an engageSPARK SMS": SEND_SMS,
    "Sendspark's workspaces": HttpRequest(
        "/sendspark/v1/workspaces", {"x-api-key": "mock-sendspark-key", "x-api-secret": "mock-sendspark-secret"}
    ),
    "Sparked's creator": HttpRequest("/sparked/api/v1/creators/cr_mock", {"authorization": "Bearer mock-sparked-id"}),
    "the list of services": SERVICES,
    "an OpenAPI document": HttpRequest("/_mock/services/sparkpost/openapi", {}),
}
"""What loads parts of the sandbox, in this order."""

COMMAND = (sys.executable, "-m", "sparkbox")
YARDSTICK = (sys.executable, "-c", "import uvicorn, starlette")
MOST_LISTED = 10
MOST_SECONDS = 30.0


class Start(NamedTuple):
    """The seconds until the first response, the CPU seconds, the memory after it, and what was written on stderr."""

    seconds: float
    cpu: float
    mib: float
    report: str


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of the server's start, of ``sparkbox --help`` and of single imports."""
    rounds = 2 if quick else 7
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "SPARKBOX_HOME": home, "PYTHONPYCACHEPREFIX": f"{home}/bytecode"}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for request in (TEMPLATES, SERVICES):
            start(request, environ)
        Authority(Path(home), (*services.hosts(), *services.smtp_hosts())).prepare()
        yield from _starts("", TEMPLATES, environ, rounds, most=0.35)
        yield from _starts(", the health", HEALTH, environ, rounds, most=0.35)
        everything = [start(SERVICES, environ) for _ in range(rounds)]
        yield Row("start with the imports of all services, CPU time", tuple(each.cpu for each in everything), "s")
        for option in ("--help", "--version"):
            taken = [_run((*COMMAND, option), environ).seconds for _ in range(rounds)]
            yield Row(f"sparkbox {option}", tuple(taken), "s", most=0.1)
        yield from _imports(environ, rounds)
        yield from _holds(environ, rounds)


def start(request: HttpRequest, environ: Mapping[str, str], *options: str, python: str = sys.executable) -> Start:
    """Start a sandbox, wait for its response to a request, and end it."""
    port = free_port()
    ports = [word for name in ("tls", "proxy", "smtp", "smtps") for word in (f"--{name}-port", "0")]
    command = [python, *options, "-m", "sparkbox", "serve", "--port", str(port), *ports]
    used, began = _cpu_of_children(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as report:
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=report) as started:
            try:
                _wait_for_response(port, request)
                seconds = time.perf_counter() - began
                mib = Server(port, started.pid).resident_mib()
            finally:
                started.kill()
        report.seek(0)
        return Start(seconds, _cpu_of_children() - used, mib, report.read())


def _starts(what: str, request: HttpRequest, environ: Mapping[str, str], rounds: int, most: float) -> Iterator[Row]:
    starts, yardstick = [], []
    for _ in range(rounds):
        starts.append(start(request, environ))
        yardstick.append(_run(YARDSTICK, environ).cpu)
    cpu = [each.cpu for each in starts]
    note = "of importing uvicorn and Starlette"
    yield Row(f"cold start to the first response{what}", tuple(each.seconds for each in starts), "s", most=most)
    yield Row(f"cold start{what or ', a template list'}, CPU time", tuple(cpu), "s", most=most)
    yield ratio(f"cold start{what or ', a template list'}, by CPU time", cpu, yardstick, note=note)
    yield Row(f"memory after the first response{what}", tuple(each.mib for each in starts), "MiB", most=60.0)


def _imports(environ: Mapping[str, str], rounds: int) -> Iterator[Row]:
    """Yield the modules whose own code took longest until the first response."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for module, milliseconds in imports(start(TEMPLATES, environ, "-X", "importtime").report):
            found[module].append(milliseconds)
    for module in sorted(found, key=lambda module: -statistics.median(found[module]))[:MOST_LISTED]:
        yield Row(f"importing {module}", tuple(found[module]), "ms")


def _holds(environ: Mapping[str, str], rounds: int) -> Iterator[Row]:
    """Yield for how long the first requests to a part of the sandbox hold the event loop."""
    command = (sys.executable, "-m", "benchmarks.servers.ticking")
    requests = json.dumps([asdict(request) for request in FIRST_REQUESTS.values()])
    _, *runs = (  # the first one writes the bytecode
        subprocess.run(command, env=environ, input=requests, stdout=subprocess.PIPE, text=True, check=True)
        for _ in range(rounds + 1)
    )
    for name, *holds in zip(FIRST_REQUESTS, *(run.stdout.splitlines() for run in runs), strict=True):
        yield Row(f"longest hold: {name}", tuple(map(float, holds)), "ms", most=50.0)


class _Ran(NamedTuple):
    seconds: float
    cpu: float


def _run(command: tuple[str, ...], environ: Mapping[str, str]) -> _Ran:
    used, began = _cpu_of_children(), time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return _Ran(time.perf_counter() - began, _cpu_of_children() - used)


def _wait_for_response(port: int, request: HttpRequest) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        with suppress(URLError):
            call(port, request)
            return
        time.sleep(0.002)
    raise TimeoutError("the sandbox does not respond")


def _cpu_of_children() -> float:
    """Return the CPU seconds of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
