"""Rate limits: how far each account has used them up, and amounts that a test sets."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.limits import Buckets, Standing
from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import iso

from .. import errors, selection
from ..context import Context
from ..names import check_limit, declared_limits, find_service
from ..queries import AccountQuery, PageQuery, Strict, part, same

operations = Operations("Limits", public=True)


class LimitQuery(PageQuery):
    service: str | None = None


class LimitChange(Strict):
    """``enabled`` turns all limits on or off; ``service``, ``name`` and ``amount`` set one, null means the vendor's."""

    enabled: bool | None = None
    service: str | None = None
    name: str | None = None
    amount: Annotated[int | None, Field(ge=0, le=10**12)] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        one = self.model_fields_set & {"service", "name", "amount"}
        if self.enabled is None and not one:
            raise ValueError('give "enabled", or "service", "name" and "amount"')
        if one and not (self.service and self.name and "amount" in one):
            raise ValueError('one limit needs all of "service", "name" and "amount" (null: the vendor\'s own)')
        return self


class LimitStanding(TypedDict):
    """``operation`` is empty where operations count together. Nothing counts while the limits are not ``enabled``."""

    account: str
    service: str
    operation: str
    name: str
    enabled: bool
    amount: int
    used: int
    remaining: int
    seconds: float
    window: str
    resets_at: str


class LimitList(TypedDict):
    limits: list[LimitStanding]
    total: int


class LimitsChanged(TypedDict):
    """How many accounts this was changed for."""

    accounts: int


@operations.get("/_mock/limits", errors=selection.ERRORS)
def list_limits(ctx: Context, query: LimitQuery) -> LimitList:
    """List the limits that the accounts have used, or whose amounts were set."""
    rows, total = part(
        [
            (account, service, operation, standing)
            for account in selection.existing(ctx, query.account)
            for service, operation, standing in _standings(ctx, account)
            if same(query.service, service)
        ],
        query,
    )
    return {"limits": [_view(*row) for row in rows], "total": total}


@operations.put("/_mock/limits", errors=[*selection.ERRORS, errors.SERVICE_NOT_FOUND, errors.UNKNOWN_NAME])
def set_limits(ctx: Context, body: LimitChange, query: AccountQuery) -> LimitsChanged:
    """Switch the rate limits on or off, or set one limit's amount.

    Without an account this holds for all there are and for those to come.
    """
    if body.service is not None and body.name is not None:
        check_limit(find_service(ctx.sandbox, body.service), body.name)
    if query.account is None:
        chosen = selection.existing(ctx, None)
        _change(ctx.sandbox.accounts.defaults.buckets, body)
    else:
        chosen = [selection.opened(ctx, query.account)]
    for account in chosen:
        _change(account.buckets, body)
    return {"accounts": len(chosen)}


@operations.post("/_mock/limits/reset", errors=selection.ERRORS)
def reset_limits(ctx: Context, query: AccountQuery) -> LimitsChanged:
    """Forget what has been counted; amounts that were set stay."""
    chosen = selection.existing(ctx, query.account)
    for account in chosen:
        account.buckets.clear()
    return {"accounts": len(chosen)}


def _change(buckets: Buckets, change: LimitChange) -> None:
    if change.enabled is not None:
        buckets.enabled = change.enabled
    if change.service is not None and change.name is not None:
        buckets.set_amount(change.service, change.name, change.amount)


def _standings(ctx: Context, account: Account) -> list[tuple[str, str, Standing]]:
    rows = account.buckets.standings(account.clock.now())
    counted = {(service, standing.limit.name) for service, _, standing in rows}
    for (service, name), amount in account.buckets.amounts.items():
        if (service, name) not in counted:
            limit = declared_limits(ctx.sandbox.service(service))[name]
            rows.append((service, "", Standing(limit, amount, 0, account.clock.now())))
    return rows


def _view(account: Account, service: str, operation: str, standing: Standing) -> LimitStanding:
    return {
        "account": account.credential,
        "service": service,
        "operation": operation,
        "name": standing.limit.name,
        "enabled": account.buckets.enabled,
        "amount": standing.amount,
        "used": standing.used,
        "remaining": standing.remaining,
        "seconds": standing.limit.seconds,
        "window": standing.limit.window,
        "resets_at": iso(standing.resets_at),
    }
