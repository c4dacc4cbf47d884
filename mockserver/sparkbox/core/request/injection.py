"""Find the fault that strikes a request, and the stub that answers it."""

from __future__ import annotations

import orjson

from ..declare.errors import ApiError
from ..declare.limits import used_up
from ..declare.operation import Operation
from ..logs.journal import STUBBED
from ..testing.faults import Fault
from ..testing.stubs import Stub
from .exchange import Exchange
from .failures import not_allowed
from .headers import replace_headers
from .http import Response


def pick_fault(exchange: Exchange, operation: Operation) -> Fault | None:
    """Return the fault that strikes this request: the account's own, or one for all accounts."""
    account, everybodys = exchange.account, exchange.sandbox.faults
    fault = None
    if account is not None and account.faults.rules:
        fault = account.faults.pick(exchange.service.name, operation)
    if fault is None and everybodys.rules:
        fault = everybodys.pick(exchange.service.name, operation)
    return fault


def injected(exchange: Exchange, fault: Fault, operation: Operation) -> ApiError:
    """Return the service's own error for a fault, with the headers that the service would send."""
    service, request, envelope = exchange.service, exchange.request, exchange.envelope
    # An operation without credentials has errors of its own where others share one, such as a token's endpoint.
    own = operation.errors if operation.public else ()
    row = fault.row((*own, *envelope.common_errors(), *service.errors), envelope.code_of)
    if row is envelope.method_not_allowed:
        return not_allowed(exchange, service.methods(request.path) - {request.method})
    limit = service.limit_behind(row, operation)
    if limit is None:
        return row(method=request.method, path=request.path)
    now = (exchange.account or exchange.sandbox.anonymous).clock.now()
    return envelope.limited(used_up(limit, now), now)


def pick_stub(exchange: Exchange) -> Stub | None:
    """Return the stub that answers this request: the account's own, or one for all accounts."""
    service, operation, request = exchange.service, exchange.operation, exchange.request
    account, everybodys = exchange.account, exchange.sandbox.stubs
    stub = None
    if account is not None and account.stubs.rules:
        stub = account.stubs.pick(service, operation, request)
    if stub is None and everybodys.rules:
        stub = everybodys.pick(service, operation, request)
    return stub


def canned(exchange: Exchange, stub: Stub) -> Response:
    """Return a stub's response; the envelope wraps it if the stub says so."""
    ctx = exchange.outside()
    ctx.note = f"{STUBBED} {stub.id}"
    response = stub.response()
    if stub.envelope and exchange.operation is not None:
        payload = orjson.loads(stub.body or b"null")
        response = exchange.envelope.success(ctx, exchange.operation, payload, stub.status)
    exchange.ctx = ctx
    return response


def put_stub_headers(stub: Stub, response: Response) -> None:
    """Put a stub's headers in the place of those that the envelope gave the finished response."""
    given = [header for header in stub.encoded_headers() if header[0] != b"content-type"]
    if given:
        replace_headers(response.headers, given)
