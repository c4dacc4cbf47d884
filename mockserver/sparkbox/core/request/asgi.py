"""From ASGI's scope to a request, and from a response to ASGI's messages."""

from __future__ import annotations

import asyncio

from ..testing.faults import Fault
from .http import Headers, Receive, Request, Response, Scope, Send, host_of

TRANSPORT = "sparkbox.testing.transport"
"""The key under ``scope["extensions"]`` at which the server puts the connection's transport, for faults to cut it."""


class ConnectionDropped(ConnectionError):
    """A fault cut the connection, where there is no socket to cut (in-process calls)."""


def request_of(scope: Scope, prefix: str, body: bytes = b"") -> Request:
    """Return the request in an ASGI ``scope``; ``prefix`` is the part of its path that is not the vendor's."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.decode("utf-8", "replace")
    headers: Headers = scope["headers"]
    client = scope.get("client")
    return Request(
        scope["method"],
        path[len(prefix) :] or "/",
        scope.get("query_string", b""),
        headers,
        body,
        client[0] if client else "",
        f"{scope.get('scheme', 'http')}://{host_of(headers)}{prefix}",
    )


async def send_response(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response once it is there, and do what a fault wants of the connection."""
    if response.later is not None:
        response = await response.later()
    if response.fault is None:
        body = b"" if scope["method"] == "HEAD" else response.body
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        await send({"type": "http.response.body", "body": body})
    else:
        await _send_spoilt(response, response.fault, scope, receive, send)


async def _send_spoilt(response: Response, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.latency:
        await asyncio.sleep(fault.latency)
    cut = fault.drop or fault.truncate is not None
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(TRANSPORT)
    if not fault.drop:
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        # Where the body is cut, the length that was announced stays: the client sees it end too early.
        body = b"" if scope["method"] == "HEAD" else response.body[: fault.truncate]
        await send({"type": "http.response.body", "body": body, "more_body": cut})
    if not cut:
        return
    if transport is None:
        raise ConnectionDropped("a fault cut the connection")
    transport.abort() if fault.drop else transport.close()
    while (await receive())["type"] != "http.disconnect":
        continue
