"""Lists: ``?limit=`` and ``?cursor=``, ``{"data": […], "next_cursor": null}``.

A cursor holds the position where a page ended, not an offset. Records that are added while a client reads do not shift
the pages, so each earlier record is returned exactly once.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Annotated, Any, Protocol, TypeVar

import orjson
from pydantic import BeforeValidator, Field, WithJsonSchema

from sparkbox.core.declare.schema import Body

Place = tuple[float, str]


class Row(Protocol):
    """A record that can be listed: it has a time, in Unix seconds, and an id."""

    @property
    def id(self) -> str: ...
    @property
    def time(self) -> float: ...


R = TypeVar("R", bound=Row)


def page(rows: Iterable[R], query: ListQuery, *, oldest_first: bool = False) -> tuple[list[R], str | None]:
    """Return one page of the rows by time, and the cursor of the next page."""
    places = sorted(((_place(row), row) for row in rows), key=lambda pair: pair[0], reverse=not oldest_first)
    if query.cursor is not None:
        after = query.cursor
        places = [pair for pair in places if (pair[0] > after if oldest_first else pair[0] < after)]
    chosen = places[: query.limit]
    more = len(places) > len(chosen)
    return [row for _, row in chosen], _write(chosen[-1][0]) if more else None


def _place(row: Row) -> Place:
    return row.time, row.id


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def _read(cursor: Any) -> Place:
    try:
        time, id = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (TypeError, ValueError):
        raise ValueError("must be the next_cursor of an earlier page") from None
    if not isinstance(time, (int, float)) or isinstance(time, bool) or not isinstance(id, str):
        raise ValueError("must be the next_cursor of an earlier page")
    return time, id


Cursor = Annotated[Place | None, BeforeValidator(_read), WithJsonSchema({"type": "string"})]


class ListQuery(Body):
    """The parameters of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[Cursor, Field(description="The `next_cursor` of the previous page.")] = None
