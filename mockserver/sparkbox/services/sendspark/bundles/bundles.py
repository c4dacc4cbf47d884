"""Bundles of dynamic-video minutes (DVM). The packs and prices are assumed.

No operation buys a bundle: an account starts with a custom bundle and a pack of thirty minutes.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import PAID
from ..errors import DOCS
from ..fields import Name
from ..workspaces.workspaces import current, enter
from . import minutes
from .minutes import CUSTOM_PRICE, CUSTOM_PRODUCT, Balance
from .models import Bundle, BundleStatus

operations = Operations("DVM Bundles", docs=DOCS, errors=[errors.SUSPENDED], tags=(PAID,))

TIERS: tuple[tuple[int, float], ...] = ((100, 90.0), (300, 84.0), (1000, 78.0))
"""Pairs of a number of minutes and the price of a minute, in cents, up to it."""
LEAST, MOST, STEP = 10, 1000, 10


class NewMinutes(Body):
    addMinutes: Annotated[int, Field(gt=0, le=1_000_000)]


class Cancellation(Body):
    subscriptionItemId: Name


class Pack(TypedDict):
    id: str
    priceId: str
    minutes: int
    label: str
    unitPriceCents: int
    totalPriceCents: int
    badge: NotRequired[str]
    sortOrder: int


class Tier(TypedDict):
    upTo: int
    unitAmountCents: float


class CustomBundleConfig(TypedDict):
    id: str
    priceId: str
    tiersMode: Literal["volume"]
    tiers: list[Tier]
    minMinutes: int
    maxMinutes: int
    stepMinutes: int
    quickPicks: list[int]
    mostPopular: int
    label: str
    recurring: bool
    interval: Literal["month"]


class ActiveBundle(TypedDict):
    bundleId: str
    module: str
    minutesPerBundle: int
    bundleCount: int
    unit: str
    priceId: str
    subscriptionItemId: str
    label: str
    productName: str
    unitAmountCents: float
    totalPriceCents: int
    status: BundleStatus
    endsAt: NotRequired[str]
    purchasedAt: str
    purchasedBy: str
    interval: Literal["month"]
    cancelingCount: int
    type: Literal["recurring", "custom"]
    isCustom: bool
    isCanceling: bool
    quantity: int


class Bundles(TypedDict):
    bundles: list[Pack]
    customBundleConfig: CustomBundleConfig
    activeBundles: list[ActiveBundle]
    balance: Balance


class ChangedBundle(TypedDict):
    bundleId: str
    subscriptionItemId: str
    minutesPerBundle: int
    label: str
    unitPriceCents: float
    totalPriceCents: int


class AddedMinutes(TypedDict):
    """``balance`` is the minutes left, as a string: so the specification says."""

    bundle: ChangedBundle
    addedMinutes: int
    previousTotalMinutes: int
    newTotalMinutes: int
    additionalChargeCents: int
    balance: str


class Cancelled(TypedDict):
    status: Literal["canceling"]
    endsAt: str
    message: str


@operations.get("/v1/workspaces/{workspaceId}/dvm-bundles")
def get_dvm_bundles(ctx: Context, workspace_id: str) -> Bundles:
    """Get available DVM minute bundles for a workspace, with its active bundles and its balance."""
    enter(ctx, workspace_id)
    bought = ctx.store[Bundle].values()
    return {
        "bundles": PACKS,
        "customBundleConfig": CUSTOM,
        "activeBundles": [_active(ctx, bundle) for bundle in bought if minutes.status(bundle, ctx.now) != "canceled"],
        "balance": minutes.balance(ctx),
    }


@operations.patch("/v1/workspaces/{workspaceId}/dvm-bundles/{bundleId}", errors=[errors.PROVIDER])
def update_dvm_bundle(ctx: Context, workspace_id: str, bundle_id: str, body: NewMinutes) -> AddedMinutes:
    """Add minutes to an existing custom DVM bundle.

    The new total must be a multiple of the plan's step and not exceed its maximum. The rest of the period is charged
    at once.
    """
    enter(ctx, workspace_id)
    bundle = _of_product(ctx, bundle_id)
    total = bundle.minutes + body.addMinutes
    if total > MOST or total % STEP:
        raise errors.because(errors.INVALID, f"{total} minutes are more than {MOST}, or no multiple of {STEP}")
    charge = max(0, round((_price(total) - _price(bundle.minutes)) * minutes.period_left(ctx)))
    ctx.store[Bundle].put(replace(bundle, minutes=total))
    return {
        "bundle": {
            "bundleId": bundle.product,
            "subscriptionItemId": bundle.id,
            "minutesPerBundle": total,
            "label": bundle.label,
            "unitPriceCents": _unit_price(total),
            "totalPriceCents": round(_price(total)),
        },
        "addedMinutes": body.addMinutes,
        "previousTotalMinutes": bundle.minutes,
        "newTotalMinutes": total,
        "additionalChargeCents": charge,
        "balance": str(minutes.balance(ctx)["remainingMinutes"]),
    }


@operations.post("/v1/workspaces/{workspaceId}/dvm-bundles/cancel", errors=[errors.PROVIDER])
def cancel_dvm_bundle(ctx: Context, workspace_id: str, body: Cancellation) -> Cancelled:
    """Cancel recurring DVM bundle packs.

    The minutes count until the end of the billing period.
    """
    enter(ctx, workspace_id)
    bundle = ctx.store[Bundle].get(body.subscriptionItemId)
    if bundle is None:
        raise errors.NOT_FOUND()
    if bundle.ends is not None:
        raise errors.PROVIDER(reason="The subscription item is canceled already")
    ends = minutes.period_end(ctx)
    ctx.store[Bundle].put(replace(bundle, ends=ends))
    return {"status": "canceling", "endsAt": iso(ends), "message": "Bundle will be canceled at the end of the period"}


def _of_product(ctx: Context, product: str) -> Bundle:
    bundle = next((each for each in ctx.store[Bundle].values() if each.product == product), None)
    if bundle is None:
        raise errors.NOT_FOUND()
    if not bundle.custom:
        raise errors.PROVIDER(reason="Only custom bundles can be changed")
    if bundle.ends is not None:
        raise errors.PROVIDER(reason="The bundle is canceled")
    return bundle


def _unit_price(total: int) -> float:
    """Return the price of a minute in cents: all minutes cost what the tier of their total says."""
    return next(cents for up_to, cents in TIERS if total <= up_to)


def _price(total: int) -> float:
    return total * _unit_price(total)


def _active(ctx: Context, bundle: Bundle) -> ActiveBundle:
    state = minutes.status(bundle, ctx.now)
    unit = _unit_price(bundle.minutes) if bundle.custom else 100.0
    shown: ActiveBundle = {
        "bundleId": bundle.product,
        "module": "dynamics",
        "minutesPerBundle": bundle.minutes,
        "bundleCount": bundle.count,
        "unit": "minutes",
        "priceId": bundle.price,
        "subscriptionItemId": bundle.id,
        "label": bundle.label,
        "productName": bundle.label,
        "unitAmountCents": unit,
        "totalPriceCents": round(unit * bundle.total),
        "status": state,
        "purchasedAt": iso(bundle.bought),
        "purchasedBy": current(ctx).creator,
        "interval": "month",
        "cancelingCount": bundle.count if state == "canceling" else 0,
        "type": "custom" if bundle.custom else "recurring",
        "isCustom": bundle.custom,
        "isCanceling": state == "canceling",
        "quantity": bundle.total,
    }
    if bundle.ends is not None:
        shown["endsAt"] = iso(bundle.ends)
    return shown


def _pack(number: int, word: str, size: int, cents: int) -> Pack:
    return {
        "id": f"prod_mock{word}Minutes",
        "priceId": f"price_mock{word}Minutes",
        "minutes": size,
        "label": f"{size}-Minute Bundle",
        "unitPriceCents": cents,
        "totalPriceCents": size * cents,
        "sortOrder": number,
    }


PACKS: list[Pack] = [
    _pack(1, "Thirty", 30, 100),
    _pack(2, "Hundred", 100, 95),
    {**_pack(3, "ThreeHundred", 300, 90), "badge": "Best Value"},
]
CUSTOM: CustomBundleConfig = {
    "id": CUSTOM_PRODUCT,
    "priceId": CUSTOM_PRICE,
    "tiersMode": "volume",
    "tiers": [{"upTo": up_to, "unitAmountCents": cents} for up_to, cents in TIERS],
    "minMinutes": LEAST,
    "maxMinutes": MOST,
    "stepMinutes": STEP,
    "quickPicks": [50, 100, 300],
    "mostPopular": 100,
    "label": "Custom DVM Minutes",
    "recurring": True,
    "interval": "month",
}
