"""Studio's assets: images, videos and documents that a creator has. No operation adds one; a published post does."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from ..webhooks import outbox

AssetType = Literal["image", "video", "audio", "document"]
Source = Literal["upload", "studio", "published"]

MEDIA_TYPES: dict[AssetType, str] = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "document": "application/pdf",
}


class Asset(Record, frozen=True, gc=False):
    """Sizes are pixels, seconds and bytes; 0 where there is none."""

    most = 5_000

    id: str
    time: float
    type: AssetType
    title: str
    tags: tuple[str, ...]
    source: Source
    width: int = 0
    height: int = 0
    seconds: int = 0
    size: int = 0
    slot_id: str = ""


def create(ctx: Context, creator_id: str, asset: Asset) -> Asset:
    """Keeps a new asset and tells of it."""
    ctx.store[Asset, creator_id].put(asset)
    told = {"asset_id": asset.id, "type": asset.type, "title": asset.title, "source": asset.source}
    outbox.tell(ctx, "asset.created", creator_id, told | ({"slot_id": asset.slot_id} if asset.slot_id else {}))
    return asset


def measured(
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
    """An asset with sizes that go with its type; ``seed`` varies them."""
    width, height = ((1080, 1350), (1920, 1080), (1080, 1920))[seed % 3] if type in ("image", "video") else (0, 0)
    seconds = 12 + seed % 600 if type in ("video", "audio") else 0
    size = {
        "image": width * height // 5,
        "video": seconds * 350_000,
        "audio": seconds * 24_000,
        "document": 80_000 + seed % 900_000,
    }[type]
    return Asset(id, time, type, title, tags, source, width, height, seconds, size, slot_id)
