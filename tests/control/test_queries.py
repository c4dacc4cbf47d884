"""The parts of lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkbox.control.queries import PageQuery, part


@given(st.integers(0, 60), st.integers(1, 20))
def test_the_parts_of_a_list_make_up_the_whole(count: int, limit: int) -> None:
    items = list(range(count))
    queries = [PageQuery(limit=limit, offset=offset) for offset in range(0, count + 1, limit)]
    parts = [part(items, query) for query in queries]
    assert [item for rows, _ in parts for item in rows] == items
    assert {total for _, total in parts} == {count}
