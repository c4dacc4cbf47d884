"""Find an account's creators. Every account has four; the first is ``cr_mock``.

The creators are made at the first request for any of them. A creator's plan, assets and media kits are made at the
first request for that creator. So an account that only gets tokens costs almost nothing.
"""

from __future__ import annotations

from sparkbox.core.state.context import Context

from .. import errors
from ..auth import access
from ..gameplan import publishing
from ..mediakit import kits
from ..mediakit.models import Kit, View
from ..pulse import recommendations
from ..pulse.models import Insight, Nudge
from ..studio.models import Asset
from ..times import DAY
from . import demo_data
from .models import Creator, DemoSeed


def all_creators(ctx: Context) -> list[Creator]:
    """Return the account's creators, ``cr_mock`` first."""
    if not len(ctx.store[Creator]):
        for creator in demo_data.creators(_seed(ctx), ctx.now):
            ctx.store[Creator].put(creator)
    return list(ctx.store[Creator].values())


def find_creator(ctx: Context, id: str) -> Creator | None:
    """Return a creator, whose demo data are then in the store; ``None`` if there is no such creator."""
    creator = next((creator for creator in all_creators(ctx) if creator.id == id), None)
    if creator is not None:
        if not len(ctx.store[Kit, id]):
            _add_demo_data(ctx, creator)
        recommendations.keep_schedule(ctx, creator)
    return creator


def own_creator(ctx: Context, creator_id: str) -> Creator:
    """Return the creator with an id if the token is theirs; any other is not found."""
    creator = find_creator(ctx, creator_id) if creator_id == access(ctx).creator_id else None
    if creator is None:
        raise errors.CREATOR_NOT_FOUND(id=creator_id[:100])
    return creator


def _add_demo_data(ctx: Context, creator: Creator) -> None:
    id, now = creator.id, ctx.now
    for slot in demo_data.plan(creator, now):
        publishing.schedule(ctx, id, slot)
    for asset in demo_data.library(creator, now):
        ctx.store[Asset, id].put(asset)
    insights, nudges = demo_data.advice(creator, now)
    for insight in insights:
        ctx.store[Insight, id].put(insight)
    for nudge in nudges:
        ctx.store[Nudge, id].put(nudge)
    made = [now - days * DAY for days in (47, 16)]
    snapshots = [
        kits.generate(ctx, creator, kits.demo_id(creator, index), time, f"{creator.name}: media kit")
        for index, time in enumerate(made)
    ]
    for view in demo_data.views(creator, [(kit.id, kit.time) for kit in reversed(snapshots)], now):
        ctx.store[View, id].put(view)


def _seed(ctx: Context) -> int:
    found = ctx.store[DemoSeed].get("seed")
    assert found is not None
    return found.seed
