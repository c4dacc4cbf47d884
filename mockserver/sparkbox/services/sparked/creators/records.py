"""The creators of an account. Every account has four, the first of them ``cr_mock``.

They are made when somebody first asks for them, and what belongs to one of them (a plan, assets, a media kit) when
somebody first looks at that one, so that an account which only asks for tokens costs next to nothing.
"""

from __future__ import annotations

from sparkbox.core.state.context import Context

from ..gameplan import slots
from ..mediakit import models as kits
from ..mediakit.models import Kit, View
from ..pulse import recommendations
from ..pulse.recommendations import Insight, Nudge
from ..studio.assets import Asset
from ..times import DAY
from . import models as people
from . import seed
from .models import Creator


def everybody(ctx: Context) -> list[Creator]:
    """All creators of the account, ``cr_mock`` first."""
    if not len(ctx.store[Creator]):
        for creator in seed.creators(people.root(ctx).seed, ctx.now):
            ctx.store[Creator].put(creator)
    return list(ctx.store[Creator].values())


def find(ctx: Context, id: str) -> Creator | None:
    """A creator with all that belongs to them; ``None`` if the account has no such one."""
    creator = next((creator for creator in everybody(ctx) if creator.id == id), None)
    if creator is not None:
        if not len(ctx.store[Kit, id]):
            _furnish(ctx, creator)
        recommendations.keep_going(ctx, creator)
    return creator


def _furnish(ctx: Context, creator: Creator) -> None:
    id, now = creator.id, ctx.now
    for slot in seed.plan(creator, now):
        slots.keep(ctx, id, slot)
    for asset in seed.library(creator, now):
        ctx.store[Asset, id].put(asset)
    insights, nudges = seed.advice(creator, now)
    for insight in insights:
        ctx.store[Insight, id].put(insight)
    for nudge in nudges:
        ctx.store[Nudge, id].put(nudge)
    made = [now - days * DAY for days in (47, 16)]
    snapshots = [
        kits.generate(ctx, creator, kits.seeded_id(creator, index), time, f"{creator.name}: media kit")
        for index, time in enumerate(made)
    ]
    for view in seed.visits(creator, [(kit.id, kit.time) for kit in reversed(snapshots)], now):
        ctx.store[View, id].put(view)
