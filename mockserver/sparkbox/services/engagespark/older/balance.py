"""The balance, as the older API shows it: https://github.com/engagespark/api-docs."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors
from ..accounts import balance
from ..accounts.money import cents
from ..auth import Organization

operations = Operations("Older API", docs="https://github.com/engagespark/api-docs", evidence="observed")


class OlderBalance(TypedDict):
    """In dollars, as text."""

    balance: str


@operations.get("/api/v1/organizations/{orgId}/available-balance", errors=[errors.NOT_FOUND])
def get_available_balance(ctx: Context, org_id: Organization) -> OlderBalance:
    """Get the balance of the organization, in dollars."""
    return {"balance": cents(balance.wallet(ctx).micro)}
