"""Lifecycles: stages on the account's clock, through forks and resets, and on a full clock."""

from __future__ import annotations

import pytest

from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.state import jobs as jobs_module
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.jobs import TooManyJobs
from sparkbox.core.state.lifecycle import END, MOST_AT_ONCE, Stage, Stages
from sparkbox.core.state.steps import Steps, complete
from tests.core.office import Office

MARCH = 1_772_366_400.0


@pytest.fixture
def office(frozen: Office) -> Office:
    return frozen


def reach(ctx: Context, key: int, name: str) -> None:
    ctx.emit(name, {"key": key})


def reach_in_steps(ctx: Context, key: int, name: str) -> Steps[None]:
    yield
    reach(ctx, key, name)


def retry(ctx: Context, key: int, tries: int) -> Stages | None:
    reach(ctx, key, f"try {tries}")
    return [Stage(10.0, retry, (tries + 1,))] if tries < 3 else None


def stop(ctx: Context, key: int) -> Stages:
    return END


ROWS = (Stage(1.0, reach, ("sent",)), Stage(60.0, reach_in_steps, ("opened",)), Stage(0.0, reach, ("clicked",)))


def seen(office: Office, key: str = "mock-post-key") -> list[tuple[str, float]]:
    """What happened in an account, and how many seconds after the beginning."""
    return [(event.type, event.time - MARCH) for event in office.account(key).events.oldest()]


def test_lifecycle_runs_each_stage_in_its_time(office: Office) -> None:
    lifecycle.start(office.context(), 7, ROWS)
    clock = office.account().clock
    clock.advance(0.9)
    assert (seen(office), clock.waiting) == ([], 1)
    clock.advance(30)
    assert (seen(office), clock.waiting) == ([("sent", 1.0)], 1)
    clock.advance(100)
    assert (seen(office), clock.waiting) == ([("sent", 1.0), ("opened", 61.0), ("clicked", 61.0)], 0)
    assert [event.json() for event in office.account().events.oldest()] == [{"key": 7}] * 3


def test_lifecycle_counts_from_when_the_stage_before_was_due(office: Office) -> None:
    clock = office.account().clock
    lifecycle.start(office.context(), 1, [Stage(1.0, reach, ("late",)), Stage(1.0, reach, ("next",))])
    clock._frozen = MARCH + 1.5
    clock.run_due()
    clock.advance(10)
    assert seen(office) == [("late", 1.5), ("next", 2.0)]


def test_lifecycle_stage_can_replace_those_to_come(office: Office) -> None:
    lifecycle.start(office.context(), 1, [Stage(1.0, retry, (1,)), Stage(5.0, reach, ("never",))])
    lifecycle.start(office.context(), 2, [Stage(1.0, stop), Stage(5.0, reach, ("never",))])
    office.account().clock.advance(100)
    assert seen(office) == [("try 1", 1.0), ("try 2", 11.0), ("try 3", 21.0)]


def test_lifecycle_can_be_cancelled_before_its_first_stage(office: Office) -> None:
    ctx = office.context()
    ctx.clock.cancel(lifecycle.start(ctx, 1, ROWS))
    ctx.clock.advance(100)
    assert seen(office) == []


def test_fork_continues_the_lifecycles_of_its_source(office: Office) -> None:
    lifecycle.start(office.context(), 1, ROWS)
    office.account().clock.advance(2)
    fork = office.sandbox.accounts.fork(office.account(), "mock-fork")
    fork.clock.advance(100)
    assert seen(office, "mock-fork") == [("opened", 61.0), ("clicked", 61.0)]
    assert seen(office) == [("sent", 1.0)]


def test_reset_ends_lifecycles(office: Office) -> None:
    lifecycle.start(office.context(), 1, ROWS)
    office.sandbox.accounts.reset(office.account())
    office.account().clock.freeze(MARCH)
    office.account().clock.advance(100)
    assert seen(office) == []


def test_full_clock_refuses_a_lifecycle_as_a_whole(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 0)
    with pytest.raises(TooManyJobs):
        lifecycle.start(office.context(), 1, ROWS)
    busy = Error("busy", 429, "try later")
    with pytest.raises(ApiError) as refused:
        lifecycle.start(office.context(), 1, ROWS, full=busy)
    assert refused.value.error is busy
    assert (seen(office), office.account().clock.waiting) == ([], 0)


def test_full_clock_runs_at_once_what_can_no_longer_be_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 0)
    complete(lifecycle.start_or_finish(office.context(), 1, ROWS))
    assert seen(office) == [("sent", 0.0), ("opened", 0.0), ("clicked", 0.0)]


def test_full_clock_gives_up_a_lifecycle_that_retries_forever(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def again(ctx: Context, key: int) -> Stages:
        tries.append(key)
        return [Stage(1.0, again)]

    monkeypatch.setattr(jobs_module, "MOST_JOBS", 0)
    with pytest.raises(TooManyJobs):
        complete(lifecycle.start_or_finish(office.context(), 1, [Stage(1.0, again)]))
    assert len(tries) == MOST_AT_ONCE
