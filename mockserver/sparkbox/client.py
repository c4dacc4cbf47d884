"""A client of the control API, for a sandbox that runs elsewhere.

Responses are decoded JSON as ``/_mock/`` gives it; ids may be given as text or numbers. Nothing is imported here that
is not needed, so that the command line starts quickly.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from sparkbox import UserError

DEFAULT_URL = "http://127.0.0.1:8025"
PATIENCE = 330.0
"""Seconds for calls that wait for webhooks; somewhat longer than the sandbox itself waits."""

POLL_SECONDS = 0.02

T = TypeVar("T")
Json = dict[str, Any]
Id = str | int


class ControlError(UserError):
    """A control call that failed; its text is one line for a user.

    ``status`` is 0 and ``code`` is ``no_answer`` where no sandbox answered.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "no_answer", details: Any = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = list(details)


class Client:
    """The control API of the sandbox at ``url`` (else ``SPARKBOX_URL``, else the default port on this machine).

    ``account`` is a credential; without it a call is about all accounts. ``timeout`` is in seconds. Every method raises
    :class:`ControlError` if the sandbox refuses or does not answer.
    """

    def __init__(self, url: str | None = None, *, timeout: float = 30.0) -> None:
        self.url = (url or os.environ.get("SPARKBOX_URL") or DEFAULT_URL).rstrip("/")
        self.timeout = timeout
        self._parts = urlsplit(self.url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname or not _has_port(self._parts):
            raise ValueError(f"{self.url!r} is no URL of a sandbox; it looks like {DEFAULT_URL}")

    # The sandbox, and its accounts.

    def health(self) -> Json:
        """Return the sandbox's version, and how full it is."""
        return self._json("GET", "health")

    def reset(self, account: str | None = None) -> Json:
        """Put one account or everything back to how it started."""
        return self._json("POST", "reset", account=account)

    def accounts(self, account: str | None = None, **part: Any) -> Json:
        """Return ``{"accounts": […], "total": n}``, the last used first; ``limit`` and ``offset`` choose a part."""
        return self._json("GET", "accounts", account=account, **part)

    def create_account(self, credential: str, source: str | None = None, **settings: Any) -> Json:
        """Make an account, as a copy of the account ``source`` if one is given.

        ``settings``: ``profile``, ``suspended``, ``rate_limits``.
        """
        return self._json("POST", "accounts", {"credential": credential, "from": source, **settings})

    def change_accounts(self, account: str | None = None, **settings: Any) -> Json:
        """Change one account or all: ``profile``, ``suspended``, ``rate_limits``."""
        return self._json("PATCH", "accounts", settings, account=account)

    def delete_accounts(self, account: str | None = None) -> Json:
        """Forget one account, or all of them."""
        return self._json("DELETE", "accounts", account=account)

    # Messages.

    def messages(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"messages": […], "total": n}``, newest first.

        ``filters``: ``service, channel, to, from_, subject, text, status, rcpt_type, vendor_id, metadata, since, limit,
        offset``.
        """
        return self._json("GET", "messages", account=account, **filters)

    def message(self, id: Id) -> Json:
        """Return one message with its contents and its events."""
        return self._json("GET", f"messages/{_segment(id)}")

    def raw(self, id: Id) -> bytes:
        """Return a mail as message/rfc822."""
        return self._bytes("GET", f"messages/{_segment(id)}/raw")

    def html(self, id: Id) -> str:
        """Return a message's HTML."""
        return self._bytes("GET", f"messages/{_segment(id)}/html").decode()

    def text(self, id: Id) -> str:
        """Return a message's plain text."""
        return self._bytes("GET", f"messages/{_segment(id)}/text").decode()

    def attachment(self, id: Id, index: int = 0) -> bytes:
        """Return an attachment's data; the first one's index is 0."""
        return self._bytes("GET", f"messages/{_segment(id)}/attachments/{index}")

    def part(self, id: Id, path: str = "1") -> bytes:
        """Return the decoded contents of a part of a mail; the ``parts`` of :meth:`message` show the paths."""
        return self._bytes("GET", f"messages/{_segment(id)}/parts/{_segment(path)}")

    def wait_for_message(self, account: str | None = None, *, timeout: float = 5.0, **filters: Any) -> Json:
        """Return the newest message that matches, with its contents, as soon as there is one.

        ``filters`` are those of :meth:`messages`. After ``timeout`` real seconds a ``TimeoutError`` says what there is
        instead.
        """
        found = poll(lambda: self.messages(account, **{**filters, "limit": 1})["messages"], 1, timeout, POLL_SECONDS)
        if not found:
            rows = self.messages(account, limit=10)["messages"]
            there = "; ".join(f"{row['channel']} to {row['to']}: {row['subject']!r}" for row in rows)
            raise TimeoutError(f"no message with {filters} after {timeout:g} s; there are: {there or 'none'}")
        return self.message(found[0]["id"])

    def delete_messages(self, account: str | None = None) -> Json:
        """Delete all messages, or one account's."""
        return self._json("DELETE", "messages", account=account)

    def delete_message(self, id: Id) -> Json:
        """Delete one message."""
        return self._json("DELETE", f"messages/{_segment(id)}")

    # Requests and events.

    def requests(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"requests": […], "total": n}``, newest first.

        ``filters``: ``service, operation, method, path, status, error, contains, field, header, since, limit, offset``.
        """
        return self._json("GET", "requests", account=account, **filters)

    def verify(self, account: str | None = None, *, count: int = 1, **filters: Any) -> Json:
        """Return the requests that match, exactly ``count`` of them; an ``AssertionError`` says what there was instead.

        ``filters`` are those of :meth:`requests`.
        """
        found = self.requests(account, **filters)
        if found["total"] != count:
            rows = self.requests(account, limit=10)["requests"]
            there = "; ".join(f"{row['service']}: {row['method']} {row['path']} {row['status']}" for row in rows)
            raise AssertionError(f"{found['total']} requests with {filters}, not {count}; there are: {there or 'none'}")
        return found

    def request(self, id: Id) -> Json:
        """Return one request and its response, with headers and bodies."""
        return self._json("GET", f"requests/{_segment(id)}")

    def delete_requests(self, account: str | None = None) -> Json:
        """Empty the journal, or one account's."""
        return self._json("DELETE", "requests", account=account)

    def events(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"events": […], "total": n}``, newest first.

        ``filters``: ``service, type, message, since, limit, offset``.
        """
        return self._json("GET", "events", account=account, **filters)

    def delete_events(self, account: str | None = None) -> Json:
        """Delete all events, or one account's."""
        return self._json("DELETE", "events", account=account)

    # Webhooks.

    def webhooks(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"webhooks": […], "total": n}``: the deliveries, newest first.

        ``filters``: ``service, status, event, subscription, url, since, limit, offset``.
        """
        return self._json("GET", "webhooks", account=account, **filters)

    def webhook(self, id: Id) -> Json:
        """Return one delivery with what was posted and every attempt."""
        return self._json("GET", f"webhooks/{_segment(id)}")

    def replay_webhook(self, id: Id) -> Json:
        """Post a delivery's body once more, as a new delivery."""
        return self._json("POST", f"webhooks/{_segment(id)}/replay")

    def drain_webhooks(self, account: str | None = None, *, timeout: float = 10.0) -> bool:
        """Wait until no attempt is under way; ``False`` if some still were after ``timeout`` real seconds."""
        response = self._json("POST", "webhooks/drain", account=account, timeout=timeout)
        return bool(response["drained"])

    def delete_webhooks(self, account: str | None = None) -> Json:
        """Delete all deliveries, or one account's."""
        return self._json("DELETE", "webhooks", account=account)

    # Clock, faults, stubs and limits.

    def clock(self, account: str | None = None) -> Json:
        """Return what time it is: ``now``, ``unix``, ``frozen``, ``jobs``, ``next_job``."""
        return self._json("GET", "clock", account=account)

    def turn_clock(self, account: str | None = None, **turn: Any) -> Json:
        """Turn the clock by one of ``freeze=True``, ``freeze="2026-03-01T12:00:00Z"``, ``resume=True``,
        ``set="2026-03-01T12:00:00Z"`` and ``advance="8h30m"``; ``ran`` in the response says how many jobs ran.
        """
        return self._json("POST", "clock", turn, account=account)

    def faults(self, account: str | None = None, **part: Any) -> Json:
        """Return ``{"faults": […], "total": n}``, newest first."""
        return self._json("GET", "faults", account=account, **part)

    def add_fault(self, account: str | None = None, **fault: Any) -> Json:
        """Set a fault: ``add_fault(service="sparkpost", status=503, first=1)``.

        What to match: ``service, operation``. When: ``first, every, probability, seed``. What then happens: ``status,
        error, headers, latency, drop, truncate, garbage``.
        """
        return self._json("POST", "faults", fault, account=account)

    def delete_faults(self, account: str | None = None) -> Json:
        """Delete all faults, or one account's."""
        return self._json("DELETE", "faults", account=account)

    def delete_fault(self, id: Id) -> Json:
        """Delete one fault."""
        return self._json("DELETE", f"faults/{_segment(id)}")

    def stubs(self, account: str | None = None, **part: Any) -> Json:
        """Return ``{"stubs": […], "total": n}``, in the order in which they are tried."""
        return self._json("GET", "stubs", account=account, **part)

    def add_stub(self, account: str | None = None, **stub: Any) -> Json:
        """Set a canned response: ``add_stub(service="sparkpost", path="/api/v1/ip-pools", json={})``.

        The requests: ``service, operation, method, path, query, headers, contains, fields``. The response:
        ``status, json, text, response_headers, envelope``. When: ``times, scenario, state, next_state``.
        """
        return self._json("POST", "stubs", stub, account=account)

    def delete_stubs(self, account: str | None = None) -> Json:
        """Delete all stubs, or one account's."""
        return self._json("DELETE", "stubs", account=account)

    def delete_stub(self, id: Id) -> Json:
        """Delete one stub."""
        return self._json("DELETE", f"stubs/{_segment(id)}")

    def limits(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"limits": […], "total": n}``: how far they are used up. ``filters``: ``service, limit, offset``."""
        return self._json("GET", "limits", account=account, **filters)

    def set_limits(self, account: str | None = None, **change: Any) -> Json:
        """Switch all limits with ``enabled=``, or set one with ``service=``, ``name=`` and ``amount=``.

        An amount of ``None`` is the vendor's own.
        """
        return self._json("PUT", "limits", change, account=account)

    def reset_limits(self, account: str | None = None) -> Json:
        """Forget what was counted."""
        return self._json("POST", "limits/reset", account=account)

    # The services.

    def ca(self) -> bytes:
        """Return the certificate authority that clients of the TLS ports have to trust, PEM."""
        return self._bytes("GET", "ca")

    def state(self, account: str | None = None, **filters: Any) -> Json:
        """Return ``{"state": […], "total": n}``, the records. ``filters``: ``service, kind, limit, offset``."""
        return self._json("GET", "state", account=account, **filters)

    def services(self) -> Json:
        """Return ``{"services": […], "total": n}``: hosts, paths and ready credentials."""
        return self._json("GET", "services")

    def service(self, name: str) -> Json:
        """Return one service with its operations, errors and limits."""
        return self._json("GET", f"services/{_segment(name)}")

    def openapi(self, name: str | None = None) -> Json:
        """Return a service's OpenAPI 3.1 document; without a name the control API's own."""
        return self._json("GET", "openapi" if name is None else f"services/{_segment(name)}/openapi")

    def simulations(self, service: str) -> Json:
        """Return ``{"simulations": […], "total": n}``: what can be brought about in a service's accounts."""
        return self._json("GET", f"services/{_segment(service)}/simulations")

    def simulate(self, service: str, simulation: str, account: str, /, **fields: Any) -> Json:
        """Let something happen from outside a service's API, such as a reply to an SMS. Return what it shows."""
        path = f"services/{_segment(service)}/simulations/{_segment(simulation)}"
        return self._json("POST", path, fields, account=account)

    # Calls.

    def _json(self, method: str, path: str, body: Json | None = None, /, **query: Any) -> Json:
        response = self._bytes(method, path, body, **query)
        try:
            decoded = json.loads(response)
        except ValueError:
            decoded = None
        if not isinstance(decoded, dict):
            raise ControlError(f"what answers at {self.url} is no sparkbox")
        return decoded

    def _bytes(self, method: str, path: str, body: Json | None = None, /, **query: Any) -> bytes:
        pairs = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        target = f"{self._parts.path}/_mock/{path}" + (f"?{urlencode(pairs)}" if pairs else "")
        status, response = self._exchange(method, target, None if body is None else json.dumps(body).encode())
        if status >= 400:
            raise self._api_error(status, response)
        return response

    def _exchange(self, method: str, target: str, body: bytes | None) -> tuple[int, bytes]:
        # Without the environment's proxies: the sandbox is not behind them.
        from http.client import HTTPConnection, HTTPException, HTTPSConnection

        waits = target.partition("?")[0].endswith(("/clock", "/drain")) and method != "GET"
        timeout = max(self.timeout, PATIENCE) if waits else self.timeout
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=timeout)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except TimeoutError:
            raise ControlError(f"the sandbox at {self.url} did not answer within {timeout:g} s") from None
        except ConnectionRefusedError:
            raise ControlError(f"no sandbox runs at {self.url}; start one with: sparkbox serve") from None
        except (OSError, HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise ControlError(f"no sandbox can be reached at {self.url}: {reason}") from None
        finally:
            connection.close()

    def _api_error(self, status: int, response: bytes) -> ControlError:
        try:
            row = json.loads(response)["error"]
            return ControlError(row["message"], status=status, code=row["code"], details=row["details"])
        except (ValueError, TypeError, KeyError):
            return ControlError(f"what answers at {self.url} is no sparkbox: it says HTTP {status}", status=status)


def poll(find: Callable[[], list[T]], count: int, timeout: float, pause: float) -> list[T]:
    """Call ``find`` until it returns ``count`` items or ``timeout`` real seconds are over; return its last result."""
    from time import sleep

    from sparkbox.core.state.clock import stopwatch

    until = stopwatch() + timeout
    while len(found := find()) < count and stopwatch() < until:
        sleep(pause)
    return found


def _has_port(parts: SplitResult) -> bool:
    """Return whether the port is one, where there is one."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _segment(value: Id) -> str:
    return quote(str(value), safe="")
