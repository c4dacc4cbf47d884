"""The two ways to read a list: a cursor that new items do not shift, and pages that they do.

``after`` with ``limit`` (100 at most) is the cursor; as soon as ``page`` is given, ``page`` and ``size`` (1000 at most)
count. More than the maximum counts as the maximum. https://openapi.engagespark.com/#operation/getSmsList
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, NotRequired, Protocol, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.state.steps import Steps, chosen

from . import errors
from .fields import Fields, Moment, Short

MOST_LIMIT = 100
MOST_SIZE = 1000
_MOST_NUMBER = 10**9
LOOKED_AT_A_STEP = 1000
SHOWN_A_STEP = 50
"""Rows of a response; a phone number that was not read before takes a third of a millisecond."""


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


T = TypeVar("T", bound=Numbered)
U = TypeVar("U")

Count = Annotated[int, Field(ge=0, le=_MOST_NUMBER)]


class PageQuery(Fields):
    """Which part of a list. Zero counts as not given, as it does for the vendor."""

    after: Short = ""
    limit: Count = 0
    page: Annotated[int | None, Field(ge=1, le=_MOST_NUMBER)] = None
    size: Count = 0


class PeriodQuery(PageQuery):
    """A part of a list of what was made in a period: from ``startDate`` until before ``endDate``."""

    search: Short = ""
    start_date: Moment | None = None
    end_date: Moment | None = None

    def covers(self, nanoseconds: int) -> bool:
        """Return whether a time is in the period."""
        if self.start_date is not None and nanoseconds < self.start_date:
            return False
        return self.end_date is None or nanoseconds < self.end_date


class PageFields(TypedDict):
    """``hasNextPage`` and ``nextPage`` belong to the cursor."""

    paged: bool
    hasNextPage: NotRequired[bool]
    nextPage: NotRequired[str]


def part(newest: Iterable[T], wanted: Callable[[T], bool], query: PageQuery) -> Steps[tuple[list[T], PageFields]]:
    """Return the part of ``newest`` (numbers falling) that a query wants, and the fields of the response about it."""
    if query.page is not None:
        size = size_of(query.size)
        rows = yield from chosen(newest, wanted, (query.page - 1) * size, query.page * size, size=LOOKED_AT_A_STEP)
        return rows, {"paged": True}
    limit = min(query.limit or MOST_LIMIT, MOST_LIMIT)
    if query.after:
        last = _number(query.after)
        newest = (item for item in newest if item.number < last)
    rows = yield from chosen(newest, wanted, 0, limit + 1, size=LOOKED_AT_A_STEP)
    more = len(rows) > limit
    del rows[limit:]
    return rows, {"paged": False, "hasNextPage": more, "nextPage": str(rows[-1].number) if more else ""}


def classic(items: list[U], page: int, size: int) -> list[U]:
    """Return one page of a list."""
    size = size_of(size)
    return items[(page - 1) * size : page * size]


def size_of(size: int) -> int:
    """Return how many items a page has if so many are requested."""
    return min(size or MOST_SIZE, MOST_SIZE)


def _number(after: Any) -> int:
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise errors.INVALID(problem="invalid parameter 'after': use the nextPage of an earlier answer")
    return int(after)
