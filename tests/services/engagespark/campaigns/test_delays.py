"""When a subscription starts: every unit, time zones, changes of the clocks, and the two meanings of 09:00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.declare.errors import ApiError
from sparkbox.services.engagespark.campaigns import delays
from sparkbox.services.engagespark.campaigns.delays import Delay

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""A Sunday."""


def starts(now: datetime = NOON, **fields: Any) -> datetime:
    delay = Delay.model_validate(fields)
    return datetime.fromtimestamp(delays.start(delay, now.timestamp()), UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def test_subscription_without_delay_starts_now() -> None:
    assert delays.start(None, 5.0) == 5.0
    empty: dict[str, Any] = dict.fromkeys(("unit", "time", "timezone", "country", "dayOfWeek", "at", "relative"), "")
    assert starts(value=0, **empty) == NOON
    assert starts(unit="", value=7) == NOON
    assert starts(value=0) == NOON


@pytest.mark.parametrize(("unit", "seconds"), [("second", 1), ("minute", 60), ("hour", 3600)])
def test_delay_in_seconds_minutes_or_hours(unit: str, seconds: int) -> None:
    assert starts(unit=unit, value=3) == NOON + timedelta(seconds=3 * seconds)


@pytest.mark.parametrize(
    ("now", "value", "time", "expected"),
    [
        ("2026-03-01 08:30", 0, "09:00", "2026-03-01 09:00"),
        ("2026-03-01 08:30", 1, "09:00", "2026-03-02 09:00"),
        ("2026-03-01 09:30", 0, "09:00", "2026-03-02 09:00"),
        ("2026-03-01 09:30", 1, "9:00", "2026-03-02 09:00"),
        ("2026-03-01 09:00", 0, "09:00", "2026-03-02 09:00"),
        ("2026-03-01 12:00", 30, "00:00:30", "2026-03-31 00:00:30"),
    ],
)
def test_delay_in_days_needs_a_time(now: str, value: int, time: str, expected: str) -> None:
    assert starts(at(now), unit="day", value=value, time=time) == at(expected)


def test_time_of_a_delay_is_in_its_zone_or_country() -> None:
    day: dict[str, Any] = {"unit": "day", "value": 0, "time": "09:00"}
    assert starts(**day) == at("2026-03-02 09:00")
    assert starts(**day, timezone="Asia/Manila") == at("2026-03-02 01:00")
    assert starts(**day, country="PH") == at("2026-03-02 01:00")
    assert starts(**day, timezone="Asia/Bangkok", country="PH") == at("2026-03-02 02:00")
    assert starts(at("2026-03-01 00:30"), **day, timezone="Asia/Manila") == at("2026-03-01 01:00")


def test_delay_of_a_day_counts_in_its_zone() -> None:
    late_in_manila = at("2026-03-01 17:00")
    assert starts(late_in_manila, unit="day", value=1, time="09:00", timezone="Asia/Manila") == at("2026-03-03 01:00")


def test_delay_keeps_the_time_of_day_over_a_clock_change() -> None:
    day = {"unit": "day", "time": "09:00", "timezone": "America/New_York"}
    assert starts(at("2026-03-07 15:00"), value=1, **day) == at("2026-03-08 13:00")
    assert starts(at("2026-10-31 15:00"), value=1, **day) == at("2026-11-01 14:00")


def test_delay_to_a_skipped_hour_ends_an_hour_later() -> None:
    skipped = {"unit": "day", "value": 1, "time": "02:30", "timezone": "America/New_York"}
    assert starts(at("2026-03-07 15:00"), **skipped) == at("2026-03-08 07:30")


def test_delay_to_a_repeated_hour_does_not_end_in_the_past() -> None:
    second_half_past_one = at("2026-11-01 06:40")
    again = {"unit": "day", "value": 0, "time": "01:50", "timezone": "America/New_York"}
    assert starts(second_half_past_one, **again) > second_half_past_one


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        (0, {}, "2026-03-08 09:00"),
        (1, {}, "2026-03-08 09:00"),
        (0, {"daysOfWeek": {"monday": True, "friday": True}}, "2026-03-02 09:00"),
        (1, {"daysOfWeek": {"monday": True, "friday": True}}, "2026-03-09 09:00"),
        (1, {"daysOfWeek": {"sunday": True}}, "2026-03-08 09:00"),
        (2, {"dayOfWeek": "wednesday"}, "2026-03-18 09:00"),
        (0, {"dayOfWeek": "monday", "daysOfWeek": {"friday": True}}, "2026-03-06 09:00"),
        (0, {"dayOfWeek": "monday", "daysOfWeek": {"friday": False}}, "2026-03-02 09:00"),
    ],
)
def test_delay_in_weeks_ends_on_a_chosen_day(value: int, more: dict[str, Any], expected: str) -> None:
    assert starts(unit="week", value=value, time="09:00", **more) == at(expected)


