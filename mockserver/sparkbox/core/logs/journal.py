"""The journal: the newest requests with their responses, bounded in number and bytes."""

from __future__ import annotations

from itertools import chain

import msgspec
from typing_extensions import TypedDict

from ..request.http import Headers
from ..state.clock import iso

STUBBED = "answered by the stub"
"""The beginning of the note about a stub's response."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One request and its response. ``duration`` is in seconds, ``time`` on the account's clock.

    Thousands of these are kept, so they hold nothing that the collector would have to look at: headers are packed.
    Those of the response are lines, as they went over the connection; none if they could not.
    """

    number: int
    time: float
    service: str
    account: str
    operation: str
    method: str
    path: str
    query: bytes
    head: bytes
    body: bytes
    status: int
    response_head: bytes
    response: bytes
    duration: float
    error: str | None = None
    fault: str | None = None
    note: str | None = None

    @property
    def headers(self) -> Headers:
        """The request's headers, as they came."""
        return _unpacked(self.head)

    @property
    def response_headers(self) -> Headers:
        """The response's headers."""
        lines = [line.partition(b": ") for line in self.response_head.split(b"\r\n")[:-1]]
        return [(name, value) for name, _, value in lines]

    @property
    def stubbed(self) -> bool:
        """Whether a stub answered in the service's place."""
        return self.note is not None and self.note.startswith(STUBBED)

    @property
    def size(self) -> int:
        """Bytes that this entry is counted with."""
        contents = len(self.body) + len(self.response) + len(self.path) + len(self.query)
        return contents + len(self.head) + len(self.response_head) + 800


def packed(headers: Headers) -> bytes:
    """Return headers as one piece of bytes, in which ``NUL``, which no header has, stands between names and values."""
    return b"\0".join(chain.from_iterable(headers))


def _unpacked(head: bytes) -> Headers:
    parts = iter(head.split(b"\0")) if head else iter(())
    return list(zip(parts, parts, strict=False))


class RequestSummary(TypedDict):
    """An entry without bodies; ``operation`` is empty where none was found."""

    id: str
    time: str
    service: str
    account: str
    operation: str
    method: str
    path: str
    query: str
    status: int
    error: str | None
    fault: str | None
    note: str | None
    duration_ms: float


class Transcript(TypedDict):
    """One side of an exchange; headers are pairs of name and value."""

    headers: list[list[str]]
    body: str


class RequestDetails(RequestSummary):
    """A whole entry."""

    request: Transcript
    response: Transcript


def summary(entry: Entry) -> RequestSummary:
    """Return the entry without bodies, as lists show it."""
    return {
        "id": str(entry.number),
        "time": iso(entry.time),
        "service": entry.service,
        "account": entry.account,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "query": _text(entry.query),
        "status": entry.status,
        "error": entry.error,
        "fault": entry.fault,
        "note": entry.note,
        "duration_ms": round(entry.duration * 1000, 3),
    }


def details(entry: Entry) -> RequestDetails:
    """Return the whole entry. Bodies are text; bytes that are no UTF-8 show as replacement characters."""
    return {
        **summary(entry),
        "request": {"headers": _header_list(entry.headers), "body": _text(entry.body)},
        "response": {"headers": _header_list(entry.response_headers), "body": _text(entry.response)},
    }


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _header_list(headers: Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
