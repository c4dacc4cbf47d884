"""Bounded logs."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.buffer import Ring, Shelf


def test_items_are_numbered_over_all_shelves() -> None:
    ring: Ring[str] = Ring(10, 1000)
    one, two = ring.shelf(), ring.shelf()
    assert ring.next_number() == 1
    assert [one.append("a", 1), two.append("b", 1), one.append("c", 1)] == [1, 2, 3]
    assert ring.next_number() == 4
    assert list(ring.newest()) == ["c", "b", "a"]
    assert list(one.newest()) == ["c", "a"]
    assert list(one.oldest()) == ["a", "c"]


def test_the_oldest_of_whoever_has_most_is_dropped_and_counted_where_it_was() -> None:
    ring: Ring[str] = Ring(4, 1000)
    one, two = ring.shelf(), ring.shelf()
    one.append("a", 1)
    for name in "bcde":
        two.append(name, 1)
    assert (one.dropped, two.dropped, ring.dropped) == (0, 1, 1)
    assert list(one.oldest()) == ["a"]
    assert list(two.oldest()) == ["c", "d", "e"]
    one.append("f", 1)
    assert (list(one.oldest()), list(two.oldest())) == (["a", "f"], ["d", "e"])


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
def test_a_ring_keeps_its_bounds_and_everybodys_share(
    most: int, most_bytes: int, steps: list[tuple[str, int, int]]
) -> None:
    ring: Ring[Any] = Ring(most, most_bytes)
    shelves: list[Shelf[Any]] = [ring.shelf() for _ in range(3)]
    model: list[dict[int, tuple[Any, int]]] = [{}, {}, {}]  # of each shelf: number, item and size
    dropped = [0, 0, 0]

    for step, (action, index, value) in enumerate(steps):
        shelf, own, item = shelves[index], model[index], f"item {step}"
        if action == "append":
            number = ring.next_number()
            own[number] = (item, value)
            assert shelf.append(item, value) == number
        elif action == "remove":
            assert shelf.remove(value) == (own.pop(value, None) is not None)
        elif action == "replace":
            shelf.replace(value, item)
            if value in own:
                own[value] = (item, own[value][1])
        elif action == "weigh":
            shelf.replace(value, item, 9)
            if value in own:
                own[value] = (item, 9)
        else:
            shelf.clear()
            own.clear()
            dropped[index] = 0
        before = [dict(each) for each in model]
        shares = sum(bool(each) for each in before)
        for place, each in enumerate(model):
            for number in [number for number in each if number not in shelves[place].items]:
                del each[number]
                dropped[place] += 1
            # The newest of each are left, as they were; and what was within its share in all respects is untouched.
            assert list(each.items()) == list(before[place].items())[len(before[place]) - len(each) :]
            if len(before[place]) * shares <= most and _bytes(before[place]) * shares <= most_bytes:
                assert each == before[place]
            assert {number: item for number, (item, _) in each.items()} == dict(shelves[place].items)
            assert (shelves[place].bytes, shelves[place].dropped) == (_bytes(each), dropped[place])
        everything = sorted((number, item) for each in model for number, (item, _) in each.items())
        assert list(ring.newest()) == [item for _, item in reversed(everything)]
        assert [ring.get(number) for number, _ in everything] == [item for _, item in everything]
        assert len(ring) == len(everything) <= most
        assert ring.bytes == sum(map(_bytes, model))
        assert ring.bytes <= most_bytes or len(ring) == 1
        assert set(ring.shelves()) == {shelf for shelf in shelves if len(shelf)}


@given(st.integers(2, 12), st.lists(st.integers(0, 3), max_size=200), st.integers(0, 300))
@settings(max_examples=100, deadline=None)
def test_the_newest_of_a_small_account_outlive_any_flood(most: int, others: list[int], flood: int) -> None:
    ring: Ring[int] = Ring(most * 5, 1000 * most)
    small, *loud = [ring.shelf() for _ in range(5)]
    kept = [small.append(number, 10) for number in range(most)]
    for index in [*others, *[0] * flood]:
        loud[index].append(index, 10)
    assert list(small.items) == kept
    assert small.dropped == 0


def _bytes(items: dict[int, tuple[Any, int]]) -> int:
    return sum(size for _, size in items.values())
