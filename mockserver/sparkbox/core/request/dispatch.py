"""The life of a request, in one visible sequence: :meth:`Dispatcher.respond`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Iterable
from typing import Any

import orjson

from ..declare.envelope import Envelope
from ..declare.errors import ApiError
from ..declare.limits import Standing, used_up
from ..declare.operation import Later, Operation, Reply
from ..declare.schema import Invalid, check
from ..declare.service import Service
from ..logs.journal import STUBBED, Entry, packed
from ..state.account import Account
from ..state.budget import StoreFull
from ..state.clock import TooManyJobs, stopwatch
from ..state.context import Context
from ..state.sandbox import Sandbox
from ..state.steps import Held, Interrupted, Rest, Steps, Wait, attended, begin
from ..testing.faults import Fault
from ..testing.stubs import Stub
from .asgi import request_of, send_response
from .body_budget import BodyBudgetExceeded
from .headers import replace_headers
from .http import (
    BodyTooLarge,
    Disconnected,
    Headers,
    Incoming,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    json_response,
    promise,
)
from .large_json import AT_ONCE, TooManyElements, decoded
from .large_json import packed as written

log = logging.getLogger("sparkbox")

ROUNDS = 3
_BODILESS = frozenset({204, 304})


class Dispatcher:
    """A service in a sandbox, as an ASGI application and as a plain function from request to answer."""

    def __init__(self, sandbox: Sandbox, service: Service) -> None:
        self.sandbox = sandbox
        self.service = service
        self.envelope = service.envelope
        self.credentials = sandbox.credentials(service.name)

    def respond(self, request: Request, *, api_error: ApiError | None = None) -> Response:
        """Answers one request. It never raises, does no I/O, and leaves an entry in the journal.

        ``refusal``: what was found wrong before the request could be read (a body that is too large). An answer whose
        ``later`` is set stands for one that has to be waited for: it takes several steps, or I/O.
        """
        begun = begin(self._life(request, api_error), self.sandbox.turns)
        return promise(begun) if isinstance(begun, Rest) else begun

    def _life(self, request: Request, api_error: ApiError | None) -> Generator[Wait | None, Any, Response]:
        """All that is done for a request, in order; it says ``yield`` where others may have their turn."""
        began = stopwatch()
        operation: Operation | None = None
        account: Account | None = None
        ctx: Context | None = None
        fault: Fault | None = None
        body: Any = None
        result: Any = None
        held: Held | None = None
        try:
            account = self._identify(request)
            if self.service.concerns is not None:
                yield from self._catch_up(list(self.service.concerns(request, self.sandbox.accounts)))
            elif account is not None and account.clock.is_due:
                yield from self._catch_up([account])
                account = self._identify(request)  # it may have been reset or dropped meanwhile
            operation, values = self._match(request)
            fault = self._fault(account, operation)
            if fault is not None and fault.refuses:
                raise self._injected(fault, request, account, operation)
            if api_error is not None:
                raise api_error
            stub = self._stub(request, account, operation) if self.sandbox.stubbed else None
            if stub is not None:
                return self._canned(stub, request, account, operation, fault, began)
            ctx = self._authenticate(request, account, operation)
            self._limit(ctx, operation)
            if len(request.body) < self.service.decoded_at_once:
                body, query = self._validate(request, operation)
            else:
                body, query = yield from attended(ctx.account, self._validate_large(request, operation))
                held = Held(body)
            if self.service.prepare is not None:
                yield from self.service.prepare(ctx, values, body, query)
            result = operation.call(ctx, values, body, query)
            if operation.in_steps:
                # A control call belongs to no account, and may be the one that resets all.
                result = yield from attended(ctx.account, result) if self.service.traffic else result
                result = yield from self._written(operation, result)
            if isinstance(result, Later):
                generation = ctx.account.generation
                result = yield result.payload
                if self.service.traffic and ctx.account.generation != generation:
                    raise Interrupted("the account was reset meanwhile")
            response = self._wrap(ctx, operation, result)
        except Exception as raised:
            unknown = operation is None and api_error is None and self.sandbox.stubbed
            stub = self._stub(request, account, None) if unknown else None
            if stub is not None:
                return self._canned(stub, request, account, None, None, began)
            response = self._response_to(raised, request, operation, fault)
        if fault is not None:
            response.spoil(fault)
        self._finish(ctx, request, response, account if ctx is None else ctx.account)
        self._record(request, response, operation, account if ctx is None else ctx.account, ctx, began)
        if held is not None:
            body = result = None
            yield from held.let_go()
        return response

    def _catch_up(self, accounts: Collection[Account]) -> Steps[None]:
        """Runs what is due in the accounts that a request is about, and what falls due in one of them meanwhile."""
        for _ in range(ROUNDS):
            due = [account for account in accounts if account.clock.is_due]
            if not due:
                break
            for account in due:
                yield from account.clock.catch_up()

    def refuse(self, request: Request, api_error: ApiError) -> Response:
        """Answers with an error what nothing else is to look at; it leaves no entry in the journal."""
        response = self._refuse(api_error, self.envelope)
        self._finish(None, request, response, None)
        return response

    def _canned(
        self,
        stub: Stub,
        request: Request,
        account: Account | None,
        operation: Operation | None,
        fault: Fault | None,
        began: float,
    ) -> Response:
        """The rest of :meth:`respond` where a stub answers: without the envelope, unless it asks for that."""
        ctx = self._outside(request, account, operation)
        ctx.note = f"{STUBBED} {stub.id}"
        response, given = stub.response(), []
        if stub.envelope and operation is not None:
            given = [header for header in response.headers if header[0] != b"content-type"]
            response = self._envelope(request, operation).success(
                ctx, operation, orjson.loads(stub.body or b"null"), stub.status
            )
        if fault is not None:
            response.spoil(fault)
        self._finish(ctx, request, response, ctx.account, bare=not stub.envelope, given=given)
        self._record(request, response, operation, ctx.account, ctx, began)
        return response

    # The steps, in order.

    def _identify(self, request: Request) -> Account | None:
        self.credentials.note = None
        try:
            return self.service.identify(request, self.credentials)
        finally:
            request.note = self.credentials.note

    def _match(self, request: Request) -> tuple[Operation, dict[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        found = self.service.match(method, request.path)
        if isinstance(found, tuple):
            return found
        if not found:
            raise self._envelope(request).not_found(method=request.method, path=request.path)
        raise self._not_allowed(request, found)

    def _not_allowed(self, request: Request, allowed: Iterable[str]) -> ApiError:
        envelope = self._envelope(request)
        api_error = envelope.no_method(request.method, request.path)
        if api_error.error is envelope.method_not_allowed:
            api_error.headers.append((b"allow", ", ".join(sorted(allowed)).encode()))
        return api_error

    def _fault(self, account: Account | None, operation: Operation) -> Fault | None:
        if not self.service.traffic:
            return None
        name = self.service.name
        if account is not None and len(account.faults):
            fault = account.faults.pick(name, operation)
            if fault is not None:
                return fault
        return self.sandbox.faults.pick(name, operation) if len(self.sandbox.faults) else None

    def _injected(self, fault: Fault, request: Request, account: Account | None, operation: Operation) -> ApiError:
        """What the service would answer in the fault's place, with the headers that it would send."""
        # What needs no credential has refusals of its own where others want one, such as a token's endpoint.
        own = operation.errors if operation.public else ()
        envelope = self._envelope(request, operation)
        row = fault.row((*own, *envelope.common_errors(), *self.service.errors), envelope.code_of)
        if row is envelope.method_not_allowed:
            return self._not_allowed(request, self.service.methods(request.path) - {request.method})
        limit = self.service.limit_behind(row, operation)
        if limit is None:
            return row(method=request.method, path=request.path)
        now = (account or self.sandbox.anonymous).clock.now()
        return envelope.limited(used_up(limit, now), now)

    def _stub(self, request: Request, account: Account | None, operation: Operation | None) -> Stub | None:
        if not self.service.traffic:
            return None
        if account is not None and account.stubs.rules:
            stub = account.stubs.pick(self.service, operation, request)
            if stub is not None:
                return stub
        return self.sandbox.stubs.pick(self.service, operation, request) if self.sandbox.stubs.rules else None

    def _authenticate(self, request: Request, account: Account | None, operation: Operation) -> Context:
        if account is None:
            if not operation.public:
                raise self._envelope(request, operation).unauthorized()
            account = self.sandbox.anonymous
        ctx = self.service.context(self.sandbox, self.service, account, request, operation)
        if not operation.public:
            self.service.authorize(ctx, operation)
        if operation.seeds:
            self.service.contents.seed(operation.section, account, ctx.store)
        return ctx

    def _limit(self, ctx: Context, operation: Operation) -> None:
        limits = self.service.limits if operation.limits is None else operation.limits
        if not limits or ctx.account is self.sandbox.anonymous:
            return
        standing = ctx.account.buckets.take(self.service.name, operation.id, limits, ctx.now)
        if standing is not None:
            raise self._limited(standing, ctx.now, operation)

    def _limited(self, standing: Standing, now: float, operation: Operation) -> ApiError:
        return self.service.envelope_of(operation).limited(standing, now)

    def _validate(self, request: Request, operation: Operation) -> tuple[Any, Any]:
        body = None
        if operation.body is not None:
            self._check_media_type(request, operation)
            found = self.service.decode_body(request)
            if operation.body_required or found not in (b"", None):
                body = check(operation.body, found, "body")
        return body, self._validate_query(request, operation)

    def _validate_large(self, request: Request, operation: Operation) -> Steps[tuple[Any, Any]]:
        """The same in steps."""
        body = None
        if operation.body is not None:
            self._check_media_type(request, operation)
            if self.service.decode_large is not None:
                found = yield from self.service.decode_large(request)
            else:
                found = self.service.decode_body(request)
                if found.__class__ is bytes:
                    found = yield from decoded(found, operation.body)
            pausing = len(request.body) >= AT_ONCE
            if pausing:
                yield
            body = check(operation.body, found, "body")
            if pausing:
                yield
        return body, self._validate_query(request, operation)

    def _written(self, operation: Operation, result: Any) -> Steps[Any]:
        """What a handler in steps has made, its long lists written as JSON."""
        if isinstance(result, Reply | Response):
            return result
        if self.sandbox.settings.validate_responses:
            _check_declared(operation, operation.status, result)
        return (yield from written(result))

    def _validate_query(self, request: Request, operation: Operation) -> Any:
        query = None
        if operation.query is not None:
            if not request.query and not self.service.query_in_body:
                query = operation.empty_query
            if query is None:
                query = check(operation.query, self.service.decode_query(request), "query")
        return query

    def _check_media_type(self, request: Request, operation: Operation) -> None:
        taken = self.service.content_types if operation.content_types is None else operation.content_types
        if taken and request.body and request.content_type not in taken:
            raise self.service.envelope_of(operation).unsupported_media_type(content_type=request.content_type)

    def _wrap(self, ctx: Context, operation: Operation, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        status, headers = operation.status, None
        if isinstance(result, Reply):
            status, headers = result.status or status, result.headers
            result = result.payload
        if self.sandbox.settings.validate_responses and not operation.in_steps:
            _check_declared(operation, status, result)
        if operation.bare:
            response = json_response(status, result)
        else:
            response = (operation.own_envelope or self.envelope).success(ctx, operation, result, status)
        if headers:
            response.headers.extend((name.lower().encode(), value.encode("latin-1")) for name, value in headers)
        return response

    # When something is refused.

    def _response_to(
        self, raised: Exception, request: Request, operation: Operation | None, fault: Fault | None
    ) -> Response:
        envelope = self._envelope(request, operation)
        try:
            match raised:
                case ApiError():
                    return self._refuse(self._declared(raised, envelope, operation, fault), envelope)
                case Invalid():
                    found = envelope.malformed() if operation is None else envelope.problems(raised.problems, operation)
                    return self._refuse(self._declared(found, envelope, operation, None), envelope)
                case TooManyElements():
                    return self._refuse(self._declared(envelope.too_large(), envelope, operation, fault), envelope)
                case StoreFull() | TooManyJobs() | Interrupted():
                    log.error("%s %s: %s", request.method, request.path, raised)
                    return self._refuse(envelope.unavailable(), envelope)
        except Exception as failed:
            raised = failed
        message = "%s %s failed; this is a mistake of the sandbox"
        log.error(message, request.method, request.path, exc_info=raised)
        return self._refuse(envelope.crashed(), envelope)

    def _envelope(self, request: Request, operation: Operation | None = None) -> Envelope:
        """Return how a response looks: as its operation's section says, or that of the path."""
        return self.service.envelope_at(request.path) if operation is None else self.service.envelope_of(operation)

    def _refuse(self, api_error: ApiError, envelope: Envelope) -> Response:
        response = envelope.error(api_error)
        response.error = api_error.error.name
        response.headers.extend(api_error.headers)
        return response

    def _declared(
        self, api_error: ApiError, envelope: Envelope, operation: Operation | None, fault: Fault | None
    ) -> ApiError:
        """In our own tests, an error that the operation didn't declare is a mistake of ours, and answered as one."""
        if not self.sandbox.settings.validate_responses or operation is None or fault is not None:
            return api_error
        if api_error.error in self.service.errors_of(operation):
            return api_error
        log.error("%s answered with %r, which it does not declare", operation.id, api_error.error.name)
        return envelope.crashed()

    def _outside(self, request: Request, account: Account | None, operation: Operation | None = None) -> Context:
        """The context of an answer that no handler gives; nobody's, where there is no room for the account's state."""
        try:
            return self.service.context(
                self.sandbox, self.service, account or self.sandbox.anonymous, request, operation
            )
        except StoreFull:
            return self.service.context(self.sandbox, self.service, self.sandbox.anonymous, request, operation)

    # What every answer gets.

    def _finish(
        self,
        ctx: Context | None,
        request: Request,
        response: Response,
        account: Account | None,
        *,
        bare: bool = False,
        given: Headers | None = None,
    ) -> None:
        """``given``: headers that replace the service's."""
        if ctx is None:
            ctx = self._outside(request, account)
        try:
            if not bare:
                self._envelope(request, ctx.operation).finish(ctx, response)
        except Exception:
            log.exception("%s %s: the answer could not be finished", request.method, request.path)
        if given:
            replace_headers(response.headers, given)
        if response.fault is not None:
            response.set_fault_headers()
        if response.status in _BODILESS:
            response.body = b""
        else:
            response.headers.append((b"content-length", b"%d" % len(response.body)))

    def _record(
        self,
        request: Request,
        response: Response,
        operation: Operation | None,
        account: Account | None,
        ctx: Context | None,
        began: float,
    ) -> None:
        if not self.service.traffic:
            return
        account = account or self.sandbox.anonymous
        logs = self.sandbox.logs
        entry = Entry(
            logs.requests.next_number(),
            account.clock.now() if ctx is None else ctx.now,
            self.service.name,
            account.credential,
            operation.id if operation else "",
            request.method,
            request.path,
            request.query,
            packed(request.raw_headers),
            request.body,
            response.status,
            packed(response.headers),
            response.body,
            stopwatch() - began,
            response.error,
            response.fault.describe() if response.fault is not None else None,
            request.note if ctx is None else ctx.note or request.note,
        )
        account.requests.append(entry, entry.size)

    # The ASGI side.

    async def __call__(self, scope: Scope, receive: Receive, send: Send, prefix: str = "") -> None:
        """Reads the request, answers it, and acts on what a fault wants of the connection."""
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


def _check_declared(operation: Operation, status: int, result: Any) -> None:
    """In our own tests, an answer that the operation didn't declare is a mistake of ours."""
    if status not in (operation.status, *operation.also):
        raise TypeError(f"{operation.id} answered with {status}, which it does not declare")
    if operation.response is not None:
        operation.response.validate_python(result, strict=True)
