"""One declaration per operation.

A page of the vendor's docs is a module; it opens an :class:`Operations` and declares each operation on its handler::

    operations = Operations("Templates", docs="https://docs.example.com/templates/")

    @operations.post("/api/v1/templates", errors=[TEMPLATE_EXISTS])
    def create_template(ctx: Context, body: NewTemplate) -> CreatedTemplate:
        \"\"\"Create a template.\"\"\"

From this one declaration derive the route, the validation, the OpenAPI, the table of errors, the rate limit, the docs,
the journal's labels and the coverage list. What is wrong with a declaration fails at import.

A handler that may have much to do works in steps, see :mod:`~sparkbox.core.state.steps`.

A handler takes the context first, then any of: its path's parameters (``{orgId}`` as ``org_id``), ``body`` and
``query``, each annotated with its type. Its return annotation is the shape of the response.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from functools import cached_property, partial, reduce
from operator import or_
from types import UnionType
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, with_config
from typing_extensions import is_typeddict

from ..request.http import Response
from ..request.routing import path_parameters
from .errors import Error, Evidence
from .limits import Limit
from .schema import Invalid, Problem, check
from .security import Credential

Handler = Callable[..., Any]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's result where the status is not the operation's, or headers are to be added."""

    payload: Any
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """A handler's result that has to be waited for; ``payload()`` gives it.

    For turning time, whose jobs do I/O.
    """

    payload: Callable[[], Awaitable[Any]]


