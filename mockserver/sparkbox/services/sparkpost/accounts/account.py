"""The account: its plan, its options and its usage.

https://developers.sparkpost.com/api/account/. The plan is made up (assumed); like a paid plan, it can send more than
its volume. ``status`` is ``suspended`` while the account is suspended under ``/_mock/accounts``.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NotRequired

import msgspec
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import iso, moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace

from ..events.recorder import CUSTOMER_ID
from ..fields import Flag, Text1024
from ..page import Page
from . import sending_limits, volume

CREATED = 1_420_070_400.0
"""The creation time of all accounts: 2015-01-01T00:00Z, so that their months are calendar months."""

PLAN_VOLUME = 1_000_000

operations = Page(
    "Account", docs="https://developers.sparkpost.com/api/account/", view="account/view", modify="account/modify"
)


class AccountDetails(Record, frozen=True, gc=False):
    """The fields that a client can change; ``options`` is a JSON object."""

    id: str = "account"
    company_name: str = "Sandbox, Inc."
    tfa_required: bool = False
    options: bytes = b"{}"
    updated: float = CREATED


class OptionChanges(Body):
    smtp_tracking_default: Flag | None = None
    rest_tracking_default: Flag | None = None
    transactional_unsub: Flag | None = None
    transactional_default: Flag | None = None
    initial_open_pixel_tracking: Flag | None = None
    click_tracking: Flag | None = None
    inline_seeds: Flag | None = None


class AccountChanges(Body):
    company_name: Text1024 | None = None
    tfa_required: Flag | None = None
    options: OptionChanges | None = None


class AccountQuery(Body):
    include: str | None = None


class Options(TypedDict):
    smtp_tracking_default: bool
    rest_tracking_default: bool
    transactional_unsub: bool
    transactional_default: bool
    initial_open_pixel_tracking: bool
    click_tracking: bool
    inline_seeds: NotRequired[bool]


class Subscription(TypedDict):
    name: str
    code: str
    plan_volume: int
    effective_date: str
    self_serve: bool
    type: str


class Support(TypedDict):
    phone: bool
    online: bool


class Period(TypedDict):
    used: int
    limit: int
    start: str
    end: str


class SandboxUsage(TypedDict):
    used: int
    limit: int


class Usage(TypedDict):
    timestamp: str
    day: Period
    month: Period
    sandbox: SandboxUsage


class AccountFields(TypedDict):
    customer_id: int
    company_name: str
    country_code: str
    anniversary_date: str
    created: str
    updated: str
    status: str
    status_updated: str
    status_reason_category: str
    tfa_required: bool
    service_level: str
    subscription: Subscription
    options: Options
    support: Support
    usage: NotRequired[Usage]


class Updated(TypedDict):
    message: str


@operations.get("/api/v1/account")
def retrieve_account(ctx: Context, query: AccountQuery) -> AccountFields:
    """Retrieve account information.

    ``include=usage`` adds the messages sent in the last 24 hours, this month, and from the sandbox domain.
    """
    known = _details(ctx)
    fields: AccountFields = {
        "customer_id": CUSTOMER_ID,
        "company_name": known.company_name,
        "country_code": "US",
        "anniversary_date": iso(CREATED),
        "created": iso(CREATED),
        "updated": iso(known.updated),
        "status": "suspended" if ctx.account.suspended else "active",
        "status_updated": iso(CREATED),
        "status_reason_category": "",
        "tfa_required": known.tfa_required,
        "service_level": "standard",
        "subscription": _subscription(),
        "options": options(ctx),
        "support": {"phone": False, "online": True},
    }
    if "usage" in (query.include or "").split(","):
        fields["usage"] = _usage(ctx)
    return fields


@operations.put("/api/v1/account")
def update_account(ctx: Context, body: AccountChanges) -> Updated:
    """Update account information.

    Options that are left out keep their values.
    """
    known = _details(ctx)
    changed = replace(known, updated=ctx.now)
    if body.company_name is not None:
        changed = replace(changed, company_name=body.company_name)
    if body.tfa_required is not None:
        changed = replace(changed, tfa_required=body.tfa_required)
    if body.options is not None:
        merged = msgspec.json.decode(known.options) | body.options.model_dump(exclude_none=True)
        changed = replace(changed, options=msgspec.json.encode(merged))
    ctx.store[AccountDetails].put(changed)
    return {"message": "Account has been updated"}


def options(ctx: Context) -> Options:
    """Return the account's defaults for sending."""
    defaults: Options = {
        "smtp_tracking_default": False,
        "rest_tracking_default": True,
        "transactional_unsub": False,
        "transactional_default": False,
        "initial_open_pixel_tracking": True,
        "click_tracking": True,
    }
    return defaults | _changes(_details(ctx).options)  # type: ignore[return-value]


@lru_cache(100)
def _changes(options: bytes) -> dict[str, bool]:
    return msgspec.json.decode(options, type=dict[str, bool])


def _details(ctx: Context) -> AccountDetails:
    return ctx.store[AccountDetails].get("account") or AccountDetails()


def _subscription() -> Subscription:
    return {
        "name": "1M",
        "code": "1M-0817",
        "plan_volume": PLAN_VOLUME,
        "effective_date": iso(CREATED),
        "self_serve": True,
        "type": "default",
    }


def _usage(ctx: Context) -> Usage:
    month = moment(sending_limits.month_of(ctx))
    limits = sending_limits.limits(ctx)
    return {
        "timestamp": iso(ctx.now),
        "day": _period(ctx, *volume.day(ctx), limits.daily),
        "month": _period(ctx, month.timestamp(), _next_month(month).timestamp(), limits.monthly),
        "sandbox": {"used": volume.from_sandbox(ctx), "limit": volume.SANDBOX_LIMIT},
    }


def _period(ctx: Context, start: float, end: float, limit: int | None) -> Period:
    return {
        "used": volume.sent_since(ctx, start),
        "limit": PLAN_VOLUME if limit is None else limit,
        "start": iso(start),
        "end": iso(end),
    }


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
