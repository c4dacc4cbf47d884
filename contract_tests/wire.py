"""The tap on everything that the tests send, whichever client sends it.

A request on its way out is checked by its service's guards, and waits for its turn. Its response is kept, so that its
shape can be compared with the recorded sample. The clients from PyPI are tapped as well: all of them use httpx or
requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest
import requests

from contract_tests.parts import parts
from sparkbox.core.declare.operation import Operation
from sparkbox.services import SERVICES, load

SAFE = ("GET", "HEAD", "OPTIONS")


class Forbidden(Exception):
    """A test is about to do what must not be done to a real service."""


@dataclass(frozen=True)
class Call:
    """A request on its way out. ``operation`` is ``None`` where the service has none for it."""

    service: str
    operation: Operation | None
    values: Mapping[str, str]
    """The path's parameters."""
    method: str
    path: str
    body: bytes
    content_type: str

    @property
    def operation_id(self) -> str:
        """Empty where there is no operation."""
        return "" if self.operation is None else self.operation.id


@dataclass(frozen=True)
class Exchange:
    """A call and what came back; ``response`` is its JSON, ``None`` where there is none."""

    call: Call
    status: int
    response: Any


@dataclass
class Wire:
    """The tap. ``places`` are the base URLs by which services are reached.

    ``closed``: nothing goes to other places, everything is guarded, and a service without a guard may only be read.
    ``guarded``: the guards check all the same, as a test has to pass them on the real target.
    """

    places: Mapping[str, str]
    closed: bool
    take_turn: Callable[[Call], None] = lambda call: None
    guarded: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    """Since somebody last cleared it."""
    changed: set[str] = field(default_factory=set)
    """The services that got more than requests to read."""

    @contextmanager
    def tapped(self) -> Iterator[Wire]:
        """Within it, whatever httpx and requests send passes here."""
        by_httpx, by_requests = httpx.Client.send, requests.Session.send

        def send(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
            call = self._leave(
                request.method, str(request.url), request.read(), request.headers.get("Content-Type", "")
            )
            response = by_httpx(client, request, **options)
            self._arrive(call, response.status_code, response.content)
            return response

        def send_prepared(
            session: requests.Session, request: requests.PreparedRequest, **options: Any
        ) -> requests.Response:
            content_type = str(request.headers.get("Content-Type", ""))
            call = self._leave(request.method or "", request.url or "", _bytes(request.body), content_type)
            response = by_requests(session, request, **options)
            self._arrive(call, response.status_code, response.content)
            return response

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(httpx.Client, "send", send)
            patch.setattr(requests.Session, "send", send_prepared)
            yield self

    def _leave(self, method: str, url: str, body: bytes, content_type: str) -> Call | None:
        found = self._locate(url)
        if found is None:
            if self.closed:
                raise Forbidden(f"{url} is none of the services that are tested")
            return None
        service, path = found
        matched = load(service).match(method, path)
        operation, values = matched if isinstance(matched, tuple) else (None, {})
        call = Call(service, operation, values, method, path, body, content_type)
        if self.closed or self.guarded:
            check(call, closed=self.closed)
        if method not in SAFE:
            self.changed.add(service)
        self.take_turn(call)
        return call

    def _arrive(self, call: Call | None, status: int, content: bytes) -> None:
        if call is not None:
            self.exchanges.append(Exchange(call, status, _json(content)))

    def _locate(self, url: str) -> tuple[str, str] | None:
        for base, service in self.places.items():
            if url.startswith(f"{base}/"):
                return service, re.split("[?#]", url[len(base) :], maxsplit=1)[0]
        return None


def check(call: Call, *, closed: bool) -> None:
    """Raise :class:`Forbidden` for what the service's guards do not let out."""
    if call.operation is None:
        # A path or a method that there is not: harmless as long as it says nothing.
        if call.method not in SAFE and call.body:
            raise Forbidden(f"{call.method} {call.path}: nobody knows what this would do")
        return
    guards = parts(call.service, "guard")
    for guard in guards:
        guard.check(call)
    if closed and not guards and call.method not in SAFE:
        raise Forbidden(f"{call.method} {call.path}: nothing guards {call.service}, so it may only be read")


def vendors_places() -> dict[str, str]:
    """Return the services by their vendors' own host names, as the clients from PyPI know them."""
    return {f"https://{host}": info.name for info in SERVICES for host in info.hosts if not host.startswith("*")}


def _bytes(body: Any) -> bytes:
    if body is None or isinstance(body, str):
        return (body or "").encode()
    if not isinstance(body, bytes):
        raise Forbidden("a body that is a stream cannot be looked into")
    return body


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
