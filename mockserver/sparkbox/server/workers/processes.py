"""The processes: a parent that starts the workers, watches them, and ends all of them together."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations

from sparkbox import UserError
from sparkbox.core.state.place import Place

READY = b"."
GRACE_SECONDS = 5.0
"""How long the parent waits for workers that end."""
POLL_SECONDS = 0.05


class WorkersError(UserError):
    """The workers cannot be started, or one of them has ended."""


@dataclass
class WorkerSetup:
    """What one worker is given: its place, and its sockets to the others and to the parent.

    Calls go over ``links``. Connections come in at ``inbox``, and go to other workers by ``outboxes``.
    """

    place: Place
    parent: socket.socket
    inbox: socket.socket
    links: dict[int, socket.socket] = field(default_factory=dict)
    outboxes: dict[int, socket.socket] = field(default_factory=dict)

    def close(self) -> None:
        """Close its sockets, in a process that does not use them."""
        for sock in (self.parent, self.inbox, *self.links.values(), *self.outboxes.values()):
            sock.close()


def run_workers(count: int, work: Callable[[WorkerSetup], None], ready: Callable[[], None]) -> None:
    """Run ``work`` in ``count`` processes until they are told to stop; call ``ready`` once all accept connections.

    SIGINT and SIGTERM end them. If one ends by itself, so do the others, and :class:`WorkersError` is raised.
    """
    if not hasattr(os, "fork"):
        raise WorkersError("several workers need fork, which Windows does not have; leave out --workers")
    setups, ours = _setups(count)
    children = [_start(setup, setups, ours, work) for setup in setups]
    for setup in setups:
        setup.close()
    stopping = _stop_on_signals(children)
    if all(sock.recv(1) == READY for sock in ours):
        ready()
    _, first = os.wait()
    expected = bool(stopping)
    statuses = [first, *_end(children)]
    if not expected:
        # A worker whose link is lost stops in good order, perhaps before the one that failed is seen.
        cause = next((status for status in statuses if status), 0)
        raise WorkersError(f"a worker has ended by itself, {_how(cause)}; the others were stopped")


def _setups(count: int) -> tuple[list[WorkerSetup], list[socket.socket]]:
    """Return the workers' setups, and the parent's ends of its sockets to them."""
    setups: list[WorkerSetup] = []
    ours: list[socket.socket] = []
    ways: list[socket.socket] = []
    for number in range(count):
        our, theirs = socket.socketpair()
        way, inbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.append(our)
        ways.append(way)
        setups.append(WorkerSetup(Place(number, count), theirs, inbox))
    for one, other in combinations(range(count), 2):
        setups[one].links[other], setups[other].links[one] = socket.socketpair()
        setups[one].outboxes[other], setups[other].outboxes[one] = ways[other].dup(), ways[one].dup()
    for way in ways:
        way.close()
    return setups, ours


def _start(
    setup: WorkerSetup, setups: list[WorkerSetup], ours: list[socket.socket], work: Callable[[WorkerSetup], None]
) -> int:
    """Start a worker; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        for other in setups:
            if other is not setup:
                other.close()
        for sock in ours:
            sock.close()
        work(setup)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not sys.exit(): what the parent has set up to happen at its end is not for its children.
        os._exit(status)


def _stop_on_signals(children: list[int]) -> list[int]:
    """Hand SIGINT and SIGTERM to the workers; return a list to which each signal is added."""
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        came.append(number)
        _signal(children, signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return came


def _end(children: list[int]) -> list[int]:
    """End all workers that are left, kill those that do not end in time, and return how they ended."""
    statuses: list[int] = []
    _signal(children, signal.SIGTERM)
    for _ in range(int(GRACE_SECONDS / POLL_SECONDS)):
        if not _some_left(statuses):
            return statuses
        time.sleep(POLL_SECONDS)
    _signal(children, signal.SIGKILL)
    while _some_left(statuses):
        time.sleep(POLL_SECONDS)
    return statuses


def _some_left(statuses: list[int]) -> bool:
    """Return whether a worker is left; add to ``statuses`` how the others ended."""
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return True
            statuses.append(status)
    except ChildProcessError:
        return False


def _signal(children: list[int], number: int) -> None:
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"with status {code}" if code >= 0 else f"by signal {-code}"