@dataclass(eq=False)
class Operation:
    """One method and path of a vendor's API, and all that is known of it."""

    section: str = field(init=False, default="")
    """The section that it is in, by name; set when the section is loaded."""
    seeds: bool = field(init=False, default=False)
    """Whether its section has an initial state."""
    own_envelope: Any = field(init=False, default=None)
    """Its section's envelope, where that is not the service's."""

    group: str
    method: str
    path: str
    """As the vendor writes it in full, ``/api/v1/templates/{id}``."""
    handler: Handler
    status: int = 200
    also: tuple[int, ...] = ()
    """Other statuses of success that a :class:`Reply` may have."""
    errors: tuple[Error, ...] = ()
    limits: tuple[Limit, ...] | None = None
    """``None``: the service's own limits; ``()``: none."""
    evidence: Evidence = "documented"
    docs: str = ""
    public: bool = False
    """Needs no credential."""
    bare: bool = False
    """The response goes out as the handler gave it, without the envelope's wrapping."""
    body_required: bool = True
    content_types: tuple[str, ...] | None = None
    """Media types taken; ``None``: the service's."""
    media_types: tuple[tuple[int, str], ...] = ()
    """What a handler that makes its response itself sends: statuses with their media types, empty for no body."""
    security: tuple[tuple[Credential, ...], ...] | None = None
    """The ways to prove oneself, for the docs; ``None``: the service's."""
    tags: tuple[str, ...] = ()
    """Marks that a service gives its operations a meaning by, such as a scope or a grant."""
    own: bool = False
    """The sandbox's own, not the vendor's: not in the vendor's OpenAPI document, tables and coverage."""
    id: str = ""
    """Unique in the service; the handler's name unless it is given."""
    summary: str = ""
    """The first line of the handler's docstring unless it is given."""
    returns: Any = None
    """The shape of the response, where it is not the handler's return annotation."""
    takes: Mapping[str, Any] = field(default_factory=dict)
    """Types of the body or the query, where they are not the handler's annotations."""
    bound: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are the same in every call: one handler may serve several operations."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The handler's names of path parameters, by the vendor's, where they are not the same."""

    def __post_init__(self) -> None:
        if inspect.iscoroutinefunction(self.handler):
            raise TypeError(f"{self._where}: a handler is no coroutine; I/O is a job or an event")
        try:
            hints = typing.get_type_hints(self.handler, include_extras=True)
        except NameError as error:
            raise TypeError(f"{self._where}: an annotation cannot be read, {error}") from None
        parameters = list(inspect.signature(self.handler).parameters)
        names = {self._argument(name): name for name in path_parameters(self.path)}
        self.id = self.id or self.handler.__name__
        self.summary = self.summary or (self.handler.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        if not parameters or parameters[0] != "ctx":
            raise TypeError(f"{self._where}: the first parameter is not 'ctx'")
        unknown = [name for name in parameters[1:] if name not in names and name not in ("body", "query", *self.bound)]
        if unknown:
            raise TypeError(f"{self._where}: {unknown} is neither in the path nor 'body' or 'query'")
        missing = [name for name in names if name not in parameters]
        if missing:
            raise TypeError(f"{self._where}: the path's {missing} is not taken")
        bare = [name for name in parameters[1:] if name not in hints]
        if bare or "return" not in hints:
            raise TypeError(f"{self._where}: {bare or ['the return value']} has no annotation")
        if not (self.handler.__doc__ or "").strip():
            raise TypeError(f"{self._where}: the handler has no docstring")
        for what, found in (("errors", self.errors), ("limits", self.limits or ())):
            repeated = [name for name, count in Counter(one.name for one in found).items() if count > 1]
            if repeated:
                raise TypeError(f"{self._where}: {repeated} is declared twice among its {what}")
        for status in (self.status, *self.also):
            if not 200 <= status <= 399:
                raise TypeError(f"{self._where}: {status} is no status of success")
        if self.evidence not in typing.get_args(Evidence):
            raise TypeError(f"{self._where}: the evidence {self.evidence!r} is none of {typing.get_args(Evidence)}")
        self._hints = {**hints, **self.takes, **({} if self.returns is None else {"return": self.returns})}

    @property
    def _where(self) -> str:
        return f"{self.method} {self.path} ({self.handler.__qualname__})"

    def join(self, section: str, *, envelope: Any, seeds: bool) -> None:
        """Become an operation of a section; ``envelope`` is the section's own."""
        self.section, self.own_envelope, self.seeds = section, envelope, seeds

    def _argument(self, name: str) -> str:
        """Return the handler's name of a path parameter."""
        return self.renamed.get(name) or _snake(name)

    @cached_property
    def description(self) -> str:
        return inspect.cleandoc(self.handler.__doc__ or "")

    @cached_property
    def body(self) -> TypeAdapter[Any] | None:
        return TypeAdapter(self._hints["body"]) if "body" in self._hints else None

    @cached_property
    def query(self) -> TypeAdapter[Any] | None:
        return TypeAdapter(self._hints["query"]) if "query" in self._hints else None

    @cached_property
    def empty_query(self) -> Any:
        """The query of a request without one; ``None`` if it has required fields."""
        try:
            return None if self.query is None else check(self.query, {}, "query")
        except Invalid:
            return None

    @cached_property
    def parameters(self) -> tuple[tuple[str, str, type], ...]:
        """The path's parameters: the vendor's name, the handler's, the type (``str`` or ``int``)."""
        names = [(name, self._argument(name)) for name in path_parameters(self.path)]
        return tuple((name, argument, self._hints[argument]) for name, argument in names)

    @cached_property
    def in_steps(self) -> bool:
        """Whether the handler works in steps: ``-> Steps[Shape]``."""
        return typing.get_origin(self._hints["return"]) is Generator

    @cached_property
    def response(self) -> TypeAdapter[Any] | None:
        """The shape of the response; ``None`` if it is empty or a file.

        ``-> Shape | Reply``, ``-> Shape | Later`` and ``-> Steps[Shape]`` declare the shape of the payload.
        """
        shape = typing.get_args(self._hints["return"])[2] if self.in_steps else self._hints["return"]
        shape = _without(shape, (Reply, Later, Response))
        if shape in (None, type(None), Any):
            return None
        # A field that the shape does not name is our bug as much as one that is missing.
        strict = ConfigDict(extra="forbid")
        if is_typeddict(shape):
            return TypeAdapter(with_config(strict)(shape))
        return TypeAdapter(shape) if _has_config(shape) else TypeAdapter(shape, config=strict)

    @cached_property
    def call(self) -> Callable[[Any, dict[str, str], Any, Any], Any]:
        """``call(ctx, path_values, body, query)``: the handler with what it takes."""
        return _caller(self)


def _caller(operation: Operation) -> Callable[[Any, dict[str, str], Any, Any], Any]:
    handler = partial(operation.handler, **operation.bound) if operation.bound else operation.handler
    takes_body, takes_query = operation.body is not None, operation.query is not None
    if not operation.parameters:
        if takes_body and takes_query:
            return lambda ctx, values, body, query: handler(ctx, body=body, query=query)
        if takes_body:
            return lambda ctx, values, body, query: handler(ctx, body=body)
        if takes_query:
            return lambda ctx, values, body, query: handler(ctx, query=query)
        return lambda ctx, values, body, query: handler(ctx)

    parameters = [(name, argument, _converter(name, kind)) for name, argument, kind in operation.parameters]

    def call(ctx: Any, values: dict[str, str], body: Any, query: Any) -> Any:
        arguments: dict[str, Any] = {}
        for name, argument, convert in parameters:
            arguments[argument] = values[name] if convert is None else convert(values[name])
        if takes_body:
            arguments["body"] = body
        if takes_query:
            arguments["query"] = query
        return handler(ctx, **arguments)

    return call


def _converter(name: str, kind: Any) -> Callable[[str], Any] | None:
    if kind is str:
        return None
    if kind is int:

        def whole_number(value: str) -> int:
            if value.isascii() and value.isdigit() and len(value) < 19:
                return int(value)
            raise Invalid([Problem("path", (name,), "int_parsing", "not a whole number", value)])

        return whole_number
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def checked(value: str) -> Any:
        try:
            return check(adapter, value, "path")
        except Invalid as invalid:
            raise Invalid([replace(problem, path=(name, *problem.path)) for problem in invalid.problems]) from None

    return checked


def _without(shape: Any, kinds: tuple[type, ...]) -> Any:
    """Return a union without its members of these kinds; ``None`` if nothing remains."""
    if typing.get_origin(shape) not in (typing.Union, UnionType):
        return None if shape in kinds else shape
    kept = [member for member in typing.get_args(shape) if member not in kinds]
    return reduce(or_, kept) if kept else None


def _has_config(shape: Any) -> bool:
    return isinstance(shape, type) and (issubclass(shape, BaseModel) or is_dataclass(shape))


class Operations:
    """The operations of one page. ``more`` are defaults for each of them (``errors`` are added to)."""

    def __init__(self, group: str, *, docs: str = "", errors: Sequence[Error] = (), **more: Any) -> None:
        self.group = group
        self.docs = docs
        self._errors = tuple(errors)
        self._more = more
        self._operations: list[Operation] = []

    def get(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("POST", path, **more)

    def put(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("DELETE", path, **more)

    def operation(self, method: str, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare the decorated handler; see :class:`Operation` for the parameters."""
        if method not in METHODS:
            raise ValueError(f"{method} is none of {METHODS}")
        settings = {"docs": self.docs, **self._more, **more}
        settings["errors"] = (*self._errors, *(e for e in settings.get("errors", ()) if e not in self._errors))

        def declare(handler: Handler) -> Handler:
            operation = Operation(self.group, method, path, handler, **settings)
            for other in self._operations:
                if (other.method, _shape(other.path)) == (method, _shape(path)):
                    raise ValueError(f"{operation._where} is declared twice")
                if other.id == operation.id:
                    raise ValueError(f"{operation._where}: the id {operation.id!r} is taken")
            self._operations.append(operation)
            return handler

        return declare

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _shape(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path.rstrip("/") or "/")
