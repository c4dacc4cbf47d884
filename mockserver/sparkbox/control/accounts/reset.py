"""Reset: back to the initial state."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.steps import Steps

from .. import selection
from ..context import Context
from ..queries import AccountQuery

operations = Operations("Reset", public=True)


class Reset(TypedDict):
    """How many accounts there were to reset."""

    accounts: int


@operations.post("/_mock/reset", errors=selection.ERRORS)
def reset(ctx: Context, query: AccountQuery) -> Steps[Reset]:
    """Put one account, or the whole sandbox, back to how it started.

    State, messages, requests, events, webhook deliveries, pending jobs, rate limits, faults, stubs, profile and clock.
    A reset of all forgets the accounts too, and what was set for those to come.
    """
    if query.account is None:
        count = len(ctx.sandbox.accounts)
        yield from ctx.sandbox.reset_in_steps()
        return {"accounts": count}
    chosen = selection.existing(ctx, query.account)
    for account in chosen:
        yield from ctx.sandbox.accounts.reset_in_steps(account)
    return {"accounts": len(chosen)}
