"""Paging: ``limit`` and ``offset``, in three variants."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sparkbox.core.declare.paging import LimitOffset

MOST_OFFSET = 2**31 - 1
SMTP_ROWS = 100
"""Rows of the SMTP service's lists without a limit."""

Limit = Annotated[int, Field(ge=1, le=100)]
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET)]


def smtp_limit(most: int) -> AfterValidator:
    """Return a validator for limits of the SMTP service: 0 means 100, and more than ``most`` means ``most``."""
    return AfterValidator(lambda limit: min(limit or SMTP_ROWS, most))


class PageQuery(LimitOffset):
    """A page of up to 100 rows."""

    limit: Limit = 100
    offset: Offset = 0


class AllOrPageQuery(LimitOffset):
    """All rows unless a limit is given."""

    limit: Limit | None = None
    offset: Offset = 0


class SmtpPageQuery(LimitOffset):
    """A page of 100 rows unless a limit is given; a list may have another maximum."""

    limit: Annotated[int, Field(ge=0, le=MOST_OFFSET), smtp_limit(SMTP_ROWS)] = SMTP_ROWS
    offset: Offset = 0
