"""The prospects of campaigns. In a campaign, each e-mail address has one prospect.

``forceCreation`` replaces a prospect: the old one is marked as deleted, and only its share page remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal, NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.request.http import to_json
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import LOWER_ALPHANUMERIC, Ids
from sparkbox.core.state.store import Record

from ..share_pages import links
from ..videos.models import Render, Status
from ..workspaces.workspaces import current

Depurated = Literal["created", "updated", "depurated", "invalid"]
"""A row's outcome: ``updated`` renders the prospect's video again, ``depurated`` leaves the prospect as it was."""

MORE = ("customField", "screenshotUrl", "webhookUrl", "webhookEvents", "audioUrl", "fields", "hash")
"""Rare fields of a prospect; they are stored together."""


class Prospect(Record, frozen=True, gc=False, kw_only=True):
    """One prospect. ``render`` is 0 until its video is requested, ``message`` until it is completed."""

    id: str
    campaign: str
    email: str
    name: str = ""
    company: str = ""
    job_title: str = ""
    background: str = ""
    original_background: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    """The problems of the data: pairs of a field and a message."""
    created: float
    updated: float
    deleted: float | None = None
    render: int = 0
    regenerations: int = 0
    fallback_used: bool = False
    message: int = 0
    more: bytes = b""
    """The fields of :data:`MORE`, as a JSON object; empty if there are none."""

    @property
    def key(self) -> str:
        return self.id[: links.KEY_LENGTH]

    @property
    def valid(self) -> bool:
        return not self.problems


class Address(Record, frozen=True, gc=False):
    """The prospect that has an address, in lower case, in a campaign."""

    email: str
    prospect: str

    @property
    def key(self) -> str:
        return self.email


class Step(TypedDict):
    status: Literal["pending", "completed", "errored"]


class OptionalStep(Step):
    enable: bool


class ResourcesStatus(TypedDict):
    video: Step
    campaign: Step
    lipSync: OptionalStep
    audioCloning: OptionalStep
    screenshot: OptionalStep


class ProspectItem(TypedDict):
    """A prospect in the ``prospectList`` of its campaign."""

    _id: NotRequired[str]
    campaign: str
    contactName: str
    contactEmail: str
    company: str
    jobTitle: str
    backgroundUrl: str
    originalBackgroundUrl: str
    status: Status
    valid: bool
    validationDetails: NotRequired[str]
    createdAt: str
    updatedAt: str
    deletedAt: str | None
    bulkId: NotRequired[str]
    resourcesStatus: ResourcesStatus
    webhookPaused: bool
    isNotified: bool
    fallback: bool
    fallbackDataUsed: bool
    regenerationCount: int
    depurationStatus: NotRequired[Depurated]
    customField: NotRequired[str]
    screenshotUrl: NotRequired[str]
    webhookUrl: NotRequired[str]
    webhookEvents: NotRequired[list[str]]
    audioUrl: NotRequired[str]
    fields: NotRequired[dict[str, Any]]
    hash: NotRequired[str]


def new_id(ids: Ids) -> str:
    """Return 32 letters and digits, like :meth:`~sparkbox.core.state.ids.Ids.text` but faster."""
    return ids.randbytes(32).translate(_TO_LETTERS).decode("ascii")


def find_prospect(ctx: Context, campaign: str, email: str) -> Prospect | None:
    """Return the prospect with an address, in any case; ``None`` if there is none."""
    address = ctx.store[Address, campaign].get(email.lower())
    return None if address is None else ctx.store[Prospect].get(address.prospect)


def prospects_of(ctx: Context, campaign: str) -> Iterator[Prospect]:
    """Yield a campaign's prospects, the earliest first."""
    prospects = ctx.store[Prospect]
    for address in ctx.store[Address, campaign].values():
        prospect = prospects.get(address.prospect)
        if prospect is not None:
            yield prospect


def render_of(ctx: Context, prospect: Prospect) -> Render | None:
    """Return the render of a prospect's video; ``None`` if none was requested."""
    return ctx.store[Render].get(prospect.render) if prospect.render else None


