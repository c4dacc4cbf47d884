"""A service: everything that is declared about one emulated API. A service's ``__init__`` makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..request.http import Request
from ..request.large_json import AT_ONCE
from ..state.context import Context
from ..state.steps import Steps, StepsAndWaits
from .envelope import Envelope
from .errors import Error, ErrorTable
from .info import ServiceInfo
from .limits import Limit
from .operation import Operation, Operations
from .relay import Relay
from .section import Section, Sections
from .security import Credential
from .targets import SMTP, Target

if TYPE_CHECKING:
    from ..logs.events import Event
    from ..state.account import Account
    from ..state.accounts import Accounts
    from ..state.clock import Clock
    from ..state.store import Store
    from .credentials import Credentials

MIB = 1024 * 1024


def _json_body(request: Request) -> Any:
    return request.body


def _plain_query(request: Request) -> Any:
    return request.query_dict()


def _no_plan(account: Account, store: Store) -> None:
    """Leave a new account without initial state."""


def _allow(ctx: Context, operation: Operation) -> None:
    """Allow everything to any credential."""


@dataclass(frozen=True)
class Service:
    """One emulated API."""

    info: ServiceInfo
    envelope: Envelope
    errors: ErrorTable
    identify: Callable[[Request, Credentials], Account | None]
    """The account that a request's credential opens; ``None``: it is missing, unreadable or refused."""
    claimed: Callable[[Request], str | None] | None = None
    """The credential that a request claims, genuine or not, where ``identify`` does not open it: for finding the worker
    of its account.
    """
    authorize: Callable[[Context, Operation], None] = _allow
    """Refuses what this credential may not do (expired, scope missing, suspended), by raising a row."""
    seed_account: Callable[[Account, Store], None] = _no_plan
    """Puts the initial state into a new account."""
    decode_body: Callable[[Request], Any] = _json_body
    """A request's body as JSON bytes, or decoded; may raise :class:`~.schema.Invalid` or an API error."""
    decode_large: Callable[[Request], Steps[Any]] | None = None
    """``decode_body`` in steps, where that is not JSON as it came."""
    decoded_at_once: int = AT_ONCE
    """Bytes of a body from which on it is decoded in steps."""
    decode_query: Callable[[Request], Any] = _plain_query
    query_in_body: bool = False
    """``decode_query`` looks at more than the query string."""
    limits: tuple[Limit, ...] = ()
    """The limits of every operation, unless it declares others."""
    listeners: tuple[Callable[[Context, Event], None], ...] = ()
    """Called with each new event of this service."""
    body_limit: int = 10 * MIB
    content_types: tuple[str, ...] = ("application/json",)
    """Media types taken for bodies; an empty tuple takes any."""
    merge_slashes: bool = False
    prepare: Callable[[Context, Mapping[str, str], Any, Any], StepsAndWaits[None]] | None = None
    """Prepares for a handler, with the same path values, body and query, where that takes long."""
    context: type[Context] = Context
    """The class of what its handlers are given."""
    traffic: bool = True
    """Whether requests to it are what the sandbox is for: kept in the journal, and open to faults."""
    pages: Sequence[Operations] = ()
    """The pages of a service without sections."""
    package: str = ""
    """The Python package of its sections."""
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Its sections by folder, in the order of the vendor's documentation, with what their paths begin with."""
    security: tuple[tuple[Credential, ...], ...] = ()
    """For the docs: the ways to authenticate, each with what it takes together (a key and its secret, say)."""
    simulations: Callable[[], Operations] | None = None
    """Imports its simulations, when they are first needed: somebody writes back, money is added.

    Each is declared like an operation, ``POST /<its name>``, and may have a body.
    """
    concerns: Callable[[Request, Accounts], Iterable[Clock]] | None = None
    """The clocks of the accounts that a request is about, where that is not the one that it opens."""
    relay: Callable[[], Relay] | None = None
    """Imports its mail relay, where it has one, with the first mail."""

    @cached_property
    def name(self) -> str:
        return self.info.name

    @property
    def title(self) -> str:
        return self.info.title

    @cached_property
    def contents(self) -> Sections:
        """Its sections, of which some may not be loaded yet."""
        contents = Sections(self.name, self.package, self.sections, self._check, self.merge_slashes)
        if self.pages:
            contents.add("", Section(self.title, self.pages))
        return contents

    @property
    def operations(self) -> dict[str, Operation]:
        """All operations by id; it loads all sections."""
        self.contents.load_all()
        return self.contents.operations

    def operation(self, id: str) -> Operation | None:
        """Return an operation by its id."""
        found = self.contents.operations.get(id)
        return self.operations.get(id) if found is None else found

    @property
    def all_errors(self) -> list[Error]:
        """The service's own errors, then those of its sections, which it loads, as its operations list them."""
        listed = (error for operation in self.operations.values() for error in operation.errors)
        return list(dict.fromkeys((*self._own_errors, *listed, *self.errors)))

    @cached_property
    def _own_errors(self) -> tuple[Error, ...]:
        """Those that are declared before any section is imported."""
        return tuple(self.errors)

    @property
    def parts(self) -> list[tuple[str, Section]]:
        """All sections by name, in order; a service without any is one that has no name."""
        named = list(self.contents.in_order())
        return [*((name, part) for name, part in self.contents.loaded.items() if not name), *named]

    @property
    def all_simulations(self) -> list[Operation]:
        """The service's simulations and those of its sections."""
        sections = [section.simulations for _, section in self.contents.in_order()]
        return [*self.own_simulations, *(operation for page in sections for operation in page or ())]

    @property
    def own_simulations(self) -> list[Operation]:
        """The simulations that belong to none of its sections."""
        return [] if self.simulations is None else [*self.simulations()]

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | frozenset[str]:
        """Return the operation and the path's parameters, or the methods that the path has; it may load sections."""
        contents = self.contents
        found = contents.routes.match(method, path)
        waiting = [] if isinstance(found, tuple) else contents.waiting_for(path)
        for name in waiting:
            contents.load(name)
        return contents.routes.match(method, path) if waiting else found

    @property
    def targets(self) -> Iterator[Target]:
        """The targets of faults: every operation, and mail handed over by SMTP."""
        yield from self.operations.values()
        if self.relay is not None:
            yield SMTP

    def __post_init__(self) -> None:
        _ = self.contents, self._own_errors

    def _check(self, operation: Operation) -> None:
        """Refuse an operation that does not fit the service."""
        for error in self.errors_of(operation):
            if self.errors.get(error.name) is not error:
                raise ValueError(f"{operation.id}: {error.name!r} is no row of the table of {self.name}")
        for limit in self.limits_of(operation):
            if limit.shared and self._shared_limits.setdefault(limit.name, limit) != limit:
                raise ValueError(f"{operation.id}: another limit of {self.name} is called {limit.name!r}")

    @cached_property
    def _shared_limits(self) -> dict[str, Limit]:
        return {}

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods that a path has."""
        return self.contents.routes.methods(path)

    def envelope_at(self, path: str) -> Envelope:
        """Return how responses look below a path, whether or not there is an operation."""
        section = self.contents.at(path)
        envelope: Envelope = self.envelope if section is None else section.envelope or self.envelope
        return envelope

    def envelope_of(self, operation: Operation | None) -> Envelope:
        """Return how an operation's responses look."""
        envelope: Envelope = self.envelope if operation is None else operation.own_envelope or self.envelope
        return envelope

    def limits_of(self, operation: Operation) -> tuple[Limit, ...]:
        return self.limits if operation.limits is None else operation.limits

    def security_of(self, operation: Operation) -> tuple[tuple[Credential, ...], ...]:
        """Return the ways to authenticate to an operation."""
        if operation.security is not None:
            return operation.security
        return () if operation.public else self.security

    def limit_behind(self, error: Error, operation: Operation) -> Limit | None:
        """Return the rate limit that an error is about: one of the operation's if it has any, else of the service's."""
        limits = [limit for limit in (*self.limits_of(operation), *self.limits) if not limit.beyond]
        named = (limit for limit in limits if limit.error == error.name)
        return next(named, limits[0] if limits and error is self.envelope_of(operation).throttled else None)

    def errors_of(self, operation: Operation) -> tuple[Error, ...]:
        """Return all errors of an operation: its own, those of its limits, then the common ones of its envelope."""
        limited = (self.errors.get(limit.error) for limit in self.limits_of(operation))
        rows = (*operation.errors, *limited, *self.envelope_of(operation).common_errors())
        return tuple(dict.fromkeys(row for row in rows if row is not None))
