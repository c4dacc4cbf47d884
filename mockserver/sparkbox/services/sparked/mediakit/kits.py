"""Media kits: generate snapshots of a creator for brands, find them by their public page, and record views."""

from __future__ import annotations

import orjson

from sparkbox.core.state import signing
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids

from ..aliases import account_alias
from ..creators import niches, series
from ..creators.models import Channel, Creator
from ..times import day_of, day_stamp
from ..webhooks import events
from .models import Kit, KitContents, KitRate, KitShare, View

PERIOD_DAYS = 30


def generate(ctx: Context, creator: Creator, id: str, time: float, title: str, platforms: tuple[str, ...] = ()) -> Kit:
    """Store a snapshot of a creator at a time, with some platforms or all, and return it."""
    kits = ctx.store[Kit, creator.id]
    kit = Kit(id, time, creator.id, kits.next_id(), title, orjson.dumps(_contents(creator, time, platforms)))
    kits.put(kit)
    return kit


def demo_id(creator: Creator, index: int) -> str:
    """Return the id of one of a creator's demo kits."""
    return f"kit_{Ids(f'kit:{creator.seed}:{index}').text(16)}"


def latest(ctx: Context, creator_id: str) -> Kit:
    """Return the newest snapshot; there is always one."""
    return max(ctx.store[Kit, creator_id].values(), key=lambda kit: kit.number)


def page_name(ctx: Context, kit: Kit) -> str:
    """Return the name of a kit's public page. In a fork of the account the kit has another page."""
    name = signing.marked(ctx.account, "kit", kit.id, 12, joint="-")
    ctx.sandbox.accounts.alias(account_alias(name), ctx.account, ctx.service.name)
    return name


def account_of(ctx: Context, page_name: str) -> Account | None:
    """Return the account of a page."""
    return ctx.sandbox.accounts.made(account_alias(page_name), ctx.service.name)


def find(ctx: Context, page_name: str) -> Kit | None:
    """Return the kit of a page, of any creator."""
    id = page_name.partition("-")[0]
    found = (ctx.store[Kit, creator.id].get(id) for creator in ctx.store[Creator].values())
    return next((kit for kit in found if kit is not None), None)


def count_views(ctx: Context, kit: Kit) -> int:
    """Return how often a kit's page was opened."""
    return sum(view.kit_id == kit.id for view in ctx.store[View, kit.creator_id].values())


def record_view(ctx: Context, kit: Kit, brand: str, referrer: str, device: str) -> View:
    """Store a view of a kit's page and emit ``mediakit.viewed``."""
    view = View(f"view_{ctx.ids.text(12)}", ctx.now, kit.id, brand, referrer, device)
    ctx.store[View, kit.creator_id].put(view)
    data = {
        "view_id": view.id,
        "kit_id": kit.id,
        "brand": brand or None,
        "referrer": referrer or None,
        "device": device,
    }
    events.emit(ctx, "mediakit.viewed", kit.creator_id, data)
    return view


def _contents(creator: Creator, time: float, platforms: tuple[str, ...]) -> KitContents:
    channels = tuple(channel for channel in creator.channels if not platforms or channel.platform in platforms)
    today = day_of(time)
    period = today - PERIOD_DAYS, today - 1
    days = series.of_days(channels, *period, time)
    numbers = series.total(days)
    audience = creator.audience
    return {
        "period": {"from": day_stamp(period[0]), "to": day_stamp(period[1])},
        "channels": [
            {
                "platform": channel.platform,
                "handle": channel.handle,
                "followers": series.followers(channel, time),
                "engagement_rate": series.total(series.of_days((channel,), *period, time)).engagement_rate,
            }
            for channel in channels
        ],
        "totals": {
            "followers": sum(series.followers(channel, time) for channel in channels),
            "impressions": numbers.impressions,
            "views": numbers.views,
            "engagement_rate": numbers.engagement_rate,
        },
        "daily_views": [day.views for day in days],
        "audience": {
            "age": _shares(audience.ages),
            "gender": _shares(audience.genders),
            "countries": _shares(audience.countries),
        },
        "rates": [rate for channel in channels for rate in _rates(creator, channel, time)],
        "collaborations": list(creator.brands[:3]),
        "topics": Ids(f"kit:{creator.seed}").sample(niches.BY_NAME[creator.niche].tags, 4),
    }


def _shares(shares: tuple[tuple[str, int], ...]) -> list[KitShare]:
    return [{"label": label, "percentage": percentage} for label, percentage in shares]


def _rates(creator: Creator, channel: Channel, time: float) -> list[KitRate]:
    """Return the prices of the channel's first two content types, in steps of 25 dollars."""
    size = (series.followers(channel, time) / 100_000) ** 0.8
    usual = niches.BY_NAME[creator.niche].rate * size
    return [
        {
            "platform": channel.platform,
            "deliverable": kind,
            "amount": max(50, int(usual * factor / 25) * 25),
            "currency": "USD",
        }
        for kind, factor in zip(niches.PLATFORMS[channel.platform][:2], (1.0, 0.6), strict=False)
    ]
