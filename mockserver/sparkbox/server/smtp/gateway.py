"""The gateway from SMTP sessions to services: logins, mails, and their entries in the request log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.relay import (
    Login,
    Misaddressed,
    Rejected,
    Relay,
    Submission,
    Words,
)
from sparkbox.core.declare.service import Service
from sparkbox.core.declare.targets import SMTP
from sparkbox.core.logs.journal import Entry, packed
from sparkbox.core.request.http import Headers, Request, Response, promise
from sparkbox.core.state.account import Account
from sparkbox.core.state.budget import StoreFull
from sparkbox.core.state.clock import stopwatch
from sparkbox.core.state.context import Context
from sparkbox.core.state.jobs import TooManyJobs
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.state.steps import Aside, Interrupted, Rest, Steps, StepsAndWaits, attended, begin
from sparkbox.core.testing.faults import Fault

log = logging.getLogger("sparkbox")

REFUSED_LOGIN = Words().refused
NO_LOGIN = "530 5.7.0 Authentication required"
FAILED = "451 4.3.0 Local error in processing"
CLOSING = 421
"""The reply code that ends a connection."""


class Identity(NamedTuple):
    """A user name and password that a service has accepted."""

    service: Service
    relay: Relay
    user: str
    password: str


class Gateway:
    """Hands logins and mails to the services of ``sandbox`` that are in ``names``, in this order.

    ``url`` is the sandbox's HTTP address, for links in mails.
    """

    def __init__(self, sandbox: Sandbox, names: Sequence[str], url: str) -> None:
        self.sandbox = sandbox
        self._names = names
        self._url = url
        self.relays: list[tuple[Service, Relay]] = []
        self._importing = Aside(self._import)

    @property
    def at_once(self) -> bool:
        """Whether :meth:`identify` takes no time: the services that have a relay are imported."""
        return bool(self.relays)

    async def load(self) -> None:
        """Import the services that have a relay, while other requests go on."""
        if not self.relays:
            await self._importing()

    async def identify_later(self, user: str, password: str, client: str) -> tuple[Identity | None, str]:
        """Return the same as :meth:`identify` where that cannot be done at once."""
        await self.load()
        return self.identify(user, password, client)

    def identify(self, user: str, password: str, client: str) -> tuple[Identity | None, str]:
        """Return the identity of a login, ``None`` if no service accepts it, and the reply."""
        for service, relay in self.relays or self._import():
            if relay.claims(user):
                identity = Identity(service, relay, user, password)
                if self.login(identity) is not None:
                    return identity, relay.words.authenticated
                note = self.sandbox.credentials(service.name).note
                self._record_api_error(service.name, user, relay.words.refused, client, note)
                return None, relay.words.refused
        self._record_api_error(SMTP.id, user, REFUSED_LOGIN, client)
        return None, REFUSED_LOGIN

    def login(self, identity: Identity) -> Login | None:
        """Look up the account again. It may have been reset or dropped, or a key revoked."""
        credentials = self.sandbox.credentials(identity.service.name)
        credentials.note = None
        return identity.relay.login(credentials, identity.user, identity.password)

    def submit(self, identity: Identity, submission: Submission, client: str, login: Login | None = None) -> Response:
        """Hand a mail to its service. The response's body is the reply; the session applies its fault.

        A response with ``later`` stands for one that takes several steps. ``login``: what :meth:`login` returned just
        before, if it was asked.
        """
        begun = begin(self._life(identity, submission, client, login), self.sandbox.turns)
        return promise(begun) if isinstance(begun, Rest) else begun

    def _life(
        self, identity: Identity, submission: Submission, client: str, login: Login | None
    ) -> StepsAndWaits[Response]:
        began = stopwatch()
        login = login or self.login(identity)
        if login is not None and login.account.clock.is_due:
            yield from login.account.clock.catch_up()
            login = self.login(identity)
        if login is None:
            return _response(Rejected(NO_LOGIN))
        service, account = identity.service, login.account
        request = _request(identity, login, submission, client, f"{self._url}/{service.name}")
        ctx: Context | None = None
        fault = self._fault(service.name, account)
        try:
            ctx = Context(self.sandbox, service, account, request)
            if fault is not None and fault.refuses:
                raise _injected(fault, identity)
            id = yield from attended(account, identity.relay.submit(ctx, submission))
            response = Response(250, identity.relay.words.accepted.format(id=id).encode(), [])
        except Exception as raised:
            response = self._response_to(raised, identity)
        if fault is not None:
            response.spoil(fault)
        self._record(ctx, service.name, account, request, response, began)
        return response

    def misaddress(self, identity: Identity, command: Misaddressed, client: str) -> Rest[None] | None:
        """Log a command whose path is not an address, for developers who miss a mail.

        Return the rest of the work if the account's due jobs come first and take several steps.
        """
        return begin(self._misaddress(identity, command, client), self.sandbox.turns)

    def _misaddress(self, identity: Identity, command: Misaddressed, client: str) -> Steps[None]:
        began = stopwatch()
        login = self.login(identity)
        if login is not None and login.account.clock.is_due:
            yield from login.account.clock.catch_up()
            login = self.login(identity)
        if login is None:
            return
        path = f"RCPT TO:{command.recipient}" if command.recipient else f"MAIL FROM:{command.sender}"
        headers: Headers = [*login.headers, (b"user", identity.user.encode())]
        request = Request(
            SMTP.method, path, headers=headers, client=client, base_url=f"{self._url}/{identity.service.name}"
        )
        ctx: Context | None = None
        try:
            ctx = Context(self.sandbox, identity.service, login.account, request)
            if identity.relay.misaddressed is not None:
                identity.relay.misaddressed(ctx, command)
        except StoreFull as full:
            log.error("an address by SMTP: %s", full)
        response = _response(Rejected(command.reply))
        self._record(ctx, identity.service.name, login.account, request, response, began)

    def _import(self) -> list[tuple[Service, Relay]]:
        services = map(self.sandbox.service, self._names)
        self.relays = [(service, service.relay()) for service in services if service.relay is not None]
        return self.relays

    def _fault(self, service: str, account: Account) -> Fault | None:
        return account.faults.pick(service, SMTP) or self.sandbox.faults.pick(service, SMTP)

    def _response_to(self, raised: Exception, identity: Identity) -> Response:
        match raised:
            case Rejected():
                return _response(raised)
            case ApiError():
                return _response(identity.relay.reject(raised))
            case StoreFull() | TooManyJobs() | Interrupted():
                log.error("a mail by SMTP: %s", raised)
                return _response(Rejected(identity.relay.words.busy))
        log.error("a mail by SMTP failed; this is a bug in the sandbox", exc_info=raised)
        return _response(Rejected(FAILED))

    def _record(
        self, ctx: Context | None, service: str, account: Account, request: Request, response: Response, began: float
    ) -> None:
        entry = Entry(
            self.sandbox.logs.requests.next_number(),
            account.clock.now() if ctx is None else ctx.now,
            service,
            account.credential,
            SMTP.id,
            request.method,
            request.path,
            b"",
            packed(request.raw_headers),
            request.body,
            response.status,
            b"",
            response.body,
            stopwatch() - began,
            response.error,
            response.fault.describe() if response.fault is not None else None,
            request.note if ctx is None else ctx.note,
        )
        account.requests.append(entry, entry.size)

    def _record_api_error(self, service: str, user: str, reply: str, client: str, note: str | None = None) -> None:
        """Log a rejected login. It belongs to no account, but explains a missing mail."""
        request = Request(SMTP.method, "AUTH", headers=[(b"user", user.encode("utf-8", "replace"))], client=client)
        request.note = note
        self._record(None, service, self.sandbox.anonymous, request, _response(Rejected(reply)), stopwatch())


def _request(identity: Identity, login: Login, submission: Submission, client: str, base_url: str) -> Request:
    """Return a submission as a request, for the log and for the service's code."""
    headers: Headers = [*login.headers, (b"user", identity.user.encode())]
    headers += [(b"rcpt to", f"<{recipient}>".encode("utf-8", "replace")) for recipient in submission.recipients]
    return Request(SMTP.method, f"MAIL FROM:<{submission.sender}>", b"", headers, submission.data, client, base_url)


def _response(rejected: Rejected) -> Response:
    return Response(int(rejected.reply[:3]), rejected.reply.encode(), [], rejected.error)


def _injected(fault: Fault, identity: Identity) -> Rejected:
    """Return the reply of a fault: its own code if the fault is for mail, else that of the API error."""
    status = fault.status
    if fault.error is not None or fault.operation is None or status is None:
        return identity.relay.reject(fault.row(identity.service.errors)())
    if status == CLOSING:
        return Rejected(identity.relay.words.busy, "fault")
    text = _PHRASES.get(status) or f"{status // 100}.0.0 Injected"
    return Rejected(f"{status} {text}", "fault")


_PHRASES = {
    450: "4.2.0 Mailbox unavailable",
    451: "4.3.0 Requested action aborted: error in processing",
    452: "4.3.1 Insufficient system storage",
    454: "4.7.0 Temporary authentication failure",
    550: "5.7.1 Requested action not taken",
    552: "5.3.4 Message size exceeds the limit",
    554: "5.0.0 Transaction failed",
}
