"""The application of one worker: it serves its own accounts, and passes on requests to those of others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.types import Receive, Scope, Send

from sparkbox.app import CONTROL, Application
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.asgi import request_of, send_response
from sparkbox.core.request.body_budget import BodyBudgetExceeded
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import BodyTooLarge, Disconnected, Incoming, Response, promise
from sparkbox.core.state.clock import stopwatch
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.state.steps import StepsAndWaits, begin

from .calls import Call, HttpCall, MailCalls, Moved, Reply, call_of
from .control import ControlCalls
from .link import Link, LinkLost
from .placement import Placement

NUMBERS_A_SECOND = 100_000
"""More than a worker needs, so that its numbers never run ahead of the time; few enough to stay close together."""

log = logging.getLogger("sparkbox")


class WorkerApplication(Application):
    """The sandbox as an ASGI application, in one of several processes.

    ``began`` is the common beginning of the numbers in the logs, on the machine's monotonic clock.
    """

    def __init__(self, sandbox: Sandbox, began: float) -> None:
        super().__init__(sandbox)
        self.here = sandbox.place
        self.placement = Placement(sandbox)
        self.links: dict[int, Link] = {}
        """The links to the other workers."""
        self.serve_mail: Callable[[MailCalls], Awaitable[Reply]] = _no_mail
        """Handles other workers' calls by SMTP."""
        self._controls = ControlCalls(self)
        self._began = began
        logs = sandbox.logs
        self._buffers = (logs.messages, logs.requests, logs.events, logs.deliveries)
        for buffer in self._buffers:
            buffer.step = self.here.workers
            buffer.leap(self.here.workers + self.here.worker)

    # Requests of clients.

    def response(self, scope: Scope, body: bytes) -> Response | None:
        """Respond to a request that has arrived in full, without a task if its account is in this worker."""
        if self._foreign(scope):
            return super().response(scope, body)
        place = self.place(scope["path"], scope["headers"])
        if place is None or not self.is_loaded(place[0]):
            return None
        name, prefix = place
        if name != CONTROL:
            dispatcher = self.dispatcher(name)
            service, request = dispatcher.service, request_of(scope, prefix, body)
            if len(body) > service.body_limit:
                return None
            if self.placement.of_request(service, request) == self.here.worker:
                if service.contents.needed(request.method, request.path):
                    return None
                self.leap()
                return dispatcher.respond(request)
        begun = begin(self._respond_in_steps(scope, body), self.sandbox.turns)
        return begun if isinstance(begun, Response) else promise(begun)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = None
        if scope["type"] == "http" and not self._foreign(scope):
            place = self.place(scope["path"], scope["headers"])
        if place is None:
            return await super().__call__(scope, receive, send)
        self.sandbox.home.settle()
        dispatcher = await self._loaded(place[0])
        incoming = Incoming(self.sandbox.bodies)
        body, problem = b"", ""
        try:
            try:
                body = await incoming.read(receive, dispatcher.service.body_limit)
            except Disconnected:
                return
            except BodyTooLarge:
                problem = "too_large"
            except BodyBudgetExceeded:
                log.error("%s %s: no room for the bodies that are under way", scope["method"], scope["path"])
                problem = "unavailable"
            await send_response(await self._respond(scope, body, problem), scope, receive, send)
        finally:
            incoming.close()

    def _respond_in_steps(self, scope: Scope, body: bytes) -> StepsAndWaits[Response]:
        response: Response = yield partial(self._respond, scope, body)
        return response

    async def _respond(self, scope: Scope, body: bytes, problem: str = "") -> Response:
        """Return the response of the worker that a request belongs to, or that of all."""
        place = self.place(scope["path"], scope["headers"])
        assert place is not None
        name, prefix = place
        request = request_of(scope, prefix, body)
        call = call_of(scope, body, problem)
        if name == CONTROL:
            return await self._controls.respond(request, call)
        service = (await self._loaded(name)).service
        return (await self.call(self.placement.of_request(service, request), call)).response()

    # Calls of other workers.

    def serve(self, call: Call) -> Reply | Awaitable[Reply]:
        """Handle a call from another worker."""
        if isinstance(call, Moved):
            self.placement.move(call.credential, call.worker)
            return Reply(200)
        self.leap()
        if not isinstance(call, HttpCall):
            return self.serve_mail(call)
        response = None
        if not call.problem and not call.rules_from:
            response = super().response(call.scope(), call.body)
        if response is None or response.later is not None:
            return self._execute(call, response)
        return Reply.of(response)

    async def call(self, worker: int, call: Call) -> Reply:
        """Send a call to a worker, which may be this one, and return its reply."""
        if worker != self.here.worker:
            try:
                return await self.links[worker].call(call)
            except LinkLost:  # all workers are about to end
                return Reply(503, headers=[(b"content-length", b"0"), (b"connection", b"close")])
        reply = self.serve(call)
        return reply if isinstance(reply, Reply) else await reply

    async def call_all(self, call: Call) -> Sequence[Reply]:
        """Send a call to all workers, and return their replies."""
        return await asyncio.gather(*(self.call(worker, call) for worker in range(self.here.workers)))

    async def _execute(self, call: HttpCall, response: Response | None = None) -> Reply:
        """Respond to a request here."""
        if response is None:
            scope = call.scope()
            place = self.place(call.path, call.headers)
            assert place is not None
            dispatcher = await self._loaded(place[0])
            await self._load_sections(scope, *place)
            if call.rules_from:
                self.sandbox.begin_rules(call.rules_from)
            request = request_of(scope, place[1], call.body)
            response = dispatcher.respond(request, api_error=_api_error(dispatcher, call.problem))
        if response.later is not None:
            response = await response.later()
        return Reply.of(response)

    async def _loaded(self, name: str) -> Dispatcher:
        if not self.is_loaded(name):
            await self.load(name)
        return self.control if name == CONTROL else self.dispatcher(name)

    # Numbers in the logs.

    def next_number(self) -> int:
        """Return a number that no other worker has, and that is larger than all that were before."""
        place = self.here
        return int((stopwatch() - self._began) * NUMBERS_A_SECOND) * place.workers + place.worker

    def leap(self) -> None:
        """Let the numbers in the logs keep up with those of the other workers: they follow the time."""
        number = self.next_number()
        for buffer in self._buffers:
            buffer.leap(number)


async def _no_mail(_: MailCalls) -> Reply:
    raise RuntimeError("this worker has no gateway for mail")


def _api_error(dispatcher: Dispatcher, problem: str) -> ApiError | None:
    if not problem:
        return None
    error = dispatcher.envelope.too_large() if problem == "too_large" else dispatcher.envelope.unavailable()
    error.headers.append((b"connection", b"close"))
    return error
