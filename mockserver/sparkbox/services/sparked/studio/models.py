"""The assets in a creator's Studio."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

AssetType = Literal["image", "video", "audio", "document"]
Source = Literal["upload", "studio", "published"]

MEDIA_TYPES: dict[AssetType, str] = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "document": "application/pdf",
}


class Asset(Record, frozen=True, gc=False):
    """An asset. Sizes are in pixels, seconds and bytes; 0 where there is none."""

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
