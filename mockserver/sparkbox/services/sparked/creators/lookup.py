"""The creators of an account. Every account has four, the first of them ``cr_mock``.

They are made when somebody first asks for them, and what belongs to one of them (a plan, assets, a media kit) when
somebody first looks at that one, so that an account which only asks for tokens costs next to nothing.
"""

from __future__ import annotations

from sparkbox.core.state.context import Context

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
    """All creators of the account, ``cr_mock`` first."""
    if not len(ctx.store[Creator]):
        for creator in demo_data.creators(_seed(ctx), ctx.now):
            ctx.store[Creator].put(creator)
    return list(ctx.store[Creator].values())


def find_creator(ctx: Context, id: str) -> Creator | None:
    """A creator with all that belongs to them; ``None`` if the account has no such one."""
    creator = next((creator for creator in all_creators(ctx) if creator.id == id), None)
    if creator is not None:
        if not len(ctx.store[Kit, id]):
            _add_demo_data(ctx, creator)
        recommendations.keep_schedule(ctx, creator)
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
        kits.generate(ctx, creator, kits.seeded_id(creator, index), time, f"{creator.name}: media kit")
        for index, time in enumerate(made)
    ]
    for view in demo_data.visits(creator, [(kit.id, kit.time) for kit in reversed(snapshots)], now):
        ctx.store[View, id].put(view)


def _seed(ctx: Context) -> int:
    found = ctx.store[DemoSeed].get("seed")
    assert found is not None
    return found.seed
