"""Paging by limit and offset, declared once: a query model that cuts its page out of a list.

A service says what its limits are, and its pages take them over::

    class PageQuery(LimitOffset):
        limit: Annotated[int, Field(ge=1, le=100)] = 100

    @operations.get("/things")
    def list_things(ctx: Context, query: PageQuery) -> list[str]:
        return [thing.name for thing in query.page_of(ctx.store[Thing])]

A vendor that calls them otherwise has an alias on the field: ``limit: Annotated[int, Field(alias="size")] = 100``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from math import inf
from typing import TypeVar

from ..state.steps import Steps, chosen
from ..state.store import Collection, Record
from .schema import Body

T = TypeVar("T")
R = TypeVar("R", bound=Record)

ROWS_A_STEP = 1000


class LimitOffset(Body):
    """At most ``limit`` rows, beginning after ``offset`` rows; without a limit all the rest."""

    limit: int | None = None
    offset: int = 0

    def page(self, rows: Iterable[T]) -> list[T]:
        """Return the requested rows."""
        end = None if self.limit is None else self.offset + self.limit
        return list(islice(rows, self.offset, end))

    def page_of(self, records: Collection[R], *, newest: bool = False) -> list[R]:
        """Return the requested records of a collection, in their order or the newest first."""
        return records.page(self.offset, self.limit, newest=newest)

    def search(self, rows: Iterable[T], wanted: Callable[[T], bool]) -> Steps[list[T]]:
        """Return the requested rows among those that are wanted, in steps."""
        end = inf if self.limit is None else self.offset + self.limit
        return (yield from chosen(rows, wanted, self.offset, end, size=ROWS_A_STEP))
