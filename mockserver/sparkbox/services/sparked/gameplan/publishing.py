"""Publish the slots of a content plan at their time. Each published slot becomes an asset."""

from __future__ import annotations

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from ..creators import niches
from ..studio import assets
from ..studio.models import AssetType
from ..times import stamp
from ..webhooks import events
from .models import Slot

_VIDEO = frozenset({"reel", "story", "video", "short", "live", "stream"})


def schedule(ctx: Context, creator_id: str, slot: Slot) -> None:
    """Store a slot and schedule its publication."""
    ctx.store[Slot, creator_id].put(slot)
    if slot.status == "scheduled":
        ctx.call_at(slot.time, publish, creator_id, slot.id)


def publish(ctx: Context, creator_id: str, id: str) -> None:
    """Publish a slot; the job of its time."""
    slot = ctx.store[Slot, creator_id].get(id)
    if slot is None or slot.status != "scheduled":
        return
    url = f"{niches.PROFILES[slot.platform].format(handle='p').rstrip('/')}/{id.removeprefix('slot_')}"
    type: AssetType = "video" if slot.content_type in _VIDEO else "image"
    asset = assets.sized(
        f"asset_{ctx.ids.text(12)}",
        ctx.now,
        type,
        slot.title,
        "published",
        ctx.ids.getrandbits(16),
        tags=(slot.platform, slot.content_type),
        slot_id=id,
    )
    published = replace(
        slot, status="published", published=ctx.now, post_url=url, asset_ids=(*slot.asset_ids, asset.id)
    )
    ctx.store[Slot, creator_id].put(published)
    data = {
        "slot_id": id,
        "platform": slot.platform,
        "content_type": slot.content_type,
        "title": slot.title,
        "post_url": url,
        "published_at": stamp(ctx.now),
    }
    events.emit(ctx, "content.published", creator_id, data)
    assets.create(ctx, creator_id, asset)
