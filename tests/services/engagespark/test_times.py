"""Times: what is shown can be read back to the nanosecond, and whatever is no time is told from one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.services.engagespark import times

seconds = st.floats(0, 4e9)


@given(seconds)
def test_stamp_reads_back_exactly(when: float) -> None:
    assert times.read(times.stamp(when)) == times.nanoseconds(when)


@given(seconds, seconds)
def test_nanoseconds_keep_the_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert times.nanoseconds(low) <= times.nanoseconds(high)


@given(st.text(max_size=40))
def test_reading_any_text_gives_a_time_or_none(text: str) -> None:
    assert times.read(text) is None or isinstance(times.read(text), int)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:01z", 10**9),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1970-01-01T08:00:00 08:00", 0),
        ("1969-12-31T22:30:00-01:30", 0),
    ],
)
def test_times_are_read_with_their_offset(text: str, nanoseconds: int) -> None:
    assert times.read(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2020-02-20", "2020-02-20T20:20:20", "2020-02-30T20:20:20Z", "2020-02-20T20:20:20Z02:00"]
)
def test_text_that_is_no_time_is_none(text: str) -> None:
    assert times.read(text) is None


def test_stamps_are_as_the_vendor_writes_them() -> None:
    assert times.stamp(1_711_456_515.5) == "2024-03-26T12:35:15.5Z"
    assert times.stamp(1_711_456_500.0) == "2024-03-26T12:35:00Z"
    assert times.micro_stamp(1_711_456_515.5) == "2024-03-26T12:35:15.500000Z"
    assert times.second_stamp(1_711_456_515.5) == "2024-03-26T12:35:15Z"
    assert times.compact_stamp(1_711_456_515.5) == "20240326T123515"
