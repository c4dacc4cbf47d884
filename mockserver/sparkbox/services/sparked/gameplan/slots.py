"""The slots of a content plan. When a slot's time comes, it is published, and an asset is made of it."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace

from ..creators import niches
from ..studio import assets
from ..times import MINUTE, stamp
from ..webhooks import outbox

Status = Literal["draft", "scheduled", "published"]
Origin = Literal["creator", "partner"]

MOST_UPCOMING = 1_000

_VIDEO = frozenset({"reel", "story", "video", "short", "live", "stream"})


class Slot(Record, frozen=True, gc=False):
    """One place in a plan; ``time`` is when it is to be published."""

    most = 5_000

    id: str
    time: float
    platform: str
    content_type: str
    title: str
    caption: str
    status: Status
    origin: Origin
    created: float
    asset_ids: tuple[str, ...] = ()
    published: float | None = None
    post_url: str = ""

    @property
    def minute(self) -> tuple[str, int]:
        """What no two slots of a plan may share."""
        return self.platform, int(self.time // MINUTE)


def keep(ctx: Context, creator_id: str, slot: Slot) -> None:
    """Keeps a slot, and has it published when its time comes."""
    ctx.store[Slot, creator_id].put(slot)
    if slot.status == "scheduled":
        ctx.call_at(slot.time, publish, creator_id, slot.id)


def publish(ctx: Context, creator_id: str, id: str) -> None:
    """A slot's time has come."""
    slot = ctx.store[Slot, creator_id].get(id)
    if slot is None or slot.status != "scheduled":
        return
    url = f"{niches.PROFILES[slot.platform].format(handle='p').rstrip('/')}/{id.removeprefix('slot_')}"
    type: assets.AssetType = "video" if slot.content_type in _VIDEO else "image"
    asset = assets.measured(
        f"asset_{ctx.ids.text(12)}", ctx.now, type, slot.title, "published", ctx.ids.getrandbits(16),
        tags=(slot.platform, slot.content_type), slot_id=id,
    )  # fmt: skip
    published = replace(
        slot, status="published", published=ctx.now, post_url=url, asset_ids=(*slot.asset_ids, asset.id)
    )
    ctx.store[Slot, creator_id].put(published)
    told = {
        "slot_id": id,
        "platform": slot.platform,
        "content_type": slot.content_type,
        "title": slot.title,
        "post_url": url,
        "published_at": stamp(ctx.now),
    }
    outbox.tell(ctx, "content.published", creator_id, told)
    assets.create(ctx, creator_id, asset)
