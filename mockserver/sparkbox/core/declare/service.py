"""A service: everything that is declared about one emulated API. A service's ``__init__`` makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..request.http import Request
from ..request.large_json import AT_ONCE
from ..request.routing import Routes
from ..state.context import Context
from ..state.steps import Steps, StepsAndWaits
from .envelope import Envelope
from .errors import Error, ErrorTable
from .limits import Limit
from .operation import Operation, Operations
from .relay import Relay
from .security import Credential
from .targets import SMTP, Target

if TYPE_CHECKING:
    from ..logs.events import Event
    from ..state.account import Account, Accounts
    from ..state.store import Store
    from .credentials import Credentials

MIB = 1024 * 1024


def _json_body(request: Request) -> Any:
    return request.body


def _plain_query(request: Request) -> Any:
    return request.query_dict()


def _no_plan(account: Account, store: Store) -> None:
    """A service without initial state."""


def _allow(ctx: Context, operation: Operation) -> None:
    """A service that asks for no more than a credential."""


@dataclass(frozen=True)
class Service:
    """One emulated API."""

    name: str
    title: str
    hosts: tuple[str, ...]
    """The vendor's host names; ``*.`` stands for any first label."""
    pages: Sequence[Operations]
    envelope: Envelope
    errors: ErrorTable
    identify: Callable[[Request, Credentials], Account | None]
    """The account that a request's credential opens; ``None``: it is missing, unreadable or refused."""
    authorize: Callable[[Context, Operation], None] = _allow
    """Refuses what this credential may not do (expired, scope missing, suspended), by raising a row."""
    seed_account: Callable[[Account, Store], None] = _no_plan
    """Puts the initial state into a new account."""
    decode_body: Callable[[Request], Any] = _json_body
    """A request's body as JSON bytes, or decoded; may raise :class:`~.schema.Invalid` or a refusal."""
    decode_large: Callable[[Request], Steps[Any]] | None = None
    """``decode_body`` in steps, where that is not JSON as it came."""
    decoded_at_once: int = AT_ONCE
    """Bytes of a body from which on it is decoded in steps."""
    decode_query: Callable[[Request], Any] = _plain_query
    query_in_body: bool = False
    """``decode_query`` looks at more than the query string."""
    limits: tuple[Limit, ...] = ()
    """What every operation counts against, unless it says otherwise."""
    listeners: tuple[Callable[[Context, Event], None], ...] = ()
    """Called with each new event of this service."""
    body_limit: int = 10 * MIB
    content_types: tuple[str, ...] = ("application/json",)
    """Media types taken for bodies; an empty tuple takes any."""
    merge_slashes: bool = False
    prepare: Callable[[Context, Mapping[str, str], Any, Any], StepsAndWaits[None]] | None = None
    """What has to be done before a handler is called with the same path values, body and query, where it takes long."""
    context: type[Context] = Context
    """The class of what its handlers are given."""
    traffic: bool = True
    """Whether requests to it are what the sandbox is for: kept in the journal, and open to faults."""
    docs: str = ""
    security: tuple[tuple[Credential, ...], ...] = ()
    """For the docs: the ways to prove oneself, and what each of them takes together (a key and its secret, say)."""
    simulations: Operations | None = None
    """What the control API can bring about in an account of this service: somebody writes back, money is added.

    Each is declared like an operation, ``POST /<its name>``, and may have a body.
    """
    concerns: Callable[[Request, Accounts], Iterable[Account]] | None = None
    """The accounts that a request is about, where that is not the one that it opens."""
    relay: Relay | None = None
    """Its mail relay, where it has one."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the start-up card and the docs say of it: ready credentials and the like."""

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """All operations by id; an id or a route that two pages claim fails here, at import."""
        found: dict[str, Operation] = {}
        for page in self.pages:
            for operation in page:
                if operation.id in found:
                    raise ValueError(f"{self.name}: two operations are called {operation.id!r}")
                found[operation.id] = operation
        return found

    @cached_property
    def routes(self) -> Routes[Operation]:
        routes: Routes[Operation] = Routes(merge_slashes=self.merge_slashes)
        for operation in self.operations.values():
            routes.add(operation.method, operation.path, operation)
        return routes

    @property
    def targets(self) -> Iterator[Target]:
        """What a fault can be set for: every operation, and mail handed over by SMTP."""
        yield from self.operations.values()
        if self.relay is not None:
            yield SMTP

    def __post_init__(self) -> None:
        _ = self.routes
        shared: dict[str, Limit] = {}
        for operation in self.operations.values():
            for error in self.errors_of(operation):
                if self.errors.get(error.name) is not error:
                    raise ValueError(f"{operation.id}: {error.name!r} is no row of the table of {self.name}")
            for limit in self.limits_of(operation):
                if limit.shared and shared.setdefault(limit.name, limit) != limit:
                    raise ValueError(f"{operation.id}: another limit of {self.name} is called {limit.name!r}")

    def limits_of(self, operation: Operation) -> tuple[Limit, ...]:
        return self.limits if operation.limits is None else operation.limits

    def security_of(self, operation: Operation) -> tuple[tuple[Credential, ...], ...]:
        """The ways to prove oneself to an operation."""
        if operation.security is not None:
            return operation.security
        return () if operation.public else self.security

    def limit_behind(self, error: Error, operation: Operation) -> Limit | None:
        """The rate limit that an error is about: one of the operation's if it has any, else of the service's."""
        limits = [limit for limit in (*self.limits_of(operation), *self.limits) if not limit.beyond]
        named = (limit for limit in limits if limit.error == error.name)
        return next(named, limits[0] if limits and error is self.envelope.throttled else None)

    def errors_of(self, operation: Operation) -> tuple[Error, ...]:
        """All errors that an operation may answer with: its own, its limits', then the service's common ones."""
        limited = (self.errors.get(limit.error) for limit in self.limits_of(operation))
        rows = (*operation.errors, *limited, *self.envelope.common_errors())
        return tuple(dict.fromkeys(row for row in rows if row is not None))
