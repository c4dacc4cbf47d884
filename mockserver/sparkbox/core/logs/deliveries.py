"""Webhook deliveries: what is posted to the targets that a user configured, and what came of it.

A handler calls ``ctx.post(url, body, retries=RETRIES)``; the :class:`~sparkbox.core.outgoing.worker.DeliveryWorker`
then makes the attempts, and each of them is written into the account's log of deliveries. That log is bounded as the
others are: a delivery that was dropped from it is attempted no more.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from typing_extensions import TypedDict

from ..state.clock import iso
from .journal import Transcript

Status = Literal["pending", "delivered", "failed", "cancelled"]
Headers = tuple[tuple[str, str], ...]
Prepare = Callable[[Any, "Delivery"], Awaitable[Headers]]
OnDone = Callable[[Any, int], None]
"""As :meth:`~sparkbox.core.state.context.Context.post` takes them; the first argument is a context."""

MOST_URL = 8192
MOST_BODY = 32 * 1024 * 1024
ANY_STATUS = range(1000)


class NotReady(Exception):
    """An attempt could not be made; the text says why, and becomes the attempt's error."""


@dataclass(frozen=True, slots=True)
class Retries:
    """A vendor's schedule of retries. Times are seconds on the account's clock; ``timeout`` is real time."""

    gaps: tuple[float, ...] = ()
    """The waits between the attempts: one attempt more than there are gaps."""
    timeout: float = 10.0
    """For the whole attempt, from connecting to the end of the response."""
    success: Container[int] = range(200, 300)
    """The statuses that count as delivered."""
    retried: Container[int] = ANY_STATUS
    """The other statuses after which there is a further attempt; after no response there always is."""

    def gap(self, made: int, attempt: Attempt) -> float | None:
        """Return the wait after a failed attempt, the ``made``-th; ``None`` if there is no further one."""
        if made > len(self.gaps) or (attempt.error is None and attempt.status not in self.retried):
            return None
        return self.gaps[made - 1]


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One try. ``time`` is on the account's clock, ``duration`` in real seconds."""

    time: float
    status: int | None
    """The response's status; ``None`` if there was no response."""
    error: str | None
    """Why there was no complete response."""
    response: bytes
    """The beginning of the response's body."""
    duration: float
    headers: Headers = ()
    """The headers that were sent beside the delivery's."""


class Delivery(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One payload on its way to one target."""

    number: int
    time: float
    service: str
    account: str
    subscription: str
    """The service's id of the webhook behind it; empty if there is none."""
    event: str
    """The events in it, in the service's words."""
    url: str
    headers: Headers
    body: bytes
    retries: Retries
    prepare: Prepare | None = None
    on_done: OnDone | None = None
    status: Status = "pending"
    attempts: tuple[Attempt, ...] = ()
    next_at: float | None = None
    """When the next attempt is due, in Unix seconds. ``None`` while pending: under way, or waiting for its turn."""

    @property
    def size(self) -> int:
        """Bytes that this delivery is counted with."""
        size = 1024 + len(self.body) + len(self.url) + _weight(self.headers)
        for attempt in self.attempts:
            size += 256 + len(attempt.response) + _weight(attempt.headers)
        return size


def check_target(url: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> None:
    """Raise ``ValueError`` for a URL, a header or a body that nothing could be posted with.

    Services check what a user configures with it; :meth:`~sparkbox.core.state.context.Context.post` checks it again.
    """
    if len(url) > MOST_URL:
        raise ValueError(f"the URL has more than {MOST_URL} characters")
    if _NOT_IN_URL.search(url):
        raise ValueError("the URL has spaces or control characters in it")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"the URL cannot be read: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError("the URL must begin with http:// or https://")
    if not host:
        raise ValueError("the URL has no host")
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _FRAMING:
            raise ValueError(f"the header name {name!r} cannot be used")
        if _NOT_IN_HEADER.search(value):
            raise ValueError(f"the value of the header {name!r} has characters that no header takes")
    if len(body) > MOST_BODY:
        raise ValueError(f"the body has more than {MOST_BODY} bytes")


def complete(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers with those that every delivery has, where they are not given."""
    headers = tuple(headers)
    given = {name.lower() for name, _ in headers}
    return tuple(pair for pair in _USUAL_HEADERS if pair[0].lower() not in given) + headers


class DeliverySummary(TypedDict):
    """A delivery without bodies; ``response_status`` and ``error`` are the last attempt's."""

    id: str
    time: str
    service: str
    account: str
    subscription: str | None
    event: str
    url: str
    status: Status
    attempt_count: int
    response_status: int | None
    error: str | None
    next_attempt_at: str | None


class AttemptDetails(TypedDict):
    """One attempt; ``headers`` are those that were sent beside the delivery's own."""

    time: str
    status: int | None
    error: str | None
    headers: list[list[str]]
    response: str
    duration_ms: float


class DeliveryDetails(DeliverySummary):
    """A whole delivery."""

    request: Transcript
    attempts: list[AttemptDetails]


def summary(delivery: Delivery) -> DeliverySummary:
    """Return the delivery without bodies, as lists show it."""
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "id": str(delivery.number),
        "time": iso(delivery.time),
        "service": delivery.service,
        "account": delivery.account,
        "subscription": delivery.subscription or None,
        "event": delivery.event,
        "url": delivery.url,
        "status": delivery.status,
        "attempt_count": len(delivery.attempts),
        "response_status": None if last is None else last.status,
        "error": None if last is None else last.error,
        "next_attempt_at": None if delivery.next_at is None else iso(delivery.next_at),
    }


def details(delivery: Delivery) -> DeliveryDetails:
    """Return the whole delivery. Bodies are text; bytes that are no UTF-8 show as replacement characters."""
    return {
        **summary(delivery),
        "request": {"headers": _header_list(delivery.headers), "body": _text(delivery.body)},
        "attempts": [
            {
                "time": iso(attempt.time),
                "status": attempt.status,
                "error": attempt.error,
                "headers": _header_list(attempt.headers),
                "response": _text(attempt.response),
                "duration_ms": round(attempt.duration * 1000, 3),
            }
            for attempt in delivery.attempts
        ],
    }


def _weight(headers: Headers) -> int:
    return sum(100 + len(name) + len(value) for name, value in headers)


def _header_list(headers: Headers) -> list[list[str]]:
    return [list(pair) for pair in headers]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_USUAL_HEADERS = (("Content-Type", "application/json"), ("User-Agent", "sparkbox"))
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_NOT_IN_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})
