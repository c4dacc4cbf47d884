"""Patterns that requests match: for stubs, which answer them, and for searches of the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from ..declare.errors import ApiError
from ..declare.schema import Invalid
from ..declare.targets import SMTP, Target, named
from ..logs.journal import Entry
from ..request.http import Request
from ..request.json import loads

ABSENT = object()
"""The value of a pointer that leads to nothing."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class Api(Protocol):
    """The part of a service that a pattern uses."""

    @property
    def name(self) -> str: ...
    def operation(self, id: str) -> Target | None: ...
    @property
    def decode_body(self) -> Callable[[Request], Any]: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """Conditions on a request, joined by *and*; a condition that is not given matches everything.

    ``operation`` is an operation's id or ``"POST /api/v1/transmissions"``. ``path`` is the vendor's, ``*`` in it stands
    for one segment. ``contains`` is a part of the body as it was sent. ``fields`` are JSON pointers (RFC 6901) into the
    body as the service decodes it, with the value that is there: ``{"/content/subject": "Hello"}``.

    A pattern that no request could fit raises ``ValueError``.
    """

    service: str | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    contains: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.operation is not None and self.service is None:
            raise ValueError("an operation belongs to a service: name the service, too")
        if self.path is not None and not self.path.startswith("/"):
            raise ValueError(f"a path begins with a slash, {self.path[:100]!r} does not")
        wrong = next((pointer for pointer in self.fields if pointer and not pointer.startswith("/")), None)
        if wrong is not None:
            raise ValueError(f"{wrong[:100]!r} is no JSON pointer; they look like /recipients/0/address")

    def matches(self, service: Api, target: Target | None, request: Request) -> bool:
        """Return whether a request of ``service`` fits; ``target`` is its operation, where it has one."""
        return (
            self.service in (None, service.name)
            and (self.operation is None or named(self.operation, target))
            and (self.method is None or self.method.upper() == request.method)
            and (self.path is None or _same_path(self.path, request.path))
            and (not self.query or _has_query(request, self.query))
            and all(has_header(request, name, value) for name, value in self.headers.items())
            and (self.contains is None or self.contains.encode("utf-8", "replace") in request.body)
            and (not self.fields or _has_fields(body_of(service, request), self.fields))
        )

    def matches_entry(self, service: Api, entry: Entry) -> bool:
        """Return the same for what the journal keeps of a request."""
        return self.matches(service, target_of(service, entry), request_of(entry))


def target_of(service: Api, entry: Entry) -> Target | None:
    """Return the operation of a request in the journal."""
    return SMTP if entry.operation == SMTP.id else service.operation(entry.operation)


def request_of(entry: Entry) -> Request:
    """Return the request in the journal as it came."""
    return Request(entry.method, entry.path, entry.query, entry.headers, entry.body)


def has_header(request: Request, name: str, value: str) -> bool:
    """Return whether one of the headers of this name has this value."""
    wanted = (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
    return wanted in request.raw_headers


def body_of(service: Api, request: Request) -> Any:
    """Return a request's body as its service decodes it, forms included; :data:`ABSENT` if it cannot be read."""
    try:
        decoded = service.decode_body(request)
        return loads(decoded) if isinstance(decoded, bytes) else msgspec.to_builtins(decoded)
    except (Invalid, ApiError, ValueError):
        return ABSENT


def look_up(body: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to in a decoded body, or :data:`ABSENT`."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict):
            body = body.get(name, ABSENT)
        elif isinstance(body, list) and _INDEX.fullmatch(name) and int(name) < len(body):
            body = body[int(name)]
        else:
            return ABSENT
    return body


def _same_path(wanted: str, path: str) -> bool:
    if "*" not in wanted:
        return wanted == path
    segments, there = wanted.split("/"), path.split("/")
    pairs: Iterable[tuple[str, str]] = zip(segments, there, strict=False)
    return len(segments) == len(there) and all(one == other or (one == "*" and other != "") for one, other in pairs)


def _has_query(request: Request, wanted: Mapping[str, str]) -> bool:
    try:
        query = request.query_dict()
    except Invalid:
        return False
    return all(query.get(name) == value for name, value in wanted.items())


def _has_fields(body: Any, wanted: Mapping[str, Any]) -> bool:
    return all(_equal(value, look_up(body, pointer)) for pointer, value in wanted.items())


def _equal(one: Any, other: Any) -> bool:
    """Compare as JSON does: ``true`` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
