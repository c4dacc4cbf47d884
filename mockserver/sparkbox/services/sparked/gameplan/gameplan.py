"""Gameplan: a creator's content calendar. https://sparked.com/integration; the fields are inferred.

One path takes a single slot or a batch of up to fifty, of which each succeeds or fails on its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations, Reply
from sparkbox.core.declare.schema import Body, Invalid, check
from sparkbox.core.state.context import Context

from .. import errors
from ..creators import niches
from ..creators.lookup import own_creator
from ..creators.models import Creator
from ..envelope import Detail, ErrorFields, details_of, error_fields, invalid_fields
from ..paging import ListQuery, page
from ..studio.models import Asset
from ..times import DAY, Time, stamp
from ..webhooks import events
from . import publishing
from .models import Slot, Status

operations = Operations("Gameplan", docs=errors.DOCS, errors=[errors.CREATOR_NOT_FOUND, errors.INSUFFICIENT_SCOPE])

MOST_SLOTS = 50
MOST_UPCOMING = 1_000
MOST_DAYS_AHEAD = 366

Platform = Literal["instagram", "tiktok", "youtube", "x", "linkedin", "pinterest", "twitch"]


class PlanQuery(ListQuery):
    """``from`` (inclusive) and ``to`` (exclusive) limit the scheduled time."""

    first: Annotated[Time | None, Field(alias="from")] = None
    last: Annotated[Time | None, Field(alias="to")] = None
    platform: Platform | None = None
    status: Status | None = None


class NewSlot(Body):
    """``content_type`` defaults to the platform's first one. A draft is not published."""

    platform: Platform
    scheduled_at: Time
    title: Annotated[str, Field(min_length=1, max_length=200)]
    caption: Annotated[str, Field(max_length=2_200)] = ""
    content_type: str | None = None
    asset_ids: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    status: Literal["draft", "scheduled"] = "scheduled"


_NEW_SLOT: TypeAdapter[NewSlot] = TypeAdapter(NewSlot)
_ONE = NewSlot.model_json_schema()
_MANY = {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MOST_SLOTS}

NewSlots = Annotated[
    dict[str, Any],
    WithJsonSchema({"oneOf": [_ONE, {"type": "object", "required": ["slots"], "properties": {"slots": _MANY}}]}),
]
"""One slot, or ``{"slots": [...]}``."""


class SlotFields(TypedDict):
    """``origin`` says who planned the slot. A published slot has a time and the URL of its post."""

    id: str
    creator_id: str
    platform: str
    content_type: str
    title: str
    caption: str
    scheduled_at: str
    status: Status
    origin: str
    asset_ids: list[str]
    published_at: str | None
    post_url: str | None
    created_at: str


class SlotPage(TypedDict):
    data: list[SlotFields]
    next_cursor: str | None


class SlotResult(TypedDict):
    """The result for one slot of a batch: ``slot`` if it was added, otherwise ``error``."""

    index: int
    status: int
    slot: NotRequired[SlotFields]
    error: NotRequired[ErrorFields]


class SlotResults(TypedDict):
    results: list[SlotResult]
    created: int
    failed: int


@operations.get("/api/v1/gameplan/{creator_id}", tags=("read:gameplan",))
def get_gameplan(ctx: Context, creator_id: str, query: PlanQuery) -> SlotPage:
    """Get a creator's content plan, earliest slot first."""
    own_creator(ctx, creator_id)
    found = (slot for slot in ctx.store[Slot, creator_id].values() if _matches(slot, query))
    rows, next_cursor = page(found, query, oldest_first=True)
    return {"data": [_view(creator_id, slot) for slot in rows], "next_cursor": next_cursor}


@operations.post(
    "/api/v1/gameplan/{creator_id}/slots",
    status=201,
    also=(207,),
    tags=("write:gameplan",),
    errors=[errors.SLOT_TAKEN, errors.PLAN_FULL],
)
def add_slots(ctx: Context, creator_id: str, body: NewSlots) -> SlotFields | SlotResults | Reply:
    """Add a slot to a creator's content plan, or a batch of up to fifty.

    A slot must be in the future, on a connected platform, and not in the same minute as another slot on that platform.
    If a slot of a batch fails, the others are added all the same and the status is 207.
    """
    plan = _Plan(ctx, own_creator(ctx, creator_id))
    if "slots" not in body:
        slot = plan.add(body)
        plan.emit()
        return _view(creator_id, slot)
    results = [_add_one(plan, index, item) for index, item in enumerate(_items(body["slots"]))]
    plan.emit()
    failed = len(results) - len(plan.added)
    verdicts: SlotResults = {"results": results, "created": len(plan.added), "failed": failed}
    return Reply(verdicts, status=207) if failed else verdicts


