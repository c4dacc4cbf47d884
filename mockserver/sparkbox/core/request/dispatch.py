"""The life of a request, in one visible list: :meth:`Dispatcher._life`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ..declare.errors import ApiError
from ..declare.operation import Later, Operation, Reply
from ..declare.service import Service
from ..logs.journal import Entry, packed
from ..state.account import Account
from ..state.clock import Clock, stopwatch
from ..state.context import Context
from ..state.sandbox import Sandbox
from ..state.steps import Held, Interrupted, Rest, Steps, StepsAndWaits, attended, begin
from .asgi import request_of, send_response
from .body_budget import BodyBudgetExceeded
from .exchange import Exchange
from .failures import error_response, failure, not_allowed
from .http import (
    BodyTooLarge,
    Disconnected,
    Incoming,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    json_response,
    promise,
)
from .injection import canned, injected, pick_fault, pick_stub, put_stub_headers
from .validation import check_declared, validate, validate_large, written

log = logging.getLogger("sparkbox")

ROUNDS = 3
_BODILESS = frozenset({204, 304})


class Dispatcher:
    """A service in a sandbox, as an ASGI application and as a plain function from request to response."""

    def __init__(self, sandbox: Sandbox, service: Service) -> None:
        self.sandbox = sandbox
        self.service = service
        self.envelope = service.envelope
        self.credentials = sandbox.credentials(service.name)

    def respond(self, request: Request, *, api_error: ApiError | None = None) -> Response:
        """Answer one request. This never raises, does no I/O, and leaves an entry in the journal.

        ``api_error``: what was found wrong before the request could be read (a body that is too large). A response
        whose ``later`` is set stands for one that has to be waited for: it takes several steps, or I/O.
        """
        begun = begin(self._life(Exchange(self.sandbox, self.service, request), api_error), self.sandbox.turns)
        return promise(begun) if isinstance(begun, Rest) else begun

    def refuse(self, request: Request, api_error: ApiError) -> Response:
        """Answer with an error a request that nothing else is to look at. It leaves no entry in the journal."""
        response = error_response(api_error, self.envelope)
        self._finish(Exchange(self.sandbox, self.service, request), response)
        return response

    def _life(self, exchange: Exchange, api_error: ApiError | None) -> StepsAndWaits[Response]:
        """Run all steps of a request in order; each ``yield`` gives others their turn."""
        traffic = self.service.traffic
        try:
            account = exchange.account = self._identify(exchange.request)
            if self.service.concerns is not None or (account is not None and account.clock.is_due):
                yield from self._catch_up(exchange)
            operation, values = self._match(exchange)
            if traffic:
                fault = exchange.fault = pick_fault(exchange, operation)
                if fault is not None and fault.refuses:
                    raise injected(exchange, fault, operation)
            if api_error is not None:
                raise api_error
            stub = exchange.stub = pick_stub(exchange) if traffic and self.sandbox.stubbed else None
            if stub is None:
                ctx = exchange.ctx = self._authenticate(exchange, operation)
                self._limit(ctx, operation)
                response = yield from self._handle(exchange, ctx, operation, values)
            else:
                response = canned(exchange, stub)
        except Exception as raised:
            unknown = exchange.operation is None and api_error is None and traffic and self.sandbox.stubbed
            stub = exchange.stub = pick_stub(exchange) if unknown else None
            response = failure(exchange, raised) if stub is None else canned(exchange, stub)
        if exchange.fault is not None:
            response.spoil(exchange.fault)
        self._finish(exchange, response)
        if traffic:
            self._record(exchange, response)
        if exchange.held is not None:
            yield from exchange.held.let_go()
        return response

    # The steps, in order.

    def _identify(self, request: Request) -> Account | None:
        self.credentials.note = None
        try:
            return self.service.identify(request, self.credentials)
        finally:
            request.note = self.credentials.note

    def _catch_up(self, exchange: Exchange) -> Steps[None]:
        """Run what is due in the accounts that a request is about, and what falls due in one of them meanwhile."""
        concerns, account = self.service.concerns, exchange.account
        clocks: Iterable[Clock] = () if account is None else (account.clock,)
        for _ in range(ROUNDS):
            if concerns is not None:
                clocks = concerns(exchange.request, self.sandbox.accounts)
            due = [clock for clock in clocks if clock.is_due]
            if not due:
                break
            for clock in due:
                yield from clock.catch_up()
        if concerns is None:
            exchange.account = self._identify(exchange.request)  # it may have been reset or dropped meanwhile

    def _match(self, exchange: Exchange) -> tuple[Operation, dict[str, str]]:
        request = exchange.request
        found = self.service.match("GET" if request.method == "HEAD" else request.method, request.path)
        if isinstance(found, tuple):
            exchange.operation = found[0]
            return found
        if not found:
            raise exchange.envelope.not_found(method=request.method, path=request.path)
        raise not_allowed(exchange, found)

    def _authenticate(self, exchange: Exchange, operation: Operation) -> Context:
        account, service = exchange.account, self.service
        if account is None:
            if not operation.public:
                raise exchange.envelope.unauthorized()
            account = self.sandbox.anonymous
        ctx = service.context(self.sandbox, service, account, exchange.request, operation)
        if not operation.public:
            service.authorize(ctx, operation)
        if operation.seeds:
            service.contents.seed(operation.section, account, ctx.store)
        return ctx

    def _limit(self, ctx: Context, operation: Operation) -> None:
        limits = self.service.limits if operation.limits is None else operation.limits
        if not limits or ctx.account is self.sandbox.anonymous:
            return
        standing = ctx.account.buckets.take(self.service.name, operation.id, limits, ctx.now)
        if standing is not None:
            raise self.service.envelope_of(operation).limited(standing, ctx.now)

    def _handle(
        self, exchange: Exchange, ctx: Context, operation: Operation, values: dict[str, str]
    ) -> StepsAndWaits[Response]:
        """Validate the request, call the handler, and wrap its result."""
        service, request, strict = self.service, exchange.request, self.sandbox.settings.validate_responses
        if len(request.body) < service.decoded_at_once:
            body, query = validate(service, request, operation)
        else:
            body, query = yield from attended(ctx.account, validate_large(service, request, operation))
            exchange.held = Held(body)
        if service.prepare is not None:
            yield from service.prepare(ctx, values, body, query)
        result = operation.call(ctx, values, body, query)
        if operation.in_steps:
            # A control call belongs to no account, and may be the one that resets all.
            result = yield from attended(ctx.account, result) if service.traffic else result
            result = yield from written(operation, result, strict=strict)
        if isinstance(result, Later):
            generation = ctx.account.generation
            result = yield result.payload
            if service.traffic and ctx.account.generation != generation:
                raise Interrupted("the account was reset meanwhile")
        return self._wrap(ctx, operation, result, strict=strict and not operation.in_steps)

    def _wrap(self, ctx: Context, operation: Operation, result: Any, *, strict: bool) -> Response:
        if isinstance(result, Response):
            return result
        status, headers = operation.status, None
        if isinstance(result, Reply):
            status, headers = result.status or status, result.headers
            result = result.payload
        if strict:
            check_declared(operation, status, result)
        if operation.bare:
            response = json_response(status, result)
        else:
            response = (operation.own_envelope or self.envelope).success(ctx, operation, result, status)
        if headers:
            response.headers.extend((name.lower().encode(), value.encode("latin-1")) for name, value in headers)
        return response

    # What every response gets.

    def _finish(self, exchange: Exchange, response: Response) -> None:
        """Add the headers of the service, of a stub and of a fault, and the length."""
        stub = exchange.stub
        if stub is None or stub.envelope:
            ctx = exchange.ctx or exchange.outside()
            try:
                exchange.envelope.finish(ctx, response)
            except Exception:
                request = exchange.request
                log.exception("%s %s: the response could not be finished", request.method, request.path)
            if stub is not None:
                put_stub_headers(stub, response)
        if response.fault is not None:
            response.set_fault_headers()
        if response.status in _BODILESS:
            response.body = b""
        else:
            response.headers.append((b"content-length", b"%d" % len(response.body)))

    def _record(self, exchange: Exchange, response: Response) -> None:
        """Append an entry to the journal."""
        request, operation, ctx = exchange.request, exchange.operation, exchange.ctx
        account = (exchange.account or self.sandbox.anonymous) if ctx is None else ctx.account
        entry = Entry(
            self.sandbox.logs.requests.next_number(),
            account.clock.now() if ctx is None else ctx.now,
            self.service.name,
            account.credential,
            "" if operation is None else operation.id,
            request.method,
            request.path,
            request.query,
            packed(request.raw_headers),
            request.body,
            response.status,
            response.head if response.is_sound else b"",
            response.body,
            stopwatch() - exchange.began,
            response.error,
            None if response.fault is None else response.fault.describe(),
            request.note if ctx is None else ctx.note or request.note,
        )
        account.requests.append(entry, entry.size)

    # The ASGI side.

    async def __call__(self, scope: Scope, receive: Receive, send: Send, prefix: str = "") -> None:
        """Read the request, answer it, and do what a fault wants of the connection."""
        request = request_of(scope, prefix)
        api_error = None
        incoming = Incoming(self.sandbox.bodies)
        try:
            try:
                request.body = await incoming.read(receive, self.service.body_limit)
            except Disconnected:
                return
            except BodyTooLarge:
                api_error = self.envelope.too_large()
            except BodyBudgetExceeded:
                log.error("%s %s: no room for the bodies that are under way", request.method, request.path)
                api_error = self.envelope.unavailable()
            if api_error is not None:
                api_error.headers.append((b"connection", b"close"))
            await send_response(self.respond(request, api_error=api_error), scope, receive, send)
        finally:
            incoming.close()
