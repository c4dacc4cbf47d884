"""The queries of control calls: the account that they are about, and the page of a list."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.paging import LimitOffset
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import to_json

T = TypeVar("T")

ROWS_A_STEP = 100


class Strict(Body):
    """Unknown names are refused: a mistyped ``account`` must not mean all accounts."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class AccountQuery(Strict):
    account: Annotated[str | None, Field(description="The credential of one account; all accounts without it.")] = None


class PageQuery(LimitOffset, AccountQuery):
    limit: Annotated[int, Field(ge=0, le=1000)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class LogQuery(PageQuery):
    since: Annotated[int | None, Field(ge=0, description="Only what is newer than this id.")] = None

    @property
    def filters(self) -> bool:
        """Whether it wants only some of an account's items, or of all."""
        return not self.model_fields_set <= LogQuery.model_fields.keys()


class Deleted(TypedDict):
    """How many were deleted."""

    deleted: int


def part(found: list[T], query: PageQuery) -> tuple[list[T], int]:
    """Return one page of a short list, and how many items there are in all."""
    return query.page(found), len(found)


def same(wanted: str | None, value: str) -> bool:
    """Return whether a value passes a filter: none is set, or they are equal, ignoring case."""
    return wanted is None or wanted.lower() == value.lower()


def within(wanted: str | None, *values: str | None) -> bool:
    """Return whether one of several texts passes a filter: none is set, or a text contains it, ignoring case."""
    if wanted is None:
        return True
    wanted = wanted.lower()
    return any(wanted in value.lower() for value in values if value)


def in_words(value: Any) -> str:
    """Return a JSON value as a filter names it: a string without quotes, anything else as JSON."""
    return value if isinstance(value, str) else to_json(value).decode()
