"""What Pulse tells a creator: insights, one a day at the creator's own hour, and the nudges that follow from them.

A creator whose data nobody asks for gets none after ninety days, so that a clock that is turned by a century does not
run through it day by day; the next request starts the schedule again.
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
    """An insight of a creator's; ``chance`` picks and fills it."""
    kind, title, body = chance.choice(niches.TIPS)
    words = _words(chance, creator)
    return Insight(
        id, time, kind, title.format_map(words), body.format_map(words), words["key"], 55 + int(40 * chance.random())
    )


def compose_nudge(chance: Ids, creator: Creator, id: str, time: float, status: NudgeStatus, insight: str = "") -> Nudge:
    """A nudge of a creator's."""
    kind, message = chance.choice(niches.NUDGES)
    channel: Literal["push", "email", "in_app"] = chance.choice(("push", "email", "in_app"))
    return Nudge(id, time, kind, message.format_map(_words(chance, creator)), channel, status, insight)


def generate(ctx: Context, creator: Creator) -> Insight:
    """A new insight now, with its nudge; the partner is told of it."""
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
    """Somebody asks for this creator's data: the insights go on coming."""
    schedules = ctx.store[Schedule]
    schedule = schedules.get(creator.id) or Schedule(creator.id, creator.seed)
    until = ctx.now + QUIET_DAYS * DAY
    # The clock may have been set back: what waits for a later day than tomorrow is too late.
    running = 0 < schedule.next <= ctx.now + DAY
    if running and abs(until - schedule.until) < DAY:
        return
    schedules.put(replace(schedule, until=until))
    if not running:
        _schedule_next(ctx, creator.id)


def _schedule_next(ctx: Context, creator_id: str) -> None:
    """Waits for the creator's own hour, today or tomorrow."""
    schedule = ctx.store[Schedule].get(creator_id)
    if schedule is not None:
        hour = ctx.now // DAY * DAY + (5 + schedule.seed % 14) * HOUR
        next = hour if hour > ctx.now else hour + DAY
        ctx.store[Schedule].put(replace(schedule, next=next))
        ctx.call_at(next, _deliver, creator_id, next)


def _deliver(ctx: Context, creator_id: str, hour: float) -> None:
    """The hour of the day's insight, unless another one is waited for by now."""
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
