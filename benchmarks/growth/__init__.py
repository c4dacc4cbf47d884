"""How requests grow with what is kept: the CPU time of one of them at three sizes, ``python -m benchmarks.growth``.

A request that looks for one record should cost the same at each size; one that has to look at all of them may grow in
proportion (an exponent of 1), in steps that leave the loop to others.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

from benchmarks.growth.inprocess import MIB, SPARKPOST, Cost, InProcess, settled
from benchmarks.growth.subjects import SCALES, SUBJECTS, Case, Work, checked
from benchmarks.rows import Row
from sparkbox.core.state.config import Settings

FLAT, LINEAR = 0.2, 1.2
"""Exponents of what costs the same at each size, and of what grows in proportion; both with some room."""
SIZES = (1_000, 10_000, 100_000)
WARMING_UP = 300
MOST_REPEATS = 15
MOST_MILLISECONDS = 60.0


class Growth(NamedTuple):
    """The figures of one request: milliseconds at each size, and of the longest step."""

    name: str
    sizes: tuple[int, ...]
    totals: tuple[float, ...]
    longest: float
    may_grow: bool

    @property
    def exponent(self) -> float:
        """Between the last two sizes: 0 if it does not grow, 1 if it grows in proportion."""
        return math.log(self.totals[-1] / self.totals[-2]) / math.log(self.sizes[-1] / self.sizes[-2])


def measured(quick: bool) -> Iterator[Row]:
    """Yield the exponent of each request, then the longest step of all."""
    longest = Row("", (0.0,))
    for growth in growths(sizes=(500, 1000) if quick else SIZES):
        totals = ", ".join(f"{total:.3g}" for total in growth.totals)
        note = f"{totals} ms; longest step {growth.longest:.1f} ms"
        yield Row(f"growth of {growth.name}", (growth.exponent,), most=LINEAR if growth.may_grow else FLAT, note=note)
        longest = max(longest, Row("longest step", (growth.longest,), "ms", most=50.0, note=growth.name), key=_median)
    yield longest


def growths(subjects: list[str] | None = None, sizes: tuple[int, ...] = SIZES) -> Iterator[Growth]:
    """Measure each subject at each size, in a sandbox of its own."""
    for name in subjects or SUBJECTS:
        subject = SUBJECTS[name]
        scale = SCALES.get(name, 1)
        found: dict[str, tuple[Case | Work, list[Cost]]] = {}
        deque(map(partial(_cost, sandbox := InProcess(ROOMY)), subject(sandbox, WARMING_UP)), 0)
        for size in sizes:
            sandbox = InProcess(ROOMY)
            cases = subject(sandbox, size // scale)
            first = next(cases)
            with settled():
                for case in chain((first,), cases):
                    found.setdefault(case.name, (case, []))[1].append(_cost(sandbox, case))
        for case, costs in found.values():
            totals = tuple(cost.total for cost in costs)
            yield Growth(case.name, sizes, totals, max(cost.longest for cost in costs), case.may_grow)


ROOMY = Settings(
    rate_limits=False,
    most_state_bytes=4096 * MIB,
    most_messages=100_000,
    most_message_bytes=1024 * MIB,
    most_events=200_000,
    most_event_bytes=1024 * MIB,
)


def _cost(sandbox: InProcess, case: Case | Work) -> Cost:
    """Measure a request several times, and return the least."""
    if isinstance(case, Work):
        return checked(case.name, case.work())
    best = Cost(0, 0, math.inf, math.inf)
    spent = 0.0
    for number in range(1 if case.once else MOST_REPEATS):
        if case.before is not None:
            case.before(number)
        target = case.target if isinstance(case.target, str) else case.target(number)
        body = case.body(number) if callable(case.body) else case.body
        headers = SPARKPOST if case.headers is None else case.headers
        cost = checked(case.name, sandbox.measure(case.method, target, body, headers))
        best = Cost(cost.status, cost.steps, min(cost.total, best.total), min(cost.longest, best.longest))
        spent += cost.total
        if number > 1 and spent > MOST_MILLISECONDS:
            break
    return best


def _median(row: Row) -> float:
    return row.median
