"""The addresses of webhooks' targets.

Looking a name up blocks a thread, for as long as a dead name server likes. So addresses and ``localhost`` are read
without one, each account has few look-ups under way, and the threads are the resolver's own: nobody waits for them, not
even the end of the process.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Thread

from ..state.clock import stopwatch

MOST_UNDER_WAY = 64
SPARE = 192
"""Further look-ups, each for the one of an account that has none under way."""
MOST_PER_ACCOUNT = 2
KEPT_SECONDS = 10.0
MOST_KEPT = 1000

LOCALHOST = ("127.0.0.1", "::1")

Addresses = tuple[str, ...]
LookUp = Callable[[str], Addresses]


def look_up(name: str) -> Addresses:
    """Ask the system, and blocks meanwhile; ``OSError`` if the name has no address."""
    # Bytes, as text is encoded once more: ValueError for what is no host name.
    found = socket.getaddrinfo(name.encode("ascii"), None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def read_address(host: str) -> str | None:
    """Return the address that ``host`` is, in its usual form (``127.1`` is one too); ``None`` if it is a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None
    return str(found[0][4][0])


def is_localhost(host: str) -> bool:
    """Return whether a name is this machine's wherever it is looked up (RFC 6761, section 6.3)."""
    name = host.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")


class Resolver:
    """Finds addresses. It belongs to the loop that uses it."""

    def __init__(self, look_up: LookUp = look_up) -> None:
        self._look_up = look_up
        self._known: dict[str, tuple[Addresses | OSError, float]] = {}
        """Recent results, each with the stopwatch's time at which it is forgotten."""
        self._looking: dict[str, asyncio.Future[Addresses | OSError]] = {}
        self._under_way: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        """Who waits for a place, by account. The accounts take turns."""

    async def find(self, host: str, owner: Hashable) -> Addresses:
        """Return the addresses of a host, for an account; ``OSError`` if there are none."""
        address = read_address(host)
        if address is not None:
            return (address,)
        if is_localhost(host):
            return LOCALHOST
        name = host.lower()
        if not self._is_known(name):
            await self._place(owner)
            if self._is_known(name):
                self._leave(owner)
            else:
                self._begin(name, owner)
        looking = self._looking.get(name)
        found = self._known[name][0] if looking is None else await asyncio.shield(looking)
        if isinstance(found, OSError):
            raise OSError(*found.args)
        return found

    def _is_known(self, name: str) -> bool:
        """Return whether a name is being looked up, or was lately."""
        known = self._known.get(name)
        if known is not None and known[1] <= stopwatch():
            del self._known[name]
            known = None
        return known is not None or name in self._looking

    # Places.

    async def _place(self, owner: Hashable) -> None:
        if self._has_place(owner):
            self._under_way[owner] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._give_up(owner, turn)
            else:  # it had its turn at this very moment
                self._leave(owner)
            raise

    def _has_place(self, owner: Hashable) -> bool:
        own, all_together = self._under_way[owner], self._under_way.total()
        if all_together >= MOST_UNDER_WAY:
            return own == 0 and all_together < MOST_UNDER_WAY + SPARE
        return own < MOST_PER_ACCOUNT

    def _leave(self, owner: Hashable) -> None:
        self._under_way[owner] -= 1
        if not self._under_way[owner]:
            del self._under_way[owner]
        for waiting in tuple(self._waiting):
            if not self._has_place(waiting):
                continue
            turns = self._waiting.pop(waiting)
            self._under_way[waiting] += 1
            turns.popleft().set_result(None)
            if turns:
                self._waiting[waiting] = turns
            return

    def _give_up(self, owner: Hashable, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(owner)
        if turns is not None and turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[owner]

    # Look-ups.

    def _begin(self, name: str, owner: Hashable) -> None:
        loop = asyncio.get_running_loop()
        self._looking[name] = loop.create_future()

        def work() -> None:
            found: Addresses | OSError
            try:
                found = self._look_up(name) or OSError(f"{name} has no address")
            except OSError as error:
                found = error
            except Exception as error:
                found = OSError(f"{name} cannot be looked up: {error}")
            with suppress(RuntimeError):  # the loop ended meanwhile
                loop.call_soon_threadsafe(self._end, name, owner, found)

        Thread(target=work, name=f"resolver {name}"[:100], daemon=True).start()

    def _end(self, name: str, owner: Hashable, found: Addresses | OSError) -> None:
        if len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[name] = found, stopwatch() + KEPT_SECONDS
        self._looking.pop(name).set_result(found)
        self._leave(owner)
