"""The organization's balance, in micro-dollars; what costs is charged to it.

https://openapi.engagespark.com/#tag/Balance. A new account has 100 dollars and no automatic recharge, so that it can be
used up; both can be set by the simulation ``balance``.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace

from .. import errors
from ..auth import Organization
from .money import cents, dollars

BEGINNING = 100_000_000

operations = Operations("Balance", docs="https://openapi.engagespark.com/#tag/Balance", errors=[errors.NOT_FOUND])


class Wallet(Record, frozen=True, gc=False):
    """The organization's money; there is one. ``threshold`` and ``amount`` are those of the automatic recharge."""

    micro: int = BEGINNING
    auto_recharge: bool = False
    threshold: int = 50_000_000
    amount: int = 100_000_000

    @property
    def key(self) -> str:
        return "wallet"


class Balance(TypedDict):
    balance: float
    balanceMicro: int
    balanceHuman: str
    autoRecharge: bool
    autoRechargeThreshold: float
    autoRechargeAmount: float


@operations.get("/v1/organizations/{orgId}/balance.json")
def get_balance(ctx: Context, org_id: Organization) -> Balance:
    """Get the balance of the organization."""
    return view(wallet(ctx))


def view(wallet: Wallet) -> Balance:
    """Return the balance as the API shows it: in dollars, in micro-dollars, and in cents rounded down."""
    return {
        "balance": dollars(wallet.micro),
        "balanceMicro": wallet.micro,
        "balanceHuman": cents(wallet.micro),
        "autoRecharge": wallet.auto_recharge,
        "autoRechargeThreshold": dollars(wallet.threshold),
        "autoRechargeAmount": dollars(wallet.amount),
    }


def wallet(ctx: Context) -> Wallet:
    """Return the organization's money as it stands."""
    return ctx.store[Wallet].get("wallet") or Wallet()


def check_funds(ctx: Context, micro: int) -> None:
    """Raise an API error if the balance is too low."""
    if wallet(ctx).micro < micro:
        raise errors.INSUFFICIENT_FUNDS()


def charge(ctx: Context, micro: int) -> None:
    """Charge micro-dollars; recharge if the balance falls below its threshold. Raise an API error if it is too low."""
    now = wallet(ctx)
    left = now.micro - micro
    if left < 0:
        raise errors.INSUFFICIENT_FUNDS()
    if now.auto_recharge and left < now.threshold:
        left += now.amount
    ctx.store[Wallet].put(replace(now, micro=left))


def refund(ctx: Context, micro: int) -> None:
    """Give micro-dollars back."""
    now = wallet(ctx)
    ctx.store[Wallet].put(replace(now, micro=now.micro + micro))
