"""The names in a call: of a service, and of the operations, errors and limits that it has.

A fault or stub for an unknown name would have no effect. An unknown name is therefore an error, which lists the nearest
ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.service import Service
from sparkbox.core.declare.targets import Target, named
from sparkbox.core.state.sandbox import Sandbox

from . import errors
from .envelope import quoted


def find_service(sandbox: Sandbox, name: str) -> Service:
    """Return the service of that name, loaded if need be."""
    names = sandbox.service_names
    if name not in names:
        raise errors.SERVICE_NOT_FOUND(name=quoted(name), names=", ".join(names))
    return sandbox.service(name)


def check_operation(service: Service, operation: str | None, targets: Iterable[Target]) -> None:
    """Refuse an operation that is none of a service's ``targets``; no name is no error."""
    known = list(targets)
    if operation is not None and not any(named(operation, target) for target in known):
        raise _unknown("operation", operation, service, _listed(service, operation, [target.id for target in known]))


def check_error(service: Service, error: str | None) -> None:
    """Refuse an error that the service's table does not have; no name is no error."""
    if error is not None and error not in (known := [row.name for row in service.all_errors]):
        raise _unknown("error", error, service, _listed(service, error, known))


def check_limit(service: Service, limit: str) -> None:
    """Refuse a rate limit that the service does not have."""
    known = declared_limits(service)
    if limit not in known:
        hint = f"it has {', '.join(known)}" if known else "it has none"
        raise _unknown("limit", limit, service, hint, field="name")


def check_channel(sandbox: Sandbox, channel: str | None) -> None:
    """Refuse a kind of message that no service sends; no name is no error."""
    if channel is not None and channel not in sandbox.channels:
        message = f"channel: {quoted(channel)} is none; the services send {', '.join(sandbox.channels)}"
        detail = {"where": "query", "field": "channel", "message": message.removeprefix("channel: ")}
        raise errors.INVALID(reason=message, details=[detail])


def declared_limits(service: Service) -> dict[str, Limit]:
    """Return a service's rate limits by name."""
    limits = [*service.limits]
    for operation in service.operations.values():
        limits += operation.limits or ()
    return {limit.name: limit for limit in limits}


def _listed(service: Service, wanted: str, known: Sequence[str]) -> str:
    """Return where the names are listed, and some that are close to the one that is wanted."""
    import difflib

    known = sorted(known)
    near = difflib.get_close_matches(wanted[:200], known, n=3, cutoff=0.4) or known[:3]
    hint = f"GET /_mock/services/{service.name} lists them all"
    return f"{hint} (such as {', '.join(near)})" if near else hint


def _unknown(noun: str, value: str, service: Service, hint: str, field: str = "") -> ApiError:
    row = errors.UNKNOWN_NAME
    values = {"title": service.title, "service": service.name, "noun": noun, "value": quoted(value), "hint": hint}
    detail = {"where": "body", "field": field or noun, "message": row(**values).message.removesuffix(".")}
    return row(**values, details=[detail])
