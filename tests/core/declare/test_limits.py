"""Rate limits against the clock that they are given."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.limits import Buckets, Limit, Standing

MINUTE = Limit("minute", 3, 60)
NOON = 1_772_366_400.0


def granted(buckets: Buckets, *limits: Limit, now: float, operation: str = "send") -> bool:
    return buckets.take("post", operation, limits, now) is None


def test_so_many_requests_pass_and_the_next_is_refused() -> None:
    buckets = Buckets()
    assert [granted(buckets, MINUTE, now=NOON) for _ in range(5)] == [True, True, True, False, False]


def test_exceeded_limit_gives_its_standing() -> None:
    buckets = Buckets()
    for second in (0, 10, 20):
        granted(buckets, MINUTE, now=NOON + second)
    standing = buckets.take("post", "send", (MINUTE,), NOON + 30)
    assert standing == Standing(MINUTE, amount=3, used=3, resets_at=NOON + 60)
    assert standing.remaining == 0


def test_a_refused_request_counts_for_nothing() -> None:
    buckets = Buckets()
    for _ in range(10):
        granted(buckets, MINUTE, now=NOON)
    assert granted(buckets, MINUTE, now=NOON + 60)


def test_a_sliding_window_looks_back_from_each_request() -> None:
    buckets = Buckets()
    for second in (0, 30, 59):
        assert granted(buckets, MINUTE, now=NOON + second)
    assert not granted(buckets, MINUTE, now=NOON + 59.5)
    assert granted(buckets, MINUTE, now=NOON + 60)
    assert not granted(buckets, MINUTE, now=NOON + 89)


def test_a_fixed_window_begins_by_the_clock() -> None:
    fixed = replace(MINUTE, window="fixed")
    buckets = Buckets()
    for _ in range(3):
        assert granted(buckets, fixed, now=NOON + 59)
    standing = buckets.take("post", "send", (fixed,), NOON + 59.5)
    assert standing is not None
    assert standing.resets_at == NOON + 60
    assert granted(buckets, fixed, now=NOON + 60)


def test_a_shared_limit_counts_operations_together_and_others_each() -> None:
    buckets = Buckets()
    own = Limit("own", 1, 60, shared=False)
    assert granted(buckets, own, now=NOON, operation="send")
    assert granted(buckets, own, now=NOON, operation="list")
    assert not granted(buckets, own, now=NOON, operation="send")
    shared = Limit("shared", 1, 60)
    assert granted(buckets, shared, now=NOON, operation="send")
    assert not granted(buckets, shared, now=NOON, operation="list")


def test_services_count_apart() -> None:
    buckets = Buckets()
    one = Limit("one", 1, 60)
    assert buckets.take("post", "send", (one,), NOON) is None
    assert buckets.take("bank", "send", (one,), NOON) is None


def test_of_several_limits_a_request_takes_from_all_or_none() -> None:
    buckets = Buckets()
    wide, narrow = Limit("wide", 10, 3600), Limit("narrow", 1, 60)
    assert granted(buckets, wide, narrow, now=NOON)
    for _ in range(5):
        assert buckets.take("post", "send", (wide, narrow), NOON).limit is narrow  # type: ignore[union-attr]
    assert buckets.standing("post", "send", wide, NOON).used == 1


def test_stamps_of_the_future_do_not_count_once_the_clock_is_set_back() -> None:
    buckets = Buckets()
    for now in (NOON, NOON + 100, NOON + 101):
        granted(buckets, replace(MINUTE, seconds=1000), now=now)
    assert buckets.standing("post", "send", replace(MINUTE, seconds=1000), NOON + 50).used == 1


def test_an_override_holds_until_it_is_taken_back() -> None:
    buckets = Buckets()
    buckets.set_amount("post", "minute", 1)
    assert [granted(buckets, MINUTE, now=NOON) for _ in range(2)] == [True, False]
    buckets.set_amount("post", "minute", None)
    assert [granted(buckets, MINUTE, now=NOON) for _ in range(3)] == [True, True, False]


def test_an_override_below_what_was_used_says_when_a_place_becomes_free() -> None:
    buckets = Buckets()
    for second in (0, 10, 20):
        granted(buckets, MINUTE, now=NOON + second)
    buckets.set_amount("post", "minute", 2)
    standing = buckets.standing("post", "send", MINUTE, NOON + 30)
    assert (standing.used, standing.remaining, standing.resets_at) == (3, 0, NOON + 70)
    assert not granted(buckets, MINUTE, now=NOON + 69)
    assert granted(buckets, MINUTE, now=NOON + 70)


def test_an_override_of_nothing_refuses_everything() -> None:
    buckets = Buckets()
    buckets.set_amount("post", "minute", 0)
    assert not granted(buckets, MINUTE, now=NOON)


def test_limits_that_are_switched_off_neither_refuse_nor_count() -> None:
    buckets = Buckets(enabled=False)
    assert all(granted(buckets, MINUTE, now=NOON) for _ in range(10))
    buckets.enabled = True
    assert buckets.standing("post", "send", MINUTE, NOON).used == 0


def test_clearing_forgets_the_counts_and_keeps_overrides() -> None:
    buckets = Buckets()
    buckets.set_amount("post", "minute", 1)
    granted(buckets, MINUTE, now=NOON)
    buckets.clear()
    assert buckets.standings(NOON) == []
    assert [granted(buckets, MINUTE, now=NOON) for _ in range(2)] == [True, False]


def test_a_burst_goes_on_where_its_limit_is_used_up() -> None:
    buckets = Buckets()
    limits = Limit("hour", 2, 3600, "fixed"), Limit("burst", 1, 1, beyond="hour")
    assert [granted(buckets, *limits, now=NOON) for _ in range(4)] == [True, True, True, False]
    api_error = buckets.take("post", "send", limits, NOON)
    assert api_error is not None
    assert (api_error.limit.name, api_error.resets_at) == ("burst", NOON + 1)
    assert granted(buckets, *limits, now=NOON + 1)
    assert buckets.standing("post", "send", limits[0], NOON + 1).used == 2
    assert granted(buckets, *limits, now=NOON + 3600)
    assert buckets.standing("post", "send", limits[1], NOON + 3600).used == 0


def test_a_burst_of_nothing_is_none_until_its_amount_is_set() -> None:
    buckets = Buckets()
    limits = Limit("hour", 1, 3600, "fixed"), Limit("burst", 0, 1, beyond="hour")
    assert granted(buckets, *limits, now=NOON)
    api_error = buckets.take("post", "send", limits, NOON)
    assert api_error is not None
    assert api_error.limit.name == "hour"
    buckets.set_amount("post", "burst", 1)
    assert [granted(buckets, *limits, now=NOON) for _ in range(2)] == [True, False]


def test_reading_does_not_count() -> None:
    buckets = Buckets()
    assert buckets.standing("post", "send", MINUTE, NOON) == Standing(MINUTE, 3, 0, NOON)
    assert [granted(buckets, MINUTE, now=NOON) for _ in range(4)] == [True, True, True, False]


def test_standings_list_what_was_counted_against() -> None:
    buckets = Buckets()
    own = Limit("own", 5, 60, shared=False)
    granted(buckets, MINUTE, own, now=NOON, operation="send")
    granted(buckets, MINUTE, own, now=NOON, operation="list")
    found = {(operation, standing.limit.name): standing.used for _, operation, standing in buckets.standings(NOON)}
    assert found == {("", "minute"): 2, ("send", "own"): 1, ("list", "own"): 1}


@pytest.mark.parametrize(("amount", "seconds"), [(-1, 60), (1, 0), (1, -1), (1, float("nan"))])
def test_a_limit_that_makes_no_sense_is_refused(amount: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="the limit 'odd' allows"):
        Limit("odd", amount, seconds)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Limit("a", 100, 60), "100 requests in a minute"),
        (Limit("a", 1, 1), "1 request in a second"),
        (Limit("a", 5, 86_400, window="fixed"), "5 requests in a day, by the clock"),
        (Limit("a", 2, 2.5, shared=False), "2 requests in 2.5 s, for each operation"),
    ],
)
def test_a_limit_says_what_it_allows(limit: Limit, text: str) -> None:
    assert str(limit) == text


LIMITS = st.lists(
    st.builds(
        Limit,
        name=st.just(""),
        amount=st.integers(0, 4),
        seconds=st.integers(1, 20),
        window=st.sampled_from(["sliding", "fixed"]),
        shared=st.booleans(),
    ),
    min_size=1,
    max_size=4,
).map(lambda limits: tuple(replace(limit, name=f"limit {index}") for index, limit in enumerate(limits)))
OPERATIONS = st.sampled_from(["send", "list"])


def in_window(limit: Limit, stamp: float, now: float) -> bool:
    if limit.window == "sliding":
        return now - limit.seconds < stamp <= now
    return stamp // limit.seconds == now // limit.seconds


@given(LIMITS, st.lists(st.tuples(OPERATIONS, st.integers(0, 12)), max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_request_passes_if_and_only_if_every_window_has_a_place(
    limits: tuple[Limit, ...], requests: list[tuple[str, int]]
) -> None:
    buckets, now = Buckets(), NOON
    passed: list[tuple[str, float]] = []

    def used(limit: Limit, at: float) -> int:
        return sum(in_window(limit, stamp, at) for other, stamp in passed if limit.shared or other == operation)

    for operation, seconds in requests:
        now += seconds / 2
        full = [limit for limit in limits if used(limit, now) >= limit.amount]
        standing = buckets.take("post", operation, limits, now)
        assert (standing.limit if standing else None) == (full[0] if full else None)
        if standing is None:
            passed.append((operation, now))
        elif standing.amount:
            # Who waits for as long as is said, finds a place.
            assert standing.resets_at > now
            assert used(standing.limit, standing.resets_at) < standing.amount


@given(LIMITS, st.lists(st.tuples(OPERATIONS, st.integers(-40, 40)), max_size=60))
@settings(max_examples=200, deadline=None)
def test_limits_stay_true_on_a_clock_that_jumps(limits: tuple[Limit, ...], requests: list[tuple[str, int]]) -> None:
    buckets, now = Buckets(), NOON
    stamps: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for operation, seconds in requests:
        now += seconds
        keys = [(limit.name, "" if limit.shared else operation) for limit in limits]
        refusing = None
        for limit, key in zip(limits, keys, strict=True):
            # What is outside of the window when a limit looks is forgotten for good.
            stamps[key] = [stamp for stamp in stamps[key] if in_window(limit, stamp, now)]
            if len(stamps[key]) >= limit.amount:
                refusing = limit
                break
        standing = buckets.take("post", operation, limits, now)
        assert (standing.limit if standing else None) == refusing
        if standing is None:
            for key in keys:
                stamps[key].append(now)
        else:
            assert standing.used == len(stamps[standing.limit.name, "" if standing.limit.shared else operation])
