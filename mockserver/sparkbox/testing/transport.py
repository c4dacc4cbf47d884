"""An httpx transport that answers without a socket, for synchronous and asynchronous clients alike::

    client = httpx.Client(transport=Transport(create_app()), base_url="https://api.sparkpost.com")

Requests to a vendor's host, or to any host under ``/<service>/``, reach the service, and under ``/_mock/`` the control
API; everything else is refused.

Synchronous clients may call from any number of threads, one is answered after the other. While an event loop has the
application, which asynchronous clients and servers give it, other threads get a ``RuntimeError``.
"""

from __future__ import annotations

import asyncio
import time

import httpx

from sparkbox.app import Application
from sparkbox.core.request.http import Request, Response, host_of
from sparkbox.core.state.steps import Rest
from sparkbox.core.testing.faults import Fault


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Calls an application's services directly; faults of the connection raise what httpx raises for them."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        with self.app.sandbox.home.visit():
            response = self._respond(request, body)
            if response.later is not None:
                response = response.later.complete() or _run(response.later)
        if response.fault is not None and response.fault.latency:
            time.sleep(response.fault.latency)
        return _response(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.app.sandbox.home.settle()
        response = self._respond(request, body)
        if response.later is not None:
            response = await response.later()
        if response.fault is not None and response.fault.latency:
            await asyncio.sleep(response.fault.latency)
        return _response(request, response)

    def _respond(self, request: httpx.Request, body: bytes) -> Response:
        path, _, query = request.url.raw_path.partition(b"?")
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        found = self.app.find(path.decode("latin-1"), headers)
        if found is None:
            raise httpx.ConnectError(f"{request.url.host} is none of the sandbox's services", request=request)
        dispatcher, prefix = found
        base_url = f"{request.url.scheme}://{host_of(headers)}{prefix}"
        vendor_path = path.decode("latin-1")[len(prefix) :] or "/"
        api_error = dispatcher.envelope.too_large() if len(body) > dispatcher.service.body_limit else None
        return dispatcher.respond(
            Request(request.method, vendor_path, query, headers, body, "127.0.0.1", base_url), api_error=api_error
        )


def _response(request: httpx.Request, response: Response) -> httpx.Response:
    body = b"" if request.method == "HEAD" else response.body
    if response.fault is not None:
        _cut(request, response.fault, len(body))
    return httpx.Response(response.status, headers=response.headers, content=body, request=request)


def _run(later: Rest[Response]) -> Response:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(later())
    raise RuntimeError("this call has to be waited for: within a running event loop, make it with httpx.AsyncClient")


def _cut(request: httpx.Request, fault: Fault, size: int) -> None:
    if fault.drop:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if fault.truncate is not None and fault.truncate < size:
        text = "peer closed connection without sending complete message body"
        raise httpx.RemoteProtocolError(f"{text} (received {fault.truncate} bytes, expected {size})", request=request)
