"""Simulation of the organization's money."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from ..fields import Fields
from . import balance
from .balance import Balance
from .money import MICRO

operations = Operations("Simulations", evidence="assumed")


class BalanceChanges(Fields):
    balance_micro: Annotated[int | None, Field(ge=0, le=10**15)] = None
    auto_recharge: bool | None = None
    auto_recharge_threshold: Annotated[float | None, Field(ge=0, le=10**9)] = None
    auto_recharge_amount: Annotated[float | None, Field(ge=0, le=10**9)] = None


@operations.post("/balance")
def set_balance(ctx: Context, body: BalanceChanges) -> Balance:
    """Set the balance, and whether and how it is recharged; amounts and threshold are in dollars."""
    now = balance.wallet(ctx)
    changed = replace(
        now,
        micro=now.micro if body.balance_micro is None else body.balance_micro,
        auto_recharge=now.auto_recharge if body.auto_recharge is None else body.auto_recharge,
        threshold=_micro(body.auto_recharge_threshold, now.threshold),
        amount=_micro(body.auto_recharge_amount, now.amount),
    )
    ctx.store[balance.Wallet].put(changed)
    return balance.view(changed)


def _micro(dollars: float | None, before: int) -> int:
    return before if dollars is None else round(dollars * MICRO)
