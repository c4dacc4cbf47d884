"""List, get, create, update and delete for one kind of record, from a descriptor.

Each is emitted where its whole path is given::

    TAG = Resource("tag", Tag, TagView, show=_view, missing=TAG_NOT_FOUND, new=NewTag, make=_make, change=_change)
    crud(page, TAG, list="/v1/tags", create="/v1/tags", get="/v1/tags/{id}", delete="/v1/tags/{id}")

There are no hooks: what differs is written by hand beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..request.routing import path_parameters
from ..state.context import Context
from ..state.store import Record
from .errors import Error
from .operation import Operations

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Resource(Generic[R]):
    """The parameters of :func:`crud` for one kind of record, which is kept in the account's store by its ``key``."""

    name: str
    """In the operations' ids and summaries, ``tag``: ``list_tags``, ``Get a tag``."""
    kind: type[R]
    view: Any
    """The shape in which one is shown."""
    show: Callable[[Context, R], Any]
    missing: Error
    """The error of a key that no record has."""
    body: Any = None
    """The body for creating and updating."""
    make: Callable[[Context, Any], R] | None = None
    """Makes a record of a body; it may raise the vendor's errors."""
    change: Callable[[Context, R, Any], R] | None = None
    """Gives a changed copy of a record; it may raise the vendor's errors."""
    key: type = str
    plural: str = ""
    errors: tuple[Error, ...] = ()
    """The errors that ``make`` and ``change`` may raise."""

    def find(self, ctx: Context, key: Any) -> R:
        """Return the record of a key, or raise ``missing``."""
        found = ctx.store[self.kind].get(key)
        if found is None:
            raise self.missing(id=key)
        return found


def crud(
    page: Operations,
    resource: Resource[R],
    *,
    list: str = "",
    create: str = "",
    get: str = "",
    update: str = "",
    delete: str = "",
    created: int = 201,
    deleted: int = 204,
    update_method: str = "PUT",
) -> None:
    """Declare the operations whose paths are given. Lists show the oldest first; deleting has an empty response."""
    name, plural, view = resource.name, resource.plural or f"{resource.name}s", resource.view
    kept, missing = resource.kind, (resource.missing,)

    def list_records(ctx: Context) -> Any:
        """List all."""
        return [resource.show(ctx, record) for record in ctx.store[kept].values()]

    def create_record(ctx: Context, body: Any) -> Any:
        """Create one."""
        assert resource.make is not None
        record = resource.make(ctx, body)
        ctx.store[kept].put(record)
        return resource.show(ctx, record)

    def get_record(ctx: Context, key: Any) -> Any:
        """Get one."""
        return resource.show(ctx, resource.find(ctx, key))

    def update_record(ctx: Context, key: Any, body: Any) -> Any:
        """Update one."""
        assert resource.change is not None
        record = resource.change(ctx, resource.find(ctx, key), body)
        ctx.store[kept].put(record)
        return resource.show(ctx, record)

    def delete_record(ctx: Context, key: Any) -> None:
        """Delete one."""
        ctx.store[kept].delete(resource.find(ctx, key).key)

    def declare(method: str, path: str, handler: Callable[..., Any], verb: str, noun: str, **more: Any) -> None:
        if path:
            takes = {"key": resource.key, "body": resource.body}
            renamed = dict.fromkeys(path_parameters(path), "key")
            summary = f"{verb.title()} {plural if noun == plural else _one(noun)}"
            id = f"{verb}_{noun.replace(' ', '_')}"
            taken = {part: kind for part, kind in takes.items() if part in handler.__annotations__}
            page.operation(method, path, id=id, summary=summary, renamed=renamed, takes=taken, **more)(handler)

    declare("GET", list, list_records, "list", plural, returns=_list_of(view))
    declare("POST", create, create_record, "create", name, status=created, errors=resource.errors, returns=view)
    declare("GET", get, get_record, "get", name, errors=missing, returns=view)
    changes = (*missing, *(error for error in resource.errors if error is not resource.missing))
    declare(update_method, update, update_record, "update", name, errors=changes, returns=view)
    declare("DELETE", delete, delete_record, "delete", name, status=deleted, errors=missing)


def _one(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _list_of(view: Any) -> Any:
    return list[view]
