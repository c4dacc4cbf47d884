"""Bounded logs."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.ring import Ring, Shelf


def test_items_are_numbered_over_all_shelves() -> None:
    ring: Ring[str] = Ring(10, 1000)
    one, two = ring.shelf(), ring.shelf()
    assert ring.next_number() == 1
    assert [one.append("a", 1), two.append("b", 1), one.append("c", 1)] == [1, 2, 3]
    assert ring.next_number() == 4
    assert list(ring.newest()) == ["c", "b", "a"]
    assert list(one.newest()) == ["c", "a"]
    assert list(one.oldest()) == ["a", "c"]


def test_the_oldest_of_all_is_dropped_and_counted_where_it_was() -> None:
    ring: Ring[str] = Ring(2, 1000)
    one, two = ring.shelf(), ring.shelf()
    one.append("a", 1)
    two.append("b", 1)
    two.append("c", 1)
    assert (one.dropped, two.dropped, ring.dropped) == (1, 0, 1)
    assert len(one) == 0
    assert list(two.oldest()) == ["b", "c"]


def test_bytes_are_bounded_too() -> None:
    ring: Ring[str] = Ring(100, 10)
    shelf = ring.shelf()
    for name, size in (("a", 4), ("b", 4), ("c", 4)):
        shelf.append(name, size)
    assert list(shelf.oldest()) == ["b", "c"]
    assert ring.bytes == 8


def test_the_newest_is_kept_whatever_it_weighs() -> None:
    ring: Ring[str] = Ring(100, 10)
    shelf = ring.shelf()
    shelf.append("small", 1)
    shelf.append("huge", 1000)
    assert list(shelf.oldest()) == ["huge"]
    shelf.append("next", 1)
    assert list(shelf.oldest()) == ["next"]


def test_an_item_is_replaced_in_its_place() -> None:
    ring: Ring[str] = Ring(2, 1000)
    shelf = ring.shelf()
    first, _ = shelf.append("a", 1), shelf.append("b", 1)
    shelf.replace(first, "A")
    assert list(shelf.oldest()) == ["A", "b"]
    shelf.append("c", 1)
    shelf.replace(first, "again")
    assert shelf.get(first) is None


def test_only_shelves_that_hold_something_are_listed() -> None:
    ring: Ring[str] = Ring(10, 1000)
    one, _, three = ring.shelf(), ring.shelf(), ring.shelf()
    three.append("a", 1)
    one.append("b", 1)
    three.append("c", 1)
    assert ring.shelves() == [three, one]


def test_clearing_a_shelf_leaves_the_others() -> None:
    ring: Ring[str] = Ring(2, 1000)
    one, two = ring.shelf(), ring.shelf()
    for name in "abc":
        one.append(name, 5)
    two.append("d", 7)
    one.clear()
    assert (len(one), one.dropped, ring.bytes, len(ring)) == (0, 0, 7, 1)
    assert list(ring.newest()) == ["d"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 2), st.integers(0, 8)),
        st.tuples(st.just("remove"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("replace"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("weigh"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("clear"), st.integers(0, 2), st.just(0)),
    ),
    max_size=60,
)


@given(st.integers(1, 6), st.integers(0, 20), STEPS)
@settings(max_examples=300, deadline=None)
def test_a_ring_is_a_list_that_loses_its_head(most: int, most_bytes: int, steps: list[tuple[str, int, int]]) -> None:
    ring: Ring[Any] = Ring(most, most_bytes)
    shelves: list[Shelf[Any]] = [ring.shelf() for _ in range(3)]
    model: list[list[Any]] = []  # number, shelf, item, size

    def shrink() -> None:
        while len(model) > most or (sum(row[3] for row in model) > most_bytes and len(model) > 1):
            model.pop(0)

    for step, (action, index, value) in enumerate(steps):
        shelf, item = shelves[index], f"item {step}"
        row = next((row for row in model if row[:2] == [value, index]), None)
        if action == "append":
            model.append([ring.next_number(), index, item, value])
            assert shelf.append(item, value) == model[-1][0]
            shrink()
        elif action == "remove":
            assert shelf.remove(value) == (row is not None)
            model = [other for other in model if other is not row]
        elif action == "replace":
            shelf.replace(value, item)
            if row is not None:
                row[2] = item
        elif action == "weigh":
            shelf.replace(value, item, 9)
            if row is not None:
                row[2:] = [item, 9]
                shrink()
        else:
            shelf.clear()
            model = [row for row in model if row[1] != index]
        assert list(ring.newest()) == [row[2] for row in reversed(model)]
        assert ring.bytes == sum(row[3] for row in model)
        assert len(ring) == len(model)
        for number, shelf in enumerate(shelves):
            assert dict(shelf.items) == {row[0]: row[2] for row in model if row[1] == number}
            assert len(shelf) == len(list(shelf.oldest()))
