"""Insights, one a day at the creator's own hour, each with a nudge.

Ninety days after the last request for a creator the insights stop, so that advancing the clock by a century does not
run every day of it. The next request starts them again.
"""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.store import replace

from ..creators import niches
from ..creators.models import Creator
from ..times import DAY, HOUR
from ..webhooks import events
from .models import Insight, Nudge, NudgeStatus, Schedule

QUIET_DAYS = 90


def compose(chance: Ids, creator: Creator, id: str, time: float) -> Insight:
    """Return a random insight for a creator."""
    kind, title, body = chance.choice(niches.TIPS)
    words = _words(chance, creator)
    return Insight(
        id, time, kind, title.format_map(words), body.format_map(words), words["key"], 55 + int(40 * chance.random())
    )


def compose_nudge(chance: Ids, creator: Creator, id: str, time: float, status: NudgeStatus, insight: str = "") -> Nudge:
    """Return a random nudge for a creator."""
    kind, message = chance.choice(niches.NUDGES)
    channel: Literal["push", "email", "in_app"] = chance.choice(("push", "email", "in_app"))
    return Nudge(id, time, kind, message.format_map(_words(chance, creator)), channel, status, insight)


def generate(ctx: Context, creator: Creator) -> Insight:
    """Store a new insight with its nudge, and emit ``pulse.insight``."""
    insight = compose(ctx.ids, creator, f"ins_{ctx.ids.text(12)}", ctx.now)
    ctx.store[Insight, creator.id].put(insight)
    nudge = compose_nudge(ctx.ids, creator, f"ndg_{ctx.ids.text(12)}", ctx.now, "sent", insight.id)
    ctx.store[Nudge, creator.id].put(nudge)
    data = {
        "insight_id": insight.id,
        "kind": insight.kind,
        "title": insight.title,
        "platform": insight.platform,
        "confidence": insight.confidence / 100,
    }
    events.emit(ctx, "pulse.insight", creator.id, data)
    return insight


def keep_schedule(ctx: Context, creator: Creator) -> None:
    """Keep the insights coming for ninety days after a request for the creator."""
    schedules = ctx.store[Schedule]
    schedule = schedules.get(creator.id) or Schedule(creator.id, creator.seed)
    until = ctx.now + QUIET_DAYS * DAY
    # After the clock was set back, a schedule may wait for a day too far ahead.
    running = 0 < schedule.next <= ctx.now + DAY
    if running and abs(until - schedule.until) < DAY:
        return
    schedules.put(replace(schedule, until=until))
    if not running:
        _schedule_next(ctx, creator.id)


def _schedule_next(ctx: Context, creator_id: str) -> None:
    """Schedule the next insight for the creator's own hour, today or tomorrow."""
    schedule = ctx.store[Schedule].get(creator_id)
    if schedule is not None:
        hour = ctx.now // DAY * DAY + (5 + schedule.seed % 14) * HOUR
        next = hour if hour > ctx.now else hour + DAY
        ctx.store[Schedule].put(replace(schedule, next=next))
        ctx.call_at(next, _deliver, creator_id, next)


def _deliver(ctx: Context, creator_id: str, hour: float) -> None:
    """Generate the day's insight and schedule the next, unless the schedule has changed since."""
    creator, schedule = ctx.store[Creator].get(creator_id), ctx.store[Schedule].get(creator_id)
    if creator is None or schedule is None or schedule.next != hour:
        return
    if ctx.now > schedule.until:
        ctx.store[Schedule].put(replace(schedule, next=0.0))
        return
    generate(ctx, creator)
    _schedule_next(ctx, creator_id)


def _words(chance: Ids, creator: Creator) -> dict[str, str]:
    niche = niches.BY_NAME[creator.niche]
    platform = chance.choice(creator.platforms)
    countries = [niches.COUNTRIES[code] for code, _ in creator.audience.countries if code in niches.COUNTRIES]
    return {
        "key": platform,
        "platform": niches.TITLES[platform],
        "hour": f"{chance.choice((7, 8, 12, 17, 18, 19, 20, 21))}:00",
        "title": chance.choice(niche.titles),
        "tag": chance.choice(niche.tags),
        "country": chance.choice(countries),
    }
