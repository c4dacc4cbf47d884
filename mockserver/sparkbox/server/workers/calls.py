"""Calls between workers, and the replies."""

from __future__ import annotations

from typing import Any

import msgspec

from sparkbox.core.request.http import Response, Scope
from sparkbox.core.testing.faults import Fault


class HttpCall(msgspec.Struct, array_like=True, tag=True):
    """A request by HTTP. Its path begins with the service's name unless the ``Host`` is the vendor's."""

    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    client: str
    scheme: str
    problem: str = ""
    """What was found wrong before it could be read: the name of an error of the service's envelope."""
    rules_from: int = 0
    """For control calls: where the ids of faults and stubs go on, the same in all workers."""

    def scope(self) -> Scope:
        """Return it as ASGI's scope."""
        return {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.raw_path,
            "query_string": self.query,
            "headers": self.headers,
            "client": (self.client, 0) if self.client else None,
            "scheme": self.scheme,
        }


class LoginCall(msgspec.Struct, array_like=True, tag=True):
    """A login by SMTP. The reply's body is the line for the client, its status 235 if the login is accepted."""

    user: str
    password: str
    client: str


class MailCall(msgspec.Struct, array_like=True, tag=True):
    """A mail by SMTP after a login. The reply's body is the line for the client."""

    service: str
    user: str
    password: str
    client: str
    sender: str
    recipients: list[str]
    data: bytes


class MisaddressCall(msgspec.Struct, array_like=True, tag=True):
    """A command by SMTP whose path is not an address, for the log."""

    service: str
    user: str
    password: str
    client: str
    sender: str
    recipient: str
    reply: str


class Moved(msgspec.Struct, array_like=True, tag=True):
    """An account was made in another worker than its credential leads to."""

    credential: str
    worker: int


class Reply(msgspec.Struct, array_like=True):
    """A response. ``effects`` are those of its fault on the connection: latency, drop, truncation."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = []
    effects: tuple[float, bool, int | None] | None = None

    @classmethod
    def of(cls, response: Response) -> Reply:
        """Return a response as a reply."""
        fault = response.fault
        effects = None if fault is None else (fault.latency, fault.drop, fault.truncate)
        return cls(response.status, response.body, response.headers, effects)

    def response(self) -> Response:
        """Return the reply as a response."""
        response = Response(self.status, self.body, self.headers)
        if self.effects is not None:
            latency, drop, truncate = self.effects
            response.fault = Fault(latency=latency, drop=drop, truncate=truncate)
        return response


MailCalls = LoginCall | MailCall | MisaddressCall
Call = HttpCall | MailCalls | Moved


def call_of(scope: Scope, body: bytes, problem: str = "") -> HttpCall:
    """Return a request in ASGI's scope as a call."""
    client: Any = scope.get("client")
    path: str = scope["path"]
    return HttpCall(
        scope["method"],
        path,
        scope.get("raw_path") or path.encode(),
        scope.get("query_string", b""),
        scope["headers"],
        body,
        client[0] if client else "",
        scope.get("scheme", "http"),
        problem,
    )
