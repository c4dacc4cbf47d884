"""Lifecycles: what happens to something after its request, stage by stage on the account's clock.

A stage is a row: so many seconds after the stage before it, a function is called with the key of what it happens to::

    def deliver(ctx: Context, number: int) -> None: ...

    def follow_link(ctx: Context, number: int, url: str) -> None: ...

    lifecycle.start(ctx, number, [Stage(1.0, deliver), Stage(60.0, follow_link, ("https://shop.example/",))])

Between two stages a lifecycle is one job on the clock, with a key and rows of plain values. So a fork continues the
lifecycles of its source, and a reset ends them. Each time is counted from when the stage before was due, not from when
its job ran. The function may return other stages, which replace the remaining ones: to retry, or to stop (:data:`END`).

Not to be confused with the steps of :mod:`.steps`, in which one piece of work takes turns with others on the event
loop. The function of a stage may work in such steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .jobs import TooManyJobs
from .steps import Steps, is_steps

if TYPE_CHECKING:
    from ..declare.errors import Error
    from .context import Context

MOST_AT_ONCE = 100
"""Stages that run at once on a full clock, before a lifecycle that retries forever is given up."""


class Stage(NamedTuple):
    """One row of a lifecycle: ``function(ctx, key, *args)``, ``after`` seconds."""

    after: float
    function: Callable[..., Any]
    """Returns ``None`` to continue, or the stages that replace the remaining ones; may work in steps."""
    args: tuple[Any, ...] = ()
    """Plain JSON values, or named tuples of them."""


Stages = Sequence[Stage]

END: Stages = ()


def start(ctx: Context, key: Any, stages: Stages, *, since: float | None = None, full: Error | None = None) -> int:
    """Schedule the first stage, counted from now or from ``since``; return its job, which ``ctx.clock.cancel`` takes.

    Where the clock is full, nothing is scheduled: raises ``full``, or ``TooManyJobs``, which is an internal error of
    the service's. Call it before anything else changes.
    """
    try:
        return _schedule(ctx, key, stages, ctx.now if since is None else since)
    except TooManyJobs:
        if full is None:
            raise
        raise full() from None


def queue(ctx: Context, item: Any, after: float, function: Callable[[Context, Any], Any], *, full: Error) -> None:
    """Schedule the only stage of what comes by the thousand: ``function(ctx, item)``, see :meth:`.Context.queue_at`.

    Raises ``full`` where the clock is. Call it before anything else changes.
    """
    try:
        ctx.queue_in(after, function, item)
    except TooManyJobs:
        raise full() from None


def start_or_finish(ctx: Context, key: Any, stages: Stages, *, since: float | None = None) -> Steps[None]:
    """Schedule the first stage of what can no longer be refused. Where the clock is full, run all stages at once."""
    return _continue(ctx, key, stages, ctx.now if since is None else since)


def queue_or_finish(
    ctx: Context,
    item: Any,
    after: float,
    function: Callable[[Context, Any], Any],
    *,
    since: float | None = None,
) -> Steps[None]:
    """:func:`queue` for what can no longer be refused. Where the clock is full, run it at once."""
    try:
        ctx.queue_at((ctx.now if since is None else since) + after, function, item)
    except TooManyJobs:
        following = function(ctx, item)
        if is_steps(following):
            yield from following


def _schedule(ctx: Context, key: Any, stages: Stages, since: float) -> int:
    due = since + stages[0].after
    return ctx.call_at(due, _reach, key, stages, due)


def _reach(ctx: Context, key: Any, stages: Stages, due: float) -> Steps[None]:
    """Run a stage, and schedule the next one. This is the job of a stage."""
    yield from _continue(ctx, key, (yield from _run(ctx, key, stages)), due)


def _continue(ctx: Context, key: Any, stages: Stages, since: float) -> Steps[None]:
    ran = 0
    while stages:
        try:
            _schedule(ctx, key, stages, since)
            return
        except TooManyJobs:
            if ran == MOST_AT_ONCE:
                raise
        ran += 1
        stages = yield from _run(ctx, key, stages)


def _run(ctx: Context, key: Any, stages: Stages) -> Steps[Stages]:
    """Run the first stage, and return those that follow it."""
    stage = stages[0]
    following = stage.function(ctx, key, *stage.args)
    if is_steps(following):
        following = yield from following
    return stages[1:] if following is None else following
