"""Create assets. No operation of the API does; publishing a slot does."""

from __future__ import annotations

from sparkbox.core.state.context import Context

from ..webhooks import events
from .models import Asset, AssetType, Source


def create(ctx: Context, creator_id: str, asset: Asset) -> Asset:
    """Store a new asset and emit ``asset.created``."""
    ctx.store[Asset, creator_id].put(asset)
    data = {"asset_id": asset.id, "type": asset.type, "title": asset.title, "source": asset.source}
    events.emit(ctx, "asset.created", creator_id, data | ({"slot_id": asset.slot_id} if asset.slot_id else {}))
    return asset


def sized(
    id: str,
    time: float,
    type: AssetType,
    title: str,
    source: Source,
    seed: int,
    *,
    tags: tuple[str, ...] = (),
    slot_id: str = "",
) -> Asset:
    """Return an asset with sizes that suit its type; ``seed`` varies them."""
    width, height = ((1080, 1350), (1920, 1080), (1080, 1920))[seed % 3] if type in ("image", "video") else (0, 0)
    seconds = 12 + seed % 600 if type in ("video", "audio") else 0
    size = {
        "image": width * height // 5,
        "video": seconds * 350_000,
        "audio": seconds * 24_000,
        "document": 80_000 + seed % 900_000,
    }[type]
    return Asset(id, time, type, title, tags, source, width, height, seconds, size, slot_id)
