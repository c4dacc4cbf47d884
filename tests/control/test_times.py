"""Times and spans as the control API takes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.control.times import seconds, unix


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(8999, 1, 1), timezones=st.just(UTC)))
def test_a_time_means_the_same_written_out_or_as_a_number(time: datetime) -> None:
    assert unix(time.isoformat()) == unix(time.timestamp()) == time.timestamp()


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_span_means_the_same_in_both_ways_of_writing(days: int, hours: int, minutes: int, rest: int) -> None:
    expected = 86_400 * days + 3600 * hours + 60 * minutes + rest
    assert seconds(f"{days}d{hours}h{minutes}m{rest}s") == seconds(f"P{days}DT{hours}H{minutes}M{rest}S") == expected


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.integers())))
def test_whatever_is_given_is_understood_or_refused(value: object) -> None:
    for parse in (unix, seconds):
        assert _outcome(parse, value) in ("a float", "give")


def test_a_time_without_an_offset_is_utc() -> None:
    assert unix("2026-03-01") == unix("2026-03-01T00:00:00Z") == unix("2026-03-01T02:00:00+02:00")


@pytest.mark.parametrize("text", ["p", "pt", "P1M", "P1Y", "1h30", "h", "1.h", "--1h", "1e5", "٣h", "1h 30m"])
def test_a_span_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="give seconds, or a span"):
        seconds(text)


def _outcome(parse: Callable[[object], float], value: object) -> str:
    try:
        return f"a {type(parse(value)).__name__}"
    except ValueError as refused:
        return str(refused).split()[0]
