"""A request as it came and a response as it goes, without a framework between."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from ..declare.schema import Invalid, Problem
from .body_budget import BodyBudget, BodyBudgetExceeded
from .headers import Headers as Headers
from .headers import encoded, replace_headers
from .json import dumps

if TYPE_CHECKING:
    from ..state.steps import Rest
    from ..testing.faults import Fault

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON_TYPE = (b"content-type", b"application/json")

MOST_FIELDS = 1000
"""Parameters in a query."""


class Request:
    """One HTTP request, its body read. ``path`` is the vendor's, percent-encoded, without the sandbox's prefix."""

    __slots__ = ("_headers", "base_url", "body", "client", "method", "note", "path", "query", "raw_headers")

    def __init__(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        headers: Headers | None = None,
        body: bytes = b"",
        client: str = "",
        base_url: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.raw_headers: Headers = headers if headers is not None else []
        self.body = body
        self.client = client
        self.base_url = base_url
        self.note: str | None = None
        """A line for the journal: why its credential was refused."""
        self._headers: dict[bytes, bytes] | None = None

    def header(self, name: bytes) -> str | None:
        """Return a header's text by its lower-case name; of several the last."""
        if self._headers is None:
            self._headers = dict(self.raw_headers)
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty if none was sent."""
        value = self.header(b"content-type") or ""
        return value if value == "application/json" else value.partition(";")[0].strip().lower()

    def query_dict(self) -> dict[str, str]:
        """Return the query's parameters, decoded; of a repeated one the last counts."""
        if not self.query:
            return {}
        try:
            pairs = parse_qsl(self.query.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise Invalid([Problem("query", (), "too_long", f"more than {MOST_FIELDS} parameters")]) from None
        return dict(pairs)

    def basic_credentials(self) -> tuple[str, str] | None:
        """Return user and password of an ``Authorization: Basic`` header; ``None`` if there is no readable one."""
        scheme, _, value = (self.header(b"authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except ValueError:
            return None
        return (user, password) if colon else None

    def bearer_token(self, scheme: str = "bearer") -> str | None:
        """Return what follows ``Bearer`` (or another scheme) in ``Authorization``; ``None`` if it is missing."""
        word, _, value = (self.header(b"authorization") or "").partition(" ")
        return value.strip() if word.lower() == scheme and value.strip() else None


class Response:
    """A complete response. ``error`` names the API error behind it, ``fault`` what was injected.

    Where ``later`` is set, it gives the response once it is awaited, and this one only stands for it.
    """

    __slots__ = ("_head", "_is_sound", "body", "error", "fault", "headers", "later", "status")

    def __init__(
        self, status: int, body: bytes = b"", headers: Headers | None = None, error: str | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.headers: Headers = headers if headers is not None else [JSON_TYPE]
        self.error = error
        self.fault: Fault | None = None
        self.later: Rest[Response] | None = None
        self._head: bytes | None = None
        self._is_sound = True

    @property
    def head(self) -> bytes:
        """The headers as they go over a connection, each on a line. None is added once this was read."""
        head = self._head
        if head is None:
            head = self._head = b"".join([b"%b: %b\r\n" % header for header in self.headers])
            self._is_sound = head.count(b"\n") == len(self.headers) == head.count(b"\r")
        return head

    @property
    def is_sound(self) -> bool:
        """Whether no header has a line break, which would begin another one."""
        if self._head is None:
            _ = self.head
        return self._is_sound

    def json(self) -> Any:
        return orjson.loads(self.body)

    def spoil(self, fault: Fault) -> None:
        """Mark the response with a fault. The server acts on latency, drop and truncation; garbage is put in here."""
        self.fault = fault
        if fault.garbage and self.body:
            self.body = fault.noise(len(self.body))

    def set_fault_headers(self) -> None:
        """Put the headers of its fault on the finished response."""
        if self.fault is not None and self.fault.headers:
            replace_headers(self.headers, encoded(self.fault.headers))


def promise(rest: Rest[Response]) -> Response:
    """Return a response that stands for the one that ``rest`` comes to."""
    response = Response(202, b"", [])
    response.later = rest
    return response


def json_response(status: int, payload: Any, headers: Headers | None = None, error: str | None = None) -> Response:
    """Return ``payload`` as a response in compact JSON."""
    return Response(status, to_json(payload), [JSON_TYPE, *headers] if headers else [JSON_TYPE], error)


def to_json(payload: Any) -> bytes:
    """Return compact JSON. Whole numbers beyond 64 bits, which orjson refuses, become floats."""
    try:
        return dumps(payload)
    except TypeError:
        return dumps(_tame(payload))


def json_size(payload: Any) -> int:
    """Return the bytes of :func:`to_json`."""
    try:
        return len(orjson.dumps(payload))
    except TypeError:
        return len(to_json(payload))


def _tame(value: Any) -> Any:
    match value:
        case dict():
            return {_tame(name): _tame(item) for name, item in value.items()}
        case list() | tuple():
            return [_tame(item) for item in value]
        case int() if not -(2**63) <= value < 2**64:
            return float(value) if abs(value) < 10**308 else None
        case str():
            return value.encode("utf-8", "replace").decode()
        case _:
            return value


def decode_segment(segment: str) -> str:
    """Return one percent-encoded path segment as text; ``+`` is itself in a path."""
    return unquote(segment) if "%" in segment else segment


def host_of(headers: Headers) -> str:
    """Return what the ``Host`` header says, the port included."""
    for name, value in headers:
        if name == b"host":
            return value.decode("latin-1")
    return "localhost"


class Disconnected(Exception):
    """The client left before its request was complete."""


class BodyTooLarge(Exception):
    """The request's body is larger than the service takes."""


class Incoming:
    """A request's body while it comes in; :meth:`close` gives back the room that it takes."""

    __slots__ = ("_budget", "_taken")

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._taken = 0

    async def read(self, receive: Receive, limit: int) -> bytes:
        """Return the whole body, at most ``limit`` bytes.

        What is beyond the limit, or has no room, is read and thrown away, up to ten times the limit, so that the client
        gets to read the error; then :class:`BodyTooLarge` or :class:`BodyBudgetExceeded` is raised.
        """
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False) and len(body) <= limit:
            return body
        chunks: list[bytes] = []
        size, fits = 0, True
        while True:
            size += len(body)
            fits = fits and size <= limit and self._take(len(body))
            if fits:
                chunks.append(body)
            else:
                chunks.clear()
                self.close()
            if not message.get("more_body", False) or size > 10 * limit:
                break
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body = message.get("body", b"")
        if size > limit:
            raise BodyTooLarge
        if not fits:
            raise BodyBudgetExceeded
        return b"".join(chunks)

    def close(self) -> None:
        self._budget.give(self._taken)
        self._taken = 0

    def _take(self, size: int) -> bool:
        if not self._budget.take(size):
            return False
        self._taken += size
        return True
