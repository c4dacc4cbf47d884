"""Media kits for brands, and their views. https://sparked.com/integration; the fields are inferred."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context

from .. import errors
from ..creators.lookup import own_creator
from ..creators.models import Creator
from ..envelope import Detail, invalid_fields
from ..paging import ListQuery, page
from ..times import stamp
from . import kits
from .models import Kit, KitContents, View

operations = Operations("Media kit", docs=errors.DOCS, errors=[errors.CREATOR_NOT_FOUND, errors.INSUFFICIENT_SCOPE])


class NewKit(Body):
    """``platforms`` defaults to all of the creator's."""

    title: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    platforms: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class ViewQuery(ListQuery):
    kit_id: str | None = None


class KitFields(KitContents):
    """A snapshot of its period. ``url`` is its public page."""

    id: str
    creator_id: str
    number: int
    title: str
    url: str
    view_count: int
    generated_at: str


class ViewFields(TypedDict):
    """``brand`` is the ``?brand=`` of the link, if it has one."""

    id: str
    kit_id: str
    brand: str | None
    referrer: str | None
    device: str
    viewed_at: str


class ViewPage(TypedDict):
    data: list[ViewFields]
    next_cursor: str | None


@operations.get("/api/v1/mediakit/{creator_id}", tags=("read:mediakit",))
def get_media_kit(ctx: Context, creator_id: str) -> KitFields:
    """Get a creator's media kit: its newest snapshot."""
    creator = own_creator(ctx, creator_id)
    return _view(ctx, kits.latest(ctx, creator.id))


@operations.post("/api/v1/mediakit/{creator_id}/generate", status=201, tags=("read:mediakit",), body_required=False)
def generate_media_kit(ctx: Context, creator_id: str, body: NewKit | None) -> KitFields:
    """Generate a new media kit snapshot of the last thirty days, with its own public page."""
    creator, wanted = own_creator(ctx, creator_id), body or NewKit()
    _check_platforms(creator, wanted.platforms)
    title = wanted.title or f"{creator.name}: media kit"
    kit = kits.generate(ctx, creator, f"kit_{ctx.ids.text(16)}", ctx.now, title, wanted.platforms)
    return _view(ctx, kit)


@operations.get("/api/v1/mediakit/{creator_id}/views", tags=("read:mediakit",))
def list_views(ctx: Context, creator_id: str, query: ViewQuery) -> ViewPage:
    """List the views of a creator's media kits, newest first."""
    own_creator(ctx, creator_id)
    found = (view for view in ctx.store[View, creator_id].values() if query.kit_id in (None, view.kit_id))
    rows, next_cursor = page(found, query)
    return {"data": [view_fields(view) for view in rows], "next_cursor": next_cursor}


def view_fields(view: View) -> ViewFields:
    """Return a view as the API shows it."""
    return {
        "id": view.id,
        "kit_id": view.kit_id,
        "brand": view.brand or None,
        "referrer": view.referrer or None,
        "device": view.device,
        "viewed_at": stamp(view.time),
    }


def _check_platforms(creator: Creator, platforms: tuple[str, ...]) -> None:
    unknown = [index for index, platform in enumerate(platforms) if platform not in creator.platforms]
    if unknown:
        issue = f"must be one of {', '.join(creator.platforms)}"
        details: list[Detail] = [{"field": f"platforms[{index}]", "issue": issue} for index in unknown]
        raise invalid_fields(*details)


def _view(ctx: Context, kit: Kit) -> KitFields:
    return {
        "id": kit.id,
        "creator_id": kit.creator_id,
        "number": kit.number,
        "title": kit.title,
        "url": f"{ctx.request.base_url}/kit/{kits.page_name(ctx, kit)}",
        "view_count": kits.count_views(ctx, kit),
        **kit.read(),
        "generated_at": stamp(kit.time),
    }
