"""Requests that the sandbox itself makes: plain and bounded.

No cookies, no redirects, no proxy, and a connection of its own for each request: one that was kept alive may be gone
when it is used again, and that would look as if the target had failed. A target with HTTPS must have a certificate that
Mozilla's list or the environment's ``SSL_CERT_FILE`` vouches for.
"""

from __future__ import annotations

import contextlib
import logging
from base64 import b64encode
from collections.abc import AsyncGenerator, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from ..logs.deliveries import Headers, NotReady
from ..state.steps import Aside
from .own_ports import REASON, OwnPorts
from .resolver import Addresses, Resolver

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("sparkbox")

MOST_RESPONSE = 64 * 1024
"""Bytes of a response that are read; then the connection is closed."""
MOST_CONNECTIONS = 2048
CONNECT_SECONDS = 2.0
"""For each address of a target but the last."""


@dataclass(slots=True)
class TargetResponse:
    """A target's response, as far as it came: ``status`` is ``None`` if there was none."""

    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Names in lower case, in the order in which they came."""
    body: bytearray = field(default_factory=bytearray)


class Outbound:
    """An HTTP client, made when it is first used. It belongs to the loop that uses it, and never calls ``own``."""

    def __init__(self, own: OwnPorts, resolver: Resolver | None = None) -> None:
        self._own = own
        self._resolver = resolver or Resolver()
        self._transports: dict[str, httpx.AsyncHTTPTransport] = {}
        self._loading: dict[str, Aside] = {}

    async def load(self, url: str) -> None:
        """Load what a request to this URL needs, beside the event loop, so that it takes none of the target's time."""
        scheme = url.partition(":")[0].lower()
        if scheme not in self._transports:
            transport = await self._loading.setdefault(scheme, Aside(partial(_new_transport, scheme)))()
            # Only now, so that requests which wait for it keep their order.
            self._transports.setdefault(scheme, transport)

    async def exchange(
        self, response: TargetResponse, method: str, url: str, headers: Headers, body: bytes, owner: Hashable
    ) -> None:
        """Make one request of an account, ``owner``, and fills in ``response``.

        The caller sets a timeout, and words errors by :func:`reason`.
        """
        import httpx

        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        request = httpx.Request(method, url, headers=pairs, content=body)
        if request.url.userinfo and "authorization" not in request.headers:
            user_and_password = f"{unquote(request.url.username)}:{unquote(request.url.password)}"
            request.headers["authorization"] = "Basic " + b64encode(user_and_password.encode()).decode()
        addresses = await self._resolver.find(request.url.raw_host.decode("ascii"), owner)
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if any(self._own.holds(address, port) for address in addresses):
            raise NotReady(REASON)
        incoming = await self._send(request, addresses)
        try:
            response.status = incoming.status_code
            response.headers = incoming.headers.multi_items()
            raw = cast("AsyncGenerator[bytes, None]", incoming.aiter_raw())
            async with contextlib.aclosing(raw) as chunks:
                async for chunk in chunks:
                    response.body += chunk[: MOST_RESPONSE - len(response.body)]
                    if len(response.body) >= MOST_RESPONSE:
                        break
        finally:
            await incoming.aclose()

    async def _send(self, request: httpx.Request, addresses: Addresses) -> httpx.Response:
        """Try one address after the other, by the target's own name."""
        import httpx

        transport = self._transport(request.url.scheme)
        request.extensions["sni_hostname"] = request.url.raw_host.decode("ascii")
        name = request.url
        *others, last = addresses
        for address in others:
            request.url = name.copy_with(host=address)
            request.extensions["timeout"] = {"connect": CONNECT_SECONDS}
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await transport.handle_async_request(request)
        request.url = name.copy_with(host=last)
        request.extensions["timeout"] = {}
        return await transport.handle_async_request(request)

    async def close(self) -> None:
        """Close what is open; the next request opens anew."""
        transports, self._transports = self._transports, {}
        for transport in transports.values():
            await transport.aclose()

    def _transport(self, scheme: str) -> httpx.AsyncHTTPTransport:
        transport = self._transports.get(scheme)
        if transport is None:
            transport = self._transports[scheme] = _new_transport(scheme)
        return transport


def _new_transport(scheme: str) -> httpx.AsyncHTTPTransport:
    """Return what makes the requests of a scheme. For HTTPS alone it loads the certificates: that takes 40 ms."""
    import httpx

    limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0)
    return httpx.AsyncHTTPTransport(verify=scheme == "https", limits=limits)


def reason(error: Exception, seconds: float) -> str:
    """Return why there is no complete response, in one line; ``seconds`` was the time that the request had."""
    import httpx

    if isinstance(error, TimeoutError):
        return f"no complete answer within {seconds:g} s"
    if not isinstance(error, (NotReady, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)):
        log.error("a request to a target failed in an unforeseen way", exc_info=error)
    return (str(error) or type(error).__name__)[:500]
