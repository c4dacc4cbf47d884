"""Paging by limit and offset, declared once: a query model that cuts its page out of a list.

A service says what its limits are, and its pages take them over::

    class PageQuery(LimitOffset):
        limit: Annotated[int, Field(ge=1, le=100)] = 100

    @operations.get("/things")
    def list_things(ctx: Context, query: PageQuery) -> list[str]:
        return [thing.name for thing in query.page(ctx.store[Thing].values())]

A vendor that calls them otherwise has an alias on the field: ``limit: Annotated[int, Field(alias="size")] = 100``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from .schema import Body

T = TypeVar("T")


class LimitOffset(Body):
    """At most ``limit`` rows, beginning after ``offset`` rows; without a limit all the rest."""

    limit: int | None = None
    offset: int = 0

    def page(self, rows: Iterable[T]) -> list[T]:
        """Return the requested rows."""
        end = None if self.limit is None else self.offset + self.limit
        return list(islice(rows, self.offset, end))