class _Plan:
    """A creator's plan while slots are added to it."""

    def __init__(self, ctx: Context, creator: Creator) -> None:
        known = list(ctx.store[Slot, creator.id].values())
        self.ctx = ctx
        self.creator = creator
        self.taken = {slot.minute: slot.id for slot in known}
        self.upcoming = sum(slot.time > ctx.now for slot in known)
        self.added: list[Slot] = []

    def add(self, fields: Any) -> Slot:
        """Add a slot, or refuse it."""
        new: NewSlot = check(_NEW_SLOT, fields, "body")
        self._check(new)
        slot = Slot(
            f"slot_{self.ctx.ids.text(12)}",
            new.scheduled_at,
            new.platform,
            new.content_type or niches.PLATFORMS[new.platform][0],
            new.title,
            new.caption,
            new.status,
            "partner",
            self.ctx.now,
            new.asset_ids,
        )
        self._check_budget(slot)
        publishing.schedule(self.ctx, self.creator.id, slot)
        self.taken[slot.minute] = slot.id
        self.upcoming += 1
        self.added.append(slot)
        return slot

    def emit(self) -> None:
        """Emit ``gameplan.updated`` for the added slots."""
        if self.added:
            data = {"change": "slots_added", "slot_ids": [slot.id for slot in self.added]}
            events.emit(self.ctx, "gameplan.updated", self.creator.id, data)

    def _check(self, new: NewSlot) -> None:
        details: list[Detail] = []
        if new.platform not in self.creator.platforms:
            details.append({"field": "platform", "issue": "is not one of the creator's connected accounts"})
        kinds = niches.PLATFORMS[new.platform]
        if new.content_type is not None and new.content_type not in kinds:
            details.append({"field": "content_type", "issue": f"must be {' or '.join(kinds)} on {new.platform}"})
        if not 0 < new.scheduled_at - self.ctx.now <= MOST_DAYS_AHEAD * DAY:
            issue = f"must lie in the future, at most {MOST_DAYS_AHEAD} days ahead"
            details.append({"field": "scheduled_at", "issue": issue})
        for index, id in enumerate(new.asset_ids):
            if self.ctx.store[Asset, self.creator.id].get(id) is None:
                details.append({"field": f"asset_ids[{index}]", "issue": "is none of the creator's assets"})
        if details:
            raise invalid_fields(*details)

    def _check_budget(self, slot: Slot) -> None:
        other = self.taken.get(slot.minute)
        if other is not None:
            raise errors.SLOT_TAKEN(platform=niches.TITLES[slot.platform], time=stamp(slot.time), id=other)
        if self.upcoming >= MOST_UPCOMING:
            raise errors.PLAN_FULL(most=MOST_UPCOMING)


def _items(given: Any) -> list[Any]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_SLOTS:
        raise invalid_fields({"field": "slots", "issue": f"must be a list of 1 to {MOST_SLOTS} slots"})
    return given


def _add_one(plan: _Plan, index: int, item: Any) -> SlotResult:
    try:
        slot = plan.add(item)
        return {"index": index, "status": 201, "slot": _view(plan.creator.id, slot)}
    except Invalid as invalid:
        api_error = invalid_fields(*details_of(invalid.problems))
    except ApiError as refused:
        api_error = refused
    return {"index": index, "status": api_error.error.status, "error": error_fields(api_error)}


def _matches(slot: Slot, query: PlanQuery) -> bool:
    return (
        (query.first is None or slot.time >= query.first)
        and (query.last is None or slot.time < query.last)
        and query.platform in (None, slot.platform)
        and query.status in (None, slot.status)
    )


def _view(creator_id: str, slot: Slot) -> SlotFields:
    return {
        "id": slot.id,
        "creator_id": creator_id,
        "platform": slot.platform,
        "content_type": slot.content_type,
        "title": slot.title,
        "caption": slot.caption,
        "scheduled_at": stamp(slot.time),
        "status": slot.status,
        "origin": slot.origin,
        "asset_ids": list(slot.asset_ids),
        "published_at": None if slot.published is None else stamp(slot.published),
        "post_url": slot.post_url or None,
        "created_at": stamp(slot.created),
    }
