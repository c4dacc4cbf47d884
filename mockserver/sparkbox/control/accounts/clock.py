"""The clock: what time it is for an account or for all of them, and turning it.

Without an account all clocks are turned, and the accounts to come begin at the same time.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Later, Operations
from sparkbox.core.outgoing.worker import DeliveryWorker
from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import LATEST, Clock, iso

from .. import errors, selection
from ..context import Context
from ..queries import AccountQuery, Strict
from ..times import Moment, Span, unix

operations = Operations("Clock", public=True)


def _true_or_moment(value: Any) -> Any:
    return value if value is True or value is None else unix(value)


class ClockTurn(Strict):
    """One of the four. A clock that is set or advanced stays frozen, or stays live."""

    freeze: Annotated[
        Literal[True] | float | None,
        BeforeValidator(_true_or_moment),
        WithJsonSchema({"anyOf": [{"const": True}, {"type": "string", "format": "date-time"}, {"type": "number"}]}),
        Field(description="`true` stops the clock where it is; a time stops it there."),
    ] = None
    resume: Annotated[Literal[True] | None, Field(description="Lets a frozen clock go on from where it stands.")] = None
    set_to: Annotated[Moment | None, Field(alias="set", description="Sets the clock, forwards or back.")] = None
    advance: Annotated[Span | None, Field(description="Turns the clock on: seconds, `8h30m` or `PT1H`.")] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError(
                'give one of {"freeze": true}, {"freeze": "2026-03-01T12:00:00Z"}, {"resume": true}, '
                '{"set": "2026-03-01T12:00:00Z"} and {"advance": "8h30m"}'
            )
        return self

    def destination(self, clock: Clock) -> tuple[float, bool]:
        """Return where this turns a clock to, and whether it is frozen then."""
        now = clock.now()
        if self.freeze is not None:
            return (now if self.freeze is True else self.freeze), True
        if self.resume is not None:
            return now, False
        if self.set_to is not None:
            return self.set_to, clock.frozen
        return now + (self.advance or 0.0), clock.frozen


class ClockView(TypedDict):
    """``now`` as ISO 8601 and ``unix`` in seconds; ``jobs`` wait, the first for ``next_job``."""

    now: str
    unix: float
    frozen: bool
    jobs: int
    next_job: str | None


class ClockTurned(ClockView):
    """``ran``: how many jobs ran while the clock was turned."""

    ran: int


@operations.get("/_mock/clock", errors=selection.ERRORS)
def show_clock(ctx: Context, query: AccountQuery) -> ClockView:
    """Show an account's clock; without an account the one that new accounts get, with the jobs of all."""
    return _view(ctx, query.account)


@operations.post("/_mock/clock", errors=[*selection.ERRORS, errors.CLOCK_OUT_OF_RANGE])
def turn_clock(ctx: Context, body: ClockTurn, query: AccountQuery) -> ClockTurned | Later:
    """Freeze, resume, set or advance the clock.

    What falls due on the way runs in order, each job at its own time, and time stops until the webhook attempts that
    a job started have ended.
    """
    return _turned(ctx, body, query)


@operations.put("/_mock/clock", errors=[*selection.ERRORS, errors.CLOCK_OUT_OF_RANGE])
def put_clock(ctx: Context, body: ClockTurn, query: AccountQuery) -> ClockTurned | Later:
    """Freeze, resume, set or advance the clock; the same as POST."""
    return _turned(ctx, body, query)


def clock_view(clock: Clock) -> ClockView:
    """Return a clock as the API shows it."""
    now, next_at = clock.now(), clock.next_at
    return {
        "now": iso(now),
        "unix": now,
        "frozen": clock.frozen,
        "jobs": clock.waiting,
        "next_job": None if next_at is None else iso(next_at),
    }


def _view(ctx: Context, credential: str | None) -> ClockView:
    chosen = [] if credential is None else selection.existing(ctx, credential)
    if chosen:
        return clock_view(chosen[0].clock)
    view = clock_view(ctx.sandbox.accounts.clock)
    if credential is None:
        busy = ctx.sandbox.accounts.busy_clocks()
        due = [clock.next_at for clock in busy]
        view["jobs"] = sum(clock.waiting for clock in busy)
        view["next_job"] = min((iso(when) for when in due if when is not None), default=None)
    return view


def _turned(ctx: Context, turn: ClockTurn, query: AccountQuery) -> Later:
    """Check that every clock can be turned, then turn them all at the same time."""
    sandbox = ctx.sandbox
    if query.account is not None:
        chosen = [selection.opened(ctx, query.account)]
        clocks = [chosen[0].clock]
    else:
        chosen = selection.existing(ctx, None)
        clocks = [sandbox.accounts.clock, *(account.clock for account in chosen)]
    for clock in clocks:
        if not 0 <= turn.destination(clock)[0] <= LATEST:
            raise errors.CLOCK_OUT_OF_RANGE()

    async def response() -> ClockTurned:
        if query.account is None:
            to, frozen = turn.destination(sandbox.accounts.clock)
            sandbox.accounts.clock.set(to, frozen=frozen)
        ran = await asyncio.gather(*(_turn(sandbox.worker, account, turn) for account in chosen))
        return {**_view(ctx, query.account), "ran": sum(ran)}

    return Later(response)


async def _turn(worker: DeliveryWorker, account: Account, turn: ClockTurn) -> int:
    if turn.advance is not None:
        return await worker.advance(account, turn.advance)
    to, frozen = turn.destination(account.clock)
    return await worker.set_clock(account, to, frozen=frozen)
