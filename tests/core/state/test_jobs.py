"""Jobs in queues: they run as if each had been scheduled alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.state.clock import Clock

NOON = 1_772_366_400.0

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["mail", "message"]), st.integers(0, 3)),
        st.tuples(st.just("other"), st.integers(0, 3)),
        st.tuples(st.just("advance"), st.integers(0, 3)),
        st.tuples(st.just("back"), st.integers(1, 3)),
        st.tuples(st.just("fork"), st.just(0)),
    ),
    max_size=60,
)

Ran = list[tuple[str, int, float]]


class _Queued:
    """A clock whose mails and messages wait in queues."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.freeze(NOON)
        self.ran: Ran = []

    def add(self, kind: str, item: int, after: float) -> None:
        if kind == "other":
            self.clock.call_at(self.clock.now() + after, self._run(kind), [item])
        else:
            self._queue(kind, item, self.clock.now() + after)

    def _queue(self, kind: str, item: int, when: float) -> None:
        self.clock.queue_at(when, kind, item, lambda: self._run(kind))

    def _run(self, kind: str) -> Callable[[list[Any]], None]:
        def run(items: list[Any]) -> None:
            self.ran += [(kind, item, self.clock.now()) for item in items]

        return run

    def fork(self) -> None:
        """Continue on a copy of the clock."""
        copy = Clock()
        copy.copy(self.clock, lambda function: function)
        self.clock = copy


class _Alone(_Queued):
    """A clock on which each is a job of its own."""

    def _queue(self, kind: str, item: int, when: float) -> None:
        self.clock.call_at(when, self._run(kind), [item])


@given(STEPS)
@settings(max_examples=200)
def test_queued_jobs_run_in_the_order_and_at_the_times_of_single_ones(steps: list[tuple[str, int]]) -> None:
    queued, alone = _Queued(), _Alone()
    for item, (step, value) in enumerate(steps):
        for clock in (queued, alone):
            if step == "advance":
                clock.clock.advance(value)
            elif step == "back":
                clock.clock.set(clock.clock.now() - value, frozen=True)
            elif step == "fork":
                clock.fork()
            else:
                clock.add(step, item, value)
        assert queued.ran == alone.ran
        assert queued.clock.waiting == alone.clock.waiting
        assert queued.clock.next_at == alone.clock.next_at
        assert [job[:2] for job in queued.clock.jobs] == [job[:2] for job in alone.clock.jobs]
    for clock in (queued, alone):
        clock.clock.clear()
        assert clock.clock.waiting == 0


def test_what_is_due_together_is_taken_together() -> None:
    clock = Clock()
    clock.freeze(NOON)
    taken: list[list[int]] = []
    for item in range(120):
        clock.queue_at(NOON + 1, "mail", item, lambda: taken.append)
    assert clock.advance(1) == 120
    assert [len(items) for items in taken] == [50, 50, 20]
    assert [item for items in taken for item in items] == list(range(120))


def test_live_clock_waits_a_moment_for_further_jobs_of_a_queue() -> None:
    clock = Clock()
    clock.queue_at(clock.now() - 0.001, "mail", 1, lambda: lambda items: None)
    assert not clock.is_due
    clock.queue_at(clock.now() - 1, "other", 1, lambda: lambda items: None)
    assert clock.is_due
    assert clock.run_due() == 2
