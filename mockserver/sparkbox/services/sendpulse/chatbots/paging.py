"""Paging in the chatbots: ``size`` and ``skip``."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from sparkbox.core.declare.paging import LimitOffset

from ..requests.paging import MOST_OFFSET


class PageQuery(LimitOffset):
    """A page of up to 1,000 rows, which clients show to be the most. assumed: 100 if no size is given."""

    # A `limit` and an `offset`, which some clients send, mean nothing here.
    model_config = ConfigDict(populate_by_name=False)

    limit: Annotated[int, Field(ge=1, le=1000, alias="size")] = 100
    offset: Annotated[int, Field(ge=0, le=MOST_OFFSET, alias="skip")] = 0