def test_delay_of_zero_weeks_may_end_today() -> None:
    assert starts(unit="week", value=0, time="18:00", dayOfWeek="sunday") == at("2026-03-01 18:00")


@pytest.mark.parametrize(
    ("now", "value", "time", "expected"),
    [
        ("2026-03-01 12:00", 1, "", "2026-04-01 12:00"),
        ("2026-01-31 12:00", 1, "09:00", "2026-02-28 09:00"),
        ("2028-01-31 12:00", 1, "", "2028-02-29 12:00"),
        ("2026-11-30 12:00", 3, "", "2027-02-28 12:00"),
        ("2026-03-01 12:00", 0, "", "2026-03-01 12:00"),
        ("2026-03-01 12:00", 0, "18:00", "2026-03-01 18:00"),
        ("2026-03-01 12:00", 0, "09:00", "2026-04-01 09:00"),
    ],
)
def test_delay_in_months_ends_on_the_last_day_of_a_short_month(now: str, value: int, time: str, expected: str) -> None:
    assert starts(at(now), unit="month", value=value, time=time) == at(expected)


def test_at_overrides_the_rest_of_a_delay() -> None:
    when = "2026-03-05T09:00:00+08:00"
    assert starts(unit="at", at=when) == at("2026-03-05 01:00")
    assert starts(unit="day", value=9, time="x", at=when) == at("2026-03-05 01:00")
    assert starts(unit="at", at="2020-01-01T00:00:00Z") == NOON


@pytest.mark.parametrize(
    "fields",
    [
        {"unit": "hour"},
        {},
        {"unit": "at"},
        {"unit": "day", "value": 1},
        {"unit": "week", "value": 1},
        {"unit": "day", "value": 1, "time": "25:00"},
        {"unit": "day", "value": 1, "time": "nine"},
        {"unit": "day", "value": 1, "time": "09:00", "timezone": "Mars/Olympus"},
        {"unit": "day", "value": 1, "time": "09:00", "timezone": "America"},
        {"unit": "day", "value": 1, "time": "09:00", "country": "XX"},
        {"unit": "second", "value": 10**9},
        {"unit": "day", "value": 10**9, "time": "09:00"},
        {"unit": "week", "value": 10**9, "time": "09:00"},
        {"unit": "month", "value": 10**9},
        {"unit": "at", "at": "9999-12-31T23:59:59Z"},
    ],
)
def test_invalid_delay_is_an_error(fields: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        starts(**fields)
    assert refused.value.error.name == "invalid_delay"


zones = st.sampled_from(["UTC", "Asia/Manila", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
moments = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)).map(lambda when: when.replace(tzinfo=UTC))
times = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@given(moments, st.integers(0, 50), times, zones)
def test_no_delay_ends_in_the_past(now: datetime, value: int, time: str, zone: str) -> None:
    for unit in ("second", "minute", "hour", "day", "week", "month"):
        assert starts(now, unit=unit, value=value, time=time, timezone=zone) >= now


@given(moments, times, zones)
def test_zero_days_is_the_next_such_time_and_one_day_is_tomorrows(now: datetime, time: str, zone: str) -> None:
    day = {"unit": "day", "time": time, "timezone": zone}
    upcoming, tomorrow = starts(now, value=0, **day), starts(now, value=1, **day)
    assert now < upcoming <= now + timedelta(hours=50)
    here = ZoneInfo(zone)
    assert upcoming <= tomorrow or upcoming.astimezone(here).date() == tomorrow.astimezone(here).date()
    wanted = datetime.combine(now.astimezone(here).date() + timedelta(days=1), datetime.min.time(), here)
    hour, minute = map(int, time.split(":"))
    assert tomorrow == wanted.replace(hour=hour, minute=minute).astimezone(UTC)


@given(
    moments, st.integers(0, 8), times, zones, st.sets(st.sampled_from(list(delays.DaysOfWeek.model_fields)), min_size=1)
)
def test_any_delay_in_weeks_ends_on_a_chosen_day(
    now: datetime, value: int, time: str, zone: str, days: set[str]
) -> None:
    chosen = starts(now, unit="week", value=value, time=time, timezone=zone, daysOfWeek=dict.fromkeys(days, True))
    # Apia left a whole day out, 2011-12-30: what falls on it is on the day after.
    if zone != "Pacific/Apia":
        assert chosen.astimezone(ZoneInfo(zone)).strftime("%A").lower() in days
