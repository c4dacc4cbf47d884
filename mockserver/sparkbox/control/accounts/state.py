"""State: the records that a service keeps in an account, for debugging a test.

Their shape is internal and may change with any version: tests should use the services themselves.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import Collection, Key

from .. import selection
from ..context import Context
from ..queries import PageQuery, same

MOST_SHOWN = 10_000
"""Characters of a text, or bytes, that are shown of one value."""

COLLECTIONS_A_STEP = 1000
RECORDS_A_STEP = 20

operations = Operations("State", public=True)


class StateQuery(PageQuery):
    service: str | None = None
    kind: str | None = None


class RecordView(TypedDict):
    """``parent`` is what the record belongs to, where records of its kind are kept for each of something else."""

    account: str
    service: str
    kind: str
    parent: Key | None
    record: Any


class StateList(TypedDict):
    state: list[RecordView]
    total: int


@operations.get("/_mock/state", errors=selection.ERRORS)
def list_state(ctx: Context, query: StateQuery) -> Steps[StateList]:
    """List the records that are kept, by account, service and kind, and each kind's newest first.

    Bytes are shown as text where they are UTF-8, else as ``{"base64": …}``; long values are cut.
    """
    rows: list[RecordView] = []
    total = 0
    for number, (account, service, kind, parent, collection) in enumerate(_collections(ctx, query), 1):
        if number % COLLECTIONS_A_STEP == 0:
            yield
        count = len(collection)
        first = max(query.offset - total, 0)
        wanted = min(query.limit - len(rows), count - first)
        if wanted > 0:
            for place, record in enumerate(_newest(collection, first, wanted), 1):
                if place % RECORDS_A_STEP == 0:
                    yield
                shown = _plain(msgspec.to_builtins(record, builtin_types=(bytes,)))
                rows.append({"account": account, "service": service, "kind": kind, "parent": parent, "record": shown})
        total += count
    return {"state": rows, "total": total}


def _collections(ctx: Context, query: StateQuery) -> Iterator[tuple[str, str, str, Key | None, Collection[Any]]]:
    for account in selection.existing(ctx, query.account):
        for service, store in account.stores.items():
            if same(query.service, service):
                for kind, parent, collection in store.collections():
                    if same(query.kind, kind):
                        yield account.credential, service, kind, parent, collection


def _newest(collection: Collection[Any], first: int, count: int) -> list[Any]:
    return collection.page(first, count, newest=True)


def _plain(value: Any) -> Any:
    """Return a value as JSON can show it."""
    match value:
        case str():
            return value if len(value) <= MOST_SHOWN else f"{value[:MOST_SHOWN]}… ({len(value)} characters)"
        case bytes():
            return _bytes(value)
        case bool() | float() | None:
            return value
        case int():
            return value if -(2**63) <= value < 2**63 else str(value)
        case dict():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return repr(value)


def _bytes(value: bytes) -> Any:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value[:MOST_SHOWN]).decode(), "size": len(value)}
    return _plain(text)
