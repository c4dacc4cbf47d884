"""Paging by limit and offset."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import ConfigDict, Field, ValidationError

from sparkbox.core.declare.paging import LimitOffset


class SizeSkip(LimitOffset):
    model_config = ConfigDict(populate_by_name=False)

    limit: Annotated[int, Field(ge=1, alias="size")] = 2
    offset: Annotated[int, Field(ge=0, alias="skip")] = 0


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({}, [0, 1, 2, 3]),
        ({"limit": 2}, [0, 1]),
        ({"offset": 3, "limit": 2}, [3]),
        ({"limit": 0}, []),
        ({"offset": 9}, []),
    ],
)
def test_page_has_limit_rows_after_offset(query: dict[str, int], rows: list[int]) -> None:
    assert LimitOffset(**query).page(iter(range(4))) == rows


def test_limit_and_offset_can_have_other_names_and_bounds() -> None:
    assert SizeSkip.model_validate({"skip": 1, "limit": 4}).page(range(4)) == [1, 2]
    with pytest.raises(ValidationError):
        SizeSkip.model_validate({"size": 0})
