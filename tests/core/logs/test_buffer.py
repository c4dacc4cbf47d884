"""Bounded logs."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs import buffer as buffer_module
from sparkbox.core.logs import pieces as pieces_module
from sparkbox.core.logs.buffer import AccountLog, LogBuffer, Pending


def test_items_are_numbered_over_all_shelves() -> None:
    buffer: LogBuffer[str] = LogBuffer(10, 1000)
    one, two = buffer.account_log(), buffer.account_log()
    assert buffer.next_number() == 1
    assert [one.append("a", 1), two.append("b", 1), one.append("c", 1)] == [1, 2, 3]
    assert buffer.next_number() == 4
    assert list(buffer.newest()) == ["c", "b", "a"]
    assert list(one.newest()) == ["c", "a"]
    assert list(one.oldest()) == ["a", "c"]


def test_oldest_item_of_the_fullest_account_is_dropped_and_counted_there() -> None:
    buffer: LogBuffer[str] = LogBuffer(4, 1000)
    one, two = buffer.account_log(), buffer.account_log()
    one.append("a", 1)
    for name in "bcde":
        two.append(name, 1)
    assert (one.dropped, two.dropped, buffer.dropped) == (0, 1, 1)
    assert list(one.oldest()) == ["a"]
    assert list(two.oldest()) == ["c", "d", "e"]
    one.append("f", 1)
    assert (list(one.oldest()), list(two.oldest())) == (["a", "f"], ["d", "e"])


def test_bytes_are_bounded_too() -> None:
    buffer: LogBuffer[str] = LogBuffer(100, 10)
    account_log = buffer.account_log()
    for name, size in (("a", 4), ("b", 4), ("c", 4)):
        account_log.append(name, size)
    assert list(account_log.oldest()) == ["b", "c"]
    assert buffer.bytes == 8


def test_the_newest_is_kept_whatever_it_weighs() -> None:
    buffer: LogBuffer[str] = LogBuffer(100, 10)
    account_log = buffer.account_log()
    account_log.append("small", 1)
    account_log.append("huge", 1000)
    assert list(account_log.oldest()) == ["huge"]
    account_log.append("next", 1)
    assert list(account_log.oldest()) == ["next"]


def test_an_item_is_replaced_in_its_place() -> None:
    buffer: LogBuffer[str] = LogBuffer(2, 1000)
    account_log = buffer.account_log()
    first, _ = account_log.append("a", 1), account_log.append("b", 1)
    account_log.replace(first, "A")
    assert list(account_log.oldest()) == ["A", "b"]
    account_log.append("c", 1)
    account_log.replace(first, "again")
    assert account_log.get(first) is None


def test_only_shelves_that_hold_something_are_listed() -> None:
    buffer: LogBuffer[str] = LogBuffer(10, 1000)
    one, _, three = buffer.account_log(), buffer.account_log(), buffer.account_log()
    three.append("a", 1)
    one.append("b", 1)
    three.append("c", 1)
    assert buffer.account_logs() == [three, one]


def test_clearing_one_accounts_log_leaves_the_others() -> None:
    buffer: LogBuffer[str] = LogBuffer(2, 1000)
    one, two = buffer.account_log(), buffer.account_log()
    for name in "abc":
        one.append(name, 5)
    two.append("d", 7)
    one.clear()
    assert (len(one), one.dropped, buffer.bytes, len(buffer)) == (0, 0, 7, 1)
    assert list(buffer.newest()) == ["d"]


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


@patch.object(pieces_module, "PIECE", 4)
@given(st.integers(1, 6), st.integers(0, 20), STEPS)
@settings(max_examples=300, deadline=None)
def test_buffer_keeps_its_bounds_and_each_accounts_share(
    most: int, most_bytes: int, steps: list[tuple[str, int, int]]
) -> None:
    buffer: LogBuffer[Any] = LogBuffer(most, most_bytes)
    account_logs: list[AccountLog[Any]] = [buffer.account_log() for _ in range(3)]
    model: list[dict[int, tuple[Any, int]]] = [{}, {}, {}]  # of each log: number, item and size
    dropped = [0, 0, 0]

    for step, (action, index, value) in enumerate(steps):
        account_log, own, item = account_logs[index], model[index], f"item {step}"
        if action == "append":
            number = buffer.next_number()
            own[number] = (item, value)
            assert account_log.append(item, value) == number
        elif action == "remove":
            assert account_log.remove(value) == (own.pop(value, None) is not None)
        elif action == "replace":
            account_log.replace(value, item)
            if value in own:
                own[value] = (item, own[value][1])
        elif action == "weigh":
            account_log.replace(value, item, 9)
            if value in own:
                own[value] = (item, 9)
        else:
            account_log.clear()
            own.clear()
            dropped[index] = 0
        before = [dict(each) for each in model]
        shares = sum(bool(each) for each in before)
        for place, each in enumerate(model):
            for number in [number for number in each if number not in account_logs[place].items]:
                del each[number]
                dropped[place] += 1
            # The newest of each are left, as they were; and what was within its share in all respects is untouched.
            assert list(each.items()) == list(before[place].items())[len(before[place]) - len(each) :]
            if len(before[place]) * shares <= most and _bytes(before[place]) * shares <= most_bytes:
                assert each == before[place]
            assert {number: item for number, (item, _) in each.items()} == dict(account_logs[place].items)
            assert (account_logs[place].bytes, account_logs[place].dropped) == (_bytes(each), dropped[place])
        everything = sorted((number, item) for each in model for number, (item, _) in each.items())
        assert list(buffer.newest()) == [item for _, item in reversed(everything)]
        assert [buffer.get(number) for number, _ in everything] == [item for _, item in everything]
        assert len(buffer) == len(everything) <= most
        assert list(buffer.numbers()) == [number for number, _ in reversed(everything)]
        assert buffer.bytes == sum(map(_bytes, model))
        assert buffer.bytes <= most_bytes or len(buffer) == 1
        assert set(buffer.account_logs()) == {account_log for account_log in account_logs if len(account_log)}


class Grown(msgspec.Struct, frozen=True):
    number: int
    size: int


class Small(Pending, frozen=True):
    """Weighs more once it is made."""

    def made(self, number: int) -> Grown:
        return Grown(number, 40)


def test_looking_at_pending_items_keeps_no_more_than_there_is_room_for() -> None:
    buffer: LogBuffer[Grown] = LogBuffer(100, 100)
    account_log = buffer.account_log()
    for _ in range(5):
        account_log.append(Small(), 10)
    for _ in range(2):
        assert list(account_log.newest()) == [Grown(number, 40) for number in (5, 4, 3, 2, 1)]
        assert (buffer.bytes, account_log.bytes, buffer.dropped) == (80, 80, 0)
        assert [type(account_log.peek(number)) for number in (5, 4, 3)] == [Grown, Small, Small]
    account_log.append(Grown(6, 20), 20)
    account_log.append(Grown(7, 40), 40)
    assert (buffer.bytes, buffer.dropped, account_log.peek(7)) == (100, 4, Grown(7, 40))


@given(st.integers(2, 12), st.lists(st.integers(0, 3), max_size=200), st.integers(0, 300))
@settings(max_examples=100, deadline=None)
def test_the_newest_of_a_small_account_outlive_any_flood(most: int, others: list[int], flood: int) -> None:
    buffer: LogBuffer[int] = LogBuffer(most * 5, 1000 * most)
    small, *loud = [buffer.account_log() for _ in range(5)]
    kept = [small.append(number, 10) for number in range(most)]
    for index in [*others, *[0] * flood]:
        loud[index].append(index, 10)
    assert list(small.items) == kept
    assert small.dropped == 0


def _bytes(items: dict[int, tuple[Any, int]]) -> int:
    return sum(size for _, size in items.values())


def test_cleared_items_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer_module, "SPARE", 10)
    buffer: LogBuffer[int] = LogBuffer(100, 1000)
    kept, cleared = buffer.account_log(), buffer.account_log()
    kept.append(0, 1)
    for round in range(20):
        for item in range(5):
            cleared.append(item, 1)
        number = buffer.next_number() - 1
        cleared.clear()
        assert (buffer.get(number), buffer.remove(number), list(buffer.newest())) == (None, False, [0]), round
        assert len(buffer._owners) <= 2 * len(buffer) + 10
    kept.clear()
    assert (len(buffer), len(buffer._owners)) == (0, 0)
