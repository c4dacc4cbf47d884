"""The gateway for mail in one worker: it passes on logins and mails to the worker of the account.

The dialogue stays where the connection is. Only a login and a whole mail are passed on, so STARTTLS is no hindrance.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sparkbox.core.declare.relay import Login, Misaddressed, Submission
from sparkbox.core.request.http import Response, promise
from sparkbox.core.state.steps import Rest, StepsAndWaits, begin
from sparkbox.server.smtp.gateway import Gateway, Identity

from .application import WorkerApplication
from .calls import Call, LoginCall, MailCall, MailCalls, MisaddressCall, Reply

ACCEPTED = 235


class WorkerGateway(Gateway):
    """Hands logins and mails to the workers of their accounts."""

    def __init__(self, app: WorkerApplication, names: Sequence[str], url: str) -> None:
        super().__init__(app.sandbox, names, url)
        self._app = app
        app.serve_mail = self.serve

    @property
    def at_once(self) -> bool:
        """A login may have to be checked in another worker."""
        return False

    async def identify_later(self, user: str, password: str, client: str) -> tuple[Identity | None, str]:
        """Have a login checked by the worker of its account."""
        await self.load()
        for service, relay in self.relays:
            if relay.claims(user):
                identity = Identity(service, relay, user, password)
                reply = await self._app.call(self._worker_of(identity), LoginCall(user, password, client))
                return (identity if reply.status == ACCEPTED else None), reply.body.decode()
        return self.identify(user, password, client)

    def login(self, identity: Identity) -> Login | None:
        """Look up the account, which only its own worker has. Elsewhere the machine's clock ends an idle connection."""
        return super().login(identity) if self._is_here(identity) else None

    def submit(self, identity: Identity, submission: Submission, client: str, login: Login | None = None) -> Response:
        """Hand a mail to the service in the worker of its account."""
        if self._is_here(identity):
            self._app.leap()
            return super().submit(identity, submission, client, login)
        service, _, user, password = identity
        sender, recipients, data = submission
        call = MailCall(service.name, user, password, client, sender, list(recipients), data)
        begun = begin(self._forward_mail(identity, call), self.sandbox.turns)
        return promise(begun) if isinstance(begun, Rest) else begun

    def misaddress(self, identity: Identity, command: Misaddressed, client: str) -> Rest[None] | None:
        """Log a command whose path is not an address, in the worker of the account."""
        if self._is_here(identity):
            return super().misaddress(identity, command, client)
        service, _, user, password = identity
        call = MisaddressCall(service.name, user, password, client, *command)
        return begin(self._forward_misaddress(identity, call), self.sandbox.turns)

    async def serve(self, call: MailCalls) -> Reply:
        """Handle a call from another worker."""
        await self.load()
        if isinstance(call, LoginCall):
            identity, line = self.identify(call.user, call.password, call.client)
            return Reply(535 if identity is None else ACCEPTED, line.encode())
        service, relay = next(found for found in self.relays if found[0].name == call.service)
        identity = Identity(service, relay, call.user, call.password)
        if isinstance(call, MisaddressCall):
            rest = super().misaddress(identity, Misaddressed(call.sender, call.recipient, call.reply), call.client)
            if rest is not None:
                await rest()
            return Reply(250)
        submission = Submission(call.sender, tuple(call.recipients), call.data)
        response = super().submit(identity, submission, call.client)
        return Reply.of(response if response.later is None else await response.later())

    def _forward_mail(self, identity: Identity, call: Call) -> StepsAndWaits[Response]:
        reply: Reply = yield partial(self._app.call, self._worker_of(identity), call)
        return reply.response()

    def _forward_misaddress(self, identity: Identity, call: Call) -> StepsAndWaits[None]:
        yield partial(self._app.call, self._worker_of(identity), call)

    def _worker_of(self, identity: Identity) -> int:
        service, relay, user, password = identity
        return self._app.placement.of_login(service, relay, user, password)

    def _is_here(self, identity: Identity) -> bool:
        return self._worker_of(identity) == self.sandbox.place.worker
