"""Faults on demand, in the vendor's own words.

A :class:`Fault` matches requests by service, operation and account, picks some of them (the first n, every n-th,
by chance) and spoils the response: a status or a named error in the service's own envelope, latency, a dropped
connection, a body cut short, garbage, further headers.
"""

from __future__ import annotations

import http
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..declare.errors import Error
from ..declare.targets import Target, named
from ..request.headers import check_headers

MOST_FAULTS = 1000


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("status", 200, 599),
    ("latency", 0, 3600),
    ("truncate", 0, 2**31),
    ("first", 0, 2**31),
    ("every", 1, 2**31),
    ("probability", 0, 1),
)


@dataclass(slots=True)
class Fault:
    """What to match, when, and what then happens; fields left at ``None`` match everything.

    A value out of its range raises ``ValueError``.

    ``operation`` is an operation's id, ``"POST /api/v1/transmissions"``, or ``"smtp"`` for mail handed over that way:
    then ``status`` is the reply's code. ``latency`` is real seconds, waited before whatever else happens. Of ``status``
    and ``error`` (a name in the service's table) one is enough. ``headers`` replace those of the service.
    """

    service: str | None = None
    operation: str | None = None
    status: int | None = None
    error: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    latency: float = 0.0
    drop: bool = False
    truncate: int | None = None
    """Sends this many bytes of the body, then closes the connection."""
    garbage: bool = False
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    id: str = ""
    seen: int = 0
    """Requests that matched."""
    hits: int = 0
    """Requests that were spoilt."""
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} is {value}, but lies between {low} and {high}")
        check_headers(self.headers)
        if self.headers and self.operation == "smtp":
            raise ValueError("a reply by SMTP has no headers")
        self._random.seed(self.seed)

    def matches(self, service: str, operation: Target | None) -> bool:
        if self.service is not None and self.service != service:
            return False
        return self.operation is None or named(self.operation, operation)

    def strikes(self) -> bool:
        """Count a matching request. Return whether this one is spoilt."""
        self.seen += 1
        if self.first is not None and self.seen > self.first:
            return False
        if self.every is not None and self.seen % self.every:
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    @property
    def refuses(self) -> bool:
        """Answers in the handler's place, so that nothing happens in the service."""
        return self.status is not None or self.error is not None

    def noise(self, size: int) -> bytes:
        """Return random bytes in the place of a body of ``size`` bytes."""
        return random.Random(self.seed + self.hits).randbytes(max(64, min(size, 4096)))

    def row(self, rows: Iterable[Error], code_of: Callable[[int], str | int | None] = lambda status: None) -> Error:
        """Return the error that this fault answers with: for a status the first in ``rows``, or one of our own.

        ``code_of`` gives the code that the service would put beside a status of which it has no error.
        """
        by_name, by_status = None, None
        for row in rows:
            if row.name == self.error:
                by_name = row
            if row.status == self.status and by_status is None:
                by_status = row
        if by_name is not None:
            return by_name
        if by_status is not None:
            return by_status
        status = self.status or 500
        return Error("fault", status, _phrase(status), code=code_of(status), evidence="assumed")

    def describe(self) -> str:
        """Return one line for the journal."""
        parts = []
        if self.refuses:
            parts.append(self.error or f"status {self.status}")
        if self.headers:
            parts.append(f"headers {', '.join(self.headers)}")
        if self.latency:
            parts.append(f"latency {self.latency:g} s")
        if self.drop:
            parts.append("dropped connection")
        if self.truncate is not None:
            parts.append(f"cut after {self.truncate} bytes")
        if self.garbage:
            parts.append("garbage")
        return ", ".join(parts) or "nothing"


class Faults:
    """The faults of one account, or of the whole sandbox."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self._last = 0

    def add(self, fault: Fault) -> Fault:
        """Set a fault; without an id it gets a number. An id that is taken raises ``ValueError``."""
        if len(self.rules) >= MOST_FAULTS:
            raise ValueError(f"{MOST_FAULTS} faults are set already")
        taken = {rule.id for rule in self.rules}
        if fault.id in taken:
            raise ValueError(f"a fault has the id {fault.id!r} already")
        while not fault.id or fault.id in taken:
            self._last += 1
            fault.id = str(self._last)
        self.rules.append(fault)
        return fault

    def remove(self, id: str) -> bool:
        kept = [fault for fault in self.rules if fault.id != id]
        removed = len(kept) < len(self.rules)
        self.rules = kept
        return removed

    def clear(self) -> None:
        self.rules.clear()

    def pick(self, service: str, operation: Target | None) -> Fault | None:
        """Return the first fault that strikes this request."""
        for fault in self.rules:
            if fault.matches(service, operation) and fault.strikes():
                return fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self.rules))

    def __len__(self) -> int:
        return len(self.rules)


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"
