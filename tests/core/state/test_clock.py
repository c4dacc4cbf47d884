"""Time: live and frozen clocks, their jobs, and the alarm that wakes them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.state import jobs as jobs_module
from sparkbox.core.state.clock import LATEST, Alarm, Clock, iso, machine_time, moment, stopwatch
from sparkbox.core.state.jobs import TooManyJobs

NOON = 1_772_366_400.0  # 2026-03-01T12:00:00Z


def frozen(at: float = NOON) -> Clock:
    clock = Clock()
    clock.freeze(at)
    return clock


def test_iso_says_utc_with_milliseconds() -> None:
    assert iso(NOON) == "2026-03-01T12:00:00.000Z"
    assert iso(NOON + 0.0625) == "2026-03-01T12:00:00.062Z"
    assert iso(0) == "1970-01-01T00:00:00.000Z"


def test_moment_is_an_aware_datetime() -> None:
    assert moment(NOON) == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_stopwatch_never_goes_back() -> None:
    first = stopwatch()
    assert stopwatch() >= first


def test_a_new_clock_shows_the_machines_time() -> None:
    before = machine_time()
    shown = Clock().now()
    assert before <= shown <= machine_time()


def test_a_frozen_clock_stands() -> None:
    clock = frozen()
    assert clock.frozen
    assert clock.now() == clock.now() == NOON


def test_freezing_stops_the_clock_where_it_is() -> None:
    clock = Clock()
    before = clock.now()
    clock.freeze()
    assert before <= clock.now() <= machine_time()
    assert clock.frozen


def test_a_resumed_clock_goes_on_from_where_it_stood() -> None:
    clock = frozen()
    clock.resume()
    assert not clock.frozen
    shown = clock.now()
    assert shown >= NOON
    assert clock.now() >= shown


def test_advancing_a_live_clock_leaves_it_live() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(3600)
    assert not clock.frozen
    assert clock.now() >= before + 3600


def test_a_clock_is_not_advanced_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        frozen().advance(-1)


@pytest.mark.parametrize("to", [-1, LATEST + 1, float("nan"), float("inf")])
def test_a_clock_is_not_set_to_what_is_no_date(to: float) -> None:
    clock = frozen()
    with pytest.raises(ValueError, match="1970 and 9000"):
        clock.set(to, frozen=True)
    assert clock.now() == NOON


def test_a_clock_can_be_set_to_its_ends() -> None:
    clock = frozen()
    clock.set(LATEST, frozen=True)
    assert iso(clock.now()).startswith("9000-01-01")
    clock.set(0, frozen=True)
    assert clock.now() == 0


def test_a_clock_starts_out_like_another() -> None:
    assert Clock(like=frozen()).now() == NOON
    other = Clock()
    other.advance(1_000_000)
    assert Clock(like=other).now() >= machine_time() + 999_999


def test_a_job_runs_when_its_time_comes_and_not_before() -> None:
    clock = frozen()
    ran: list[Any] = []
    clock.call_at(NOON + 10, ran.append, "job")
    assert clock.advance(9) == 0
    assert ran == []
    assert clock.advance(1) == 1
    assert ran == ["job"]


def test_jobs_run_in_the_order_of_their_times() -> None:
    clock = frozen()
    ran: list[Any] = []
    for when, name in ((30, "c"), (10, "a"), (20, "b1"), (20, "b2")):
        clock.call_at(NOON + when, ran.append, name)
    assert clock.advance(60) == 4
    assert ran == ["a", "b1", "b2", "c"]


def test_a_job_sees_its_own_time() -> None:
    clock, seen = frozen(), []
    clock.call_at(NOON + 10, lambda: seen.append(clock.now()))
    clock.advance(60)
    assert seen == [NOON + 10]
    assert clock.now() == NOON + 60


def test_an_overdue_job_sees_the_present_not_the_past() -> None:
    clock, seen = frozen(), []
    clock.call_at(NOON - 100, lambda: seen.append(clock.now()))
    clock.advance(60)
    assert seen == [NOON]


def test_job_may_schedule_further_jobs() -> None:
    clock, seen = frozen(), []

    def tick() -> None:
        seen.append(clock.now() - NOON)
        clock.call_at(clock.now() + 10, tick)

    clock.call_at(NOON + 10, tick)
    assert clock.advance(35) == 3
    assert seen == [10, 20, 30]
    assert [job.when for job in clock.jobs] == [NOON + 40]


def test_run_due_runs_what_is_due_on_a_standing_clock() -> None:
    clock = frozen()
    ran: list[Any] = []
    clock.call_at(NOON - 1, ran.append, "due")
    clock.call_at(NOON + 1, ran.append, "not yet")
    assert clock.run_due() == 1
    assert ran == ["due"]
    assert clock.run_due() == 0


def test_a_cancelled_job_does_not_run() -> None:
    clock = frozen()
    ran: list[Any] = []
    number = clock.call_at(NOON + 1, ran.append, "cancelled")
    clock.call_at(NOON + 2, ran.append, "kept")
    clock.cancel(number)
    assert [job.args for job in clock.jobs] == [("kept",)]
    assert clock.advance(5) == 1
    assert ran == ["kept"]


def test_cancelling_what_has_run_is_no_error() -> None:
    clock = frozen()
    ran: list[Any] = []
    number = clock.call_at(NOON + 1, ran.append, 1)
    clock.advance(1)
    clock.cancel(number)
    clock.call_at(NOON + 2, ran.append, 2)
    clock.advance(1)
    assert ran == [1, 2]


def test_cancelled_jobs_do_not_pile_up() -> None:
    clock = frozen()
    clock.call_at(NOON + 1, list)
    for _ in range(1000):
        clock.cancel(clock.call_at(NOON + 1_000_000, list))
    assert len(clock._jobs._heap) < 10
    assert len(clock._jobs._cancelled) < 10
    assert clock.waiting == 1


def test_a_clock_holds_a_bounded_number_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 3)
    clock = frozen()
    for _ in range(3):
        clock.call_at(NOON + 1, list)
    with pytest.raises(TooManyJobs):
        clock.call_at(NOON + 1, list)


def test_setting_a_clock_back_runs_nothing_that_is_to_come() -> None:
    clock = frozen()
    ran: list[Any] = []
    clock.call_at(NOON + 1, ran.append, 1)
    assert clock.set(NOON - 1000, frozen=True) == 0
    assert clock.now() == NOON - 1000
    assert ran == []


def test_a_job_that_fails_leaves_the_clock_where_it_was_turned_to() -> None:
    clock = Clock()
    ran: list[Any] = []
    start = clock.now()

    def fail() -> None:
        raise ZeroDivisionError

    clock.call_at(start + 10, fail)
    clock.call_at(start + 20, ran.append, "later")
    with pytest.raises(ZeroDivisionError):
        clock.advance(60)
    assert not clock.frozen
    assert clock.now() >= start + 60
    assert clock.run_due() == 1
    assert ran == ["later"]


def test_clearing_puts_a_clock_back_to_the_machines_time() -> None:
    clock = frozen(1000.0)
    clock.call_at(2000.0, list)
    clock.clear()
    assert not clock.frozen
    assert clock.jobs == []
    assert clock.now() >= NOON - 10 * 365 * 86_400


@pytest.mark.asyncio
async def test_the_alarm_runs_a_job_of_a_live_clock() -> None:
    alarm, rang = Alarm(), asyncio.Event()
    clock = Clock(alarm)
    clock.call_at(clock.now() + 0.01, rang.set)
    await asyncio.wait_for(rang.wait(), 5)
    alarm.stop()


@pytest.mark.asyncio
async def test_alarm_wakes_the_earliest_clock_first() -> None:
    alarm, done = Alarm(), asyncio.Event()
    ran: list[str] = []
    clocks = [Clock(alarm), Clock(alarm)]
    now = machine_time()
    clocks[0].call_at(now + 0.02, ran.append, "second")
    clocks[0].call_at(now + 0.02, done.set)
    clocks[1].call_at(now + 0.01, ran.append, "first")
    await asyncio.wait_for(done.wait(), 5)
    assert ran == ["first", "second"]
    alarm.stop()


@pytest.mark.asyncio
async def test_a_job_that_fails_does_not_silence_the_alarm(caplog: pytest.LogCaptureFixture) -> None:
    alarm, rang = Alarm(), asyncio.Event()
    failing, clock = Clock(alarm), Clock(alarm)
    failing.call_at(failing.now(), divmod, 1, 0)
    clock.call_at(clock.now() + 0.01, rang.set)
    await asyncio.wait_for(rang.wait(), 5)
    assert "ZeroDivisionError" in caplog.text
    alarm.stop()


@pytest.mark.asyncio
async def test_the_alarm_knows_a_shifted_clocks_time() -> None:
    alarm, rang = Alarm(), asyncio.Event()
    clock = Clock(alarm)
    clock.set(NOON, frozen=False)
    clock.call_at(clock.now() + 0.01, rang.set)
    await asyncio.wait_for(rang.wait(), 5)
    alarm.stop()


@pytest.mark.asyncio
async def test_job_scheduled_without_a_loop_is_armed_by_the_next_look_at_the_clock() -> None:
    alarm, rang = Alarm(), asyncio.Event()
    clock = Clock(alarm)
    await asyncio.get_running_loop().run_in_executor(None, clock.call_at, clock.now() + 0.01, rang.set)
    clock.run_due()
    await asyncio.wait_for(rang.wait(), 5)
    alarm.stop()


@pytest.mark.asyncio
async def test_a_waiting_job_costs_the_alarm_one_entry_however_often_the_clock_is_looked_at() -> None:
    alarm = Alarm()
    clock = Clock(alarm)
    clock.call_at(clock.now() + 1000, list)
    for _ in range(1000):
        clock.run_due()
    assert len(alarm) == 1
    alarm.stop()


@pytest.mark.asyncio
async def test_clocks_that_are_cleared_do_not_pile_up_in_the_alarm() -> None:
    alarm = Alarm()
    for _ in range(1000):
        clock = Clock(alarm)
        clock.call_at(clock.now() + 1000, list)
        clock.clear()
    assert len(alarm) <= 102
    alarm.stop()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(-50, 200)),
        st.tuples(st.just("repeat"), st.integers(0, 50)),
        st.tuples(st.just("cancel"), st.integers(1, 30)),
        st.tuples(st.just("advance"), st.integers(0, 100)),
        st.tuples(st.just("set"), st.integers(-100, 300)),
        st.tuples(st.just("due"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_any_mix_of_steps_runs_each_job_once_in_order_at_its_own_time(steps: list[tuple[str, int]]) -> None:
    clock = frozen()
    wanted: dict[int, float] = {}
    ran: list[tuple[int, float]] = []
    numbers: list[int] = []

    def job(index: int, again: int | None) -> None:
        ran.append((numbers[index], clock.now()))
        if again is not None:
            ask(clock.now() + again, None)

    def ask(when: float, again: int | None) -> None:
        number = clock.call_at(when, job, len(numbers), again)
        numbers.append(number)
        wanted[number] = when

    def run(turn: Any, until: float) -> None:
        ran.clear()
        began = clock.now()
        assert turn() == len(ran)
        # In order, each at its own time, or at once where that is past.
        order = [(max(wanted[number], began), wanted[number]) for number, _ in ran]
        assert [seen for _, seen in ran] == [seen for seen, _ in order]
        assert [seen for _, seen in ran] == sorted(seen for _, seen in ran)
        for number, _ in ran:
            del wanted[number]  # a KeyError: it ran a second time, or although it was cancelled
        assert all(when > until for when in wanted.values())
        assert clock.now() == until

    for step, value in steps:
        now = clock.now()
        if step == "call":
            ask(now + value, None)
        elif step == "repeat":
            ask(now + value, value)
        elif step == "cancel":
            number = numbers[value % len(numbers)] if numbers else value
            clock.cancel(number)
            wanted.pop(number, None)
        elif step == "advance":
            run(lambda value=value: clock.advance(value), now + value)
        elif step == "set":
            run(lambda value=value: clock.set(NOON + value, frozen=True), NOON + value)
        else:
            run(clock.run_due, now)
        assert sorted(wanted.values()) == [job.when for job in clock.jobs]


def test_clocks_that_were_cleared_leave_the_alarm() -> None:
    alarm = Alarm()
    clocks = [Clock(alarm) for _ in range(1000)]
    for clock in clocks:
        clock.call_at(machine_time() + 60, print)
    for clock in clocks[:-1]:
        clock.clear()
    assert len(alarm) <= 102
    clocks[-1].clear()
    assert len(alarm) == 0


def test_all_clocks_together_have_a_bound_and_get_back_what_ran_or_was_let_go_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs_module, "MOST_JOBS_IN_ALL", 10)
    alarm = Alarm()
    one, two, three = (Clock(alarm) for _ in range(3))
    for clock in (one, two):
        clock.freeze(NOON)
        numbers = [clock.call_at(NOON + after, list) for after in range(1, 6)]
    with pytest.raises(TooManyJobs, match="of all accounts"):
        three.call_at(NOON, list)
    with pytest.raises(TooManyJobs, match="of all accounts"):
        three.copy(one, lambda function: function)
    assert (alarm.jobs.number, three.waiting) == (10, 0)
    assert one.advance(2) == 2
    for number in numbers[:3]:
        two.cancel(number)
    assert two.next_at == NOON + 4
    three.copy(one, lambda function: function)
    assert alarm.jobs.number == one.waiting + two.waiting + three.waiting == 3 + 2 + 3
    for clock in (one, two, three):
        clock.clear()
    assert alarm.jobs.number == 0