def status_of(prospect: Prospect, render: Render | None) -> Status:
    if not prospect.valid:
        return "errored"
    return "saved" if render is None else render.status


def is_completed(prospect: Prospect, render: Render | None) -> bool:
    """Return whether the video is completed, so that the prospect has a share page."""
    return prospect.valid and render is not None and render.status == "completed"


def more_of(prospect: Prospect) -> dict[str, Any]:
    """Return the rare fields of a prospect."""
    fields: dict[str, Any] = orjson.loads(prospect.more) if prospect.more else {}
    return fields


def with_webhook(more: bytes, earlier: bytes) -> bytes:
    """Return rare fields, with the earlier webhook if they have none."""
    if b'"webhook' not in earlier:
        return more
    fields: dict[str, Any] = orjson.loads(more) if more else {}
    if "webhookUrl" in fields:
        return more
    before: dict[str, Any] = orjson.loads(earlier)
    kept = {name: before[name] for name in ("webhookUrl", "webhookEvents") if name in before}
    return to_json(kept | fields)


def item_builder(ctx: Context) -> Callable[[Prospect], ProspectItem]:
    """Return a function that shows prospects; what they have in common is looked up once."""
    workspace = current(ctx)
    renders = ctx.store[Render]
    stamp = cache(iso)

    def view(prospect: Prospect) -> ProspectItem:
        render = renders.get(prospect.render) if prospect.render else None
        state = status_of(prospect, render)
        updated = prospect.updated if render is None else max(prospect.updated, render.updated)
        item: ProspectItem = {
            "_id": prospect.id,
            "campaign": prospect.campaign,
            "contactName": prospect.name,
            "contactEmail": prospect.email,
            "company": prospect.company,
            "jobTitle": prospect.job_title,
            "backgroundUrl": prospect.background or workspace.default_background,
            "originalBackgroundUrl": prospect.original_background,
            "status": state,
            "valid": prospect.valid,
            "createdAt": stamp(prospect.created),
            "updatedAt": stamp(updated),
            "deletedAt": None if prospect.deleted is None else stamp(prospect.deleted),
            "resourcesStatus": _RESOURCES[state if prospect.valid else "saved", bool(prospect.background)],
            "webhookPaused": False,
            "isNotified": state in ("completed", "errored") and prospect.valid,
            "fallback": False,
            "fallbackDataUsed": prospect.fallback_used,
            "regenerationCount": prospect.regenerations,
        }
        if render is not None:
            item["bulkId"] = render.bulk
        if prospect.problems:
            item["validationDetails"] = "; ".join(f"{field}: {finding}" for field, finding in prospect.problems)
        if prospect.more:
            item.update(more_of(prospect))  # type: ignore[typeddict-item]
        return item

    return view


_TO_LETTERS = bytes(ord(LOWER_ALPHANUMERIC[byte % 36]) for byte in range(256))


def _resources(state: Status, has_background: bool) -> ResourcesStatus:
    """Return the state of a video's parts, which are completed one after the other."""
    done = _DONE[state]

    def step(number: int) -> Literal["pending", "completed", "errored"]:
        if state == "errored":
            return "errored" if number == done else "completed" if number < done else "pending"
        return "completed" if number < done else "pending"

    return {
        "video": {"status": step(0)},
        "campaign": {"status": step(2)},
        "lipSync": {"enable": False, "status": step(1)},
        "audioCloning": {"enable": False, "status": step(1)},
        "screenshot": {"enable": has_background, "status": step(0)},
    }


_DONE: dict[Status, int] = {
    "saved": 0,
    "queued": 0,
    "errored": 1,
    "videotrimmed": 1,
    "lipsynced": 2,
    "processing": 2,
    "completed": 3,
}
_RESOURCES: dict[tuple[Status, bool], ResourcesStatus] = {
    (state, has_background): _resources(state, has_background) for state in _DONE for has_background in (False, True)
}
