"""Studio: a creator's assets. https://sparked.com/integration; the fields are inferred."""

from __future__ import annotations

import re

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors
from ..creators.lookup import own_creator
from ..paging import ListQuery, page
from ..times import stamp
from .models import MEDIA_TYPES, Asset, AssetType, Source

operations = Operations("Studio", docs=errors.DOCS, errors=[errors.CREATOR_NOT_FOUND, errors.INSUFFICIENT_SCOPE])


class AssetQuery(ListQuery):
    type: AssetType | None = None


class AssetFields(TypedDict):
    """Sizes are in pixels, seconds and bytes; ``slot_id`` is the published slot that made the asset."""

    id: str
    type: AssetType
    title: str
    url: str
    mime_type: str
    width: int | None
    height: int | None
    duration_seconds: int | None
    size_bytes: int
    tags: list[str]
    source: Source
    slot_id: str | None
    created_at: str


class AssetPage(TypedDict):
    data: list[AssetFields]
    next_cursor: str | None


@operations.get("/api/v1/studio/{creator_id}/assets", tags=("read:assets",))
def list_assets(ctx: Context, creator_id: str, query: AssetQuery) -> AssetPage:
    """List a creator's assets, newest first."""
    own_creator(ctx, creator_id)
    found = (asset for asset in ctx.store[Asset, creator_id].values() if query.type in (None, asset.type))
    rows, next_cursor = page(found, query)
    return {"data": [view(asset, ctx.request.base_url) for asset in rows], "next_cursor": next_cursor}


def view(asset: Asset, base_url: str) -> AssetFields:
    """Return an asset as the API shows it. Its URL gives a picture for any type of asset."""
    slug = re.sub(r"[^a-z0-9]+", "-", asset.title.lower()).strip("-")[:60] or "asset"
    return {
        "id": asset.id,
        "type": asset.type,
        "title": asset.title,
        "url": f"{base_url}/media/assets/{slug}.svg",
        "mime_type": MEDIA_TYPES[asset.type],
        "width": asset.width or None,
        "height": asset.height or None,
        "duration_seconds": asset.seconds or None,
        "size_bytes": asset.size,
        "tags": list(asset.tags),
        "source": asset.source,
        "slot_id": asset.slot_id or None,
        "created_at": stamp(asset.time),
    }
