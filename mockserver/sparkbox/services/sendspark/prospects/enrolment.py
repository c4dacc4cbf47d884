"""Enrolment: turn rows into prospects of a campaign and request their videos.

A bulk request keeps existing prospects unless it says ``keep-last-valid``. Posting a single prospect again renders its
video again with the new data, as the real service does; ``keep-first-valid`` prevents that.

A long list is enrolled in steps. Each step looks at the current prospects, so it never undoes what other requests
changed in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chunks, collected
from sparkbox.core.state.store import replace

from ..bundles import minutes
from ..campaigns.models import Campaign, DepurationCounts, find_campaign
from ..fields import Flag
from ..share_pages import visits
from ..videos.rendering import Bulk, forget
from . import depuration
from .depuration import Row, Strategy
from .models import Address, Depurated, Prospect, ProspectItem, item_builder, new_id, with_webhook

ROWS_A_STEP = 500
"""Rows that are shown in one step."""
ENROLLED_A_STEP = 200
"""Rows that are enrolled in one step."""


class DepurationConfig(Body):
    """``forceCreation`` replaces a prospect with the same address by a new one."""

    forceCreation: Flag = False
    payloadDepurationStrategy: Strategy | None = None


class Outcome(NamedTuple):
    """The outcome of one row. ``prospect`` now has the row's address; ``None`` if the row was not stored."""

    kind: Depurated
    row: Row
    prospect: Prospect | None


def enrol(
    ctx: Context,
    campaign: Campaign,
    rows: Sequence[Row],
    config: DepurationConfig | None,
    *,
    default: Strategy,
    process: bool = True,
) -> Steps[list[Outcome]]:
    """Add rows to a campaign after depuration and request their videos. Return each row's outcome, in order."""
    strategy = (config.payloadDepurationStrategy if config else None) or default
    enrolment = _Enrolment(ctx, campaign, strategy, force=config is not None and config.forceCreation)
    bulk = Bulk(ctx, campaign.id)
    if len(rows) > ENROLLED_A_STEP:
        yield
    kept = depuration.chosen(rows, strategy)
    settled: dict[str, Outcome] = {}
    for _, some in chunks(list(kept.items()), ENROLLED_A_STEP):
        if len(rows) > ENROLLED_A_STEP:
            yield
        decided = {email: enrolment.decide(rows[number]) for email, number in some}
        made = [outcome.prospect for outcome in decided.values() if outcome.kind in ("created", "updated")]
        renders = start(ctx, bulk, [prospect for prospect in made if prospect is not None]) if process else {}
        settled.update((email, enrolment.keep(outcome, renders)) for email, outcome in decided.items())
    if len(rows) > ENROLLED_A_STEP:
        yield
    numbered = enumerate(rows)
    return (yield from collected((_outcome(row, number, kept, settled) for number, row in numbered), ROWS_A_STEP))


def start(ctx: Context, bulk: Bulk, prospects: Sequence[Prospect]) -> dict[str, int]:
    """Request videos, which takes minutes. Return the number of each prospect's render by its key."""
    if not prospects:
        return {}
    renders = bulk.begin([(prospect.key, prospect.email) for prospect in prospects])
    minutes.spend(ctx, len(prospects))
    campaign = find_campaign(ctx, bulk.campaign)
    if campaign.status == "pending":
        ctx.store[Campaign].put(replace(campaign, status="active"))
    return renders


def items(ctx: Context, campaign: Campaign, outcomes: Sequence[Outcome]) -> Steps[list[ProspectItem]]:
    """Return the prospects of a response, each with its outcome."""
    view = item_builder(ctx)

    def item_of(outcome: Outcome) -> ProspectItem:
        if outcome.prospect is None:
            item = view(_new(ctx, "", campaign.id, outcome.row))
            del item["_id"]
        else:
            item = view(outcome.prospect)
        item["depurationStatus"] = outcome.kind
        return item

    return (yield from collected(map(item_of, outcomes), ROWS_A_STEP))


def count(outcomes: Sequence[Outcome]) -> DepurationCounts:
    """Count the outcomes."""
    counts = Counter(map(attrgetter("kind"), outcomes))
    return {
        "created": counts["created"],
        "updated": counts["updated"],
        "depurated": counts["depurated"],
        "invalid": counts["invalid"],
    }


class _Enrolment:
    """The enrolment of one request's rows."""

    def __init__(self, ctx: Context, campaign: Campaign, strategy: Strategy, *, force: bool) -> None:
        self._ctx = ctx
        self._campaign = campaign.id
        self._strategy = strategy
        self._force = force
        self._prospects = ctx.store[Prospect]
        self._addresses = ctx.store[Address, campaign.id]

    def decide(self, row: Row) -> Outcome:
        """Return the outcome of the row that counts for its address, without storing it."""
        existing = self._find(row)
        valid = None if existing is None else existing.valid
        kind = depuration.settle(row, valid, self._strategy, force=self._force)
        if kind == "depurated":
            return Outcome(kind, row, existing)
        if kind == "updated" and existing is not None:
            return Outcome(kind, row, _changed(self._ctx, existing, row))
        if kind == "invalid" and existing is not None:
            return Outcome(kind, row, None)
        return Outcome(kind, row, _new(self._ctx, new_id(self._ctx.ids), self._campaign, row))

    def keep(self, outcome: Outcome, renders: dict[str, int]) -> Outcome:
        """Store the outcome's prospect; a replaced one is marked as deleted."""
        kind, row, prospect = outcome
        if prospect is None or kind == "depurated":
            return outcome
        earlier = self._find(row)
        if earlier is not None and kind == "updated":
            forget(self._ctx, earlier)
            visits.forget(self._ctx, earlier)
        elif earlier is not None:
            self._prospects.put(replace(earlier, deleted=self._ctx.now))
        render = renders.get(prospect.key)
        if render is not None:
            prospect = replace(prospect, render=render)
        self._prospects.put(prospect)
        self._addresses.put(Address(row.email, prospect.key))
        return Outcome(kind, row, prospect)

    def _find(self, row: Row) -> Prospect | None:
        address = self._addresses.get(row.email)
        return None if address is None else self._prospects.get(address.prospect)


def _outcome(row: Row, number: int, kept: dict[str, int], settled: dict[str, Outcome]) -> Outcome:
    if not row.email:
        return Outcome("invalid", row, None)
    outcome = settled[row.email]
    if kept[row.email] == number:
        return outcome
    return Outcome("depurated", row, outcome.prospect) if row.valid else Outcome("invalid", row, None)


def _new(ctx: Context, id: str, campaign: str, row: Row) -> Prospect:
    return Prospect(
        id=id,
        campaign=campaign,
        email=row.given_email,
        name=row.name,
        company=row.company,
        job_title=row.job_title,
        background=row.background,
        original_background=row.original_background,
        problems=row.problems,
        created=ctx.now,
        updated=ctx.now,
        fallback_used=row.fallback_used,
        more=row.more,
    )


def _changed(ctx: Context, existing: Prospect, row: Row) -> Prospect:
    """Return the prospect with new data and no video yet; it keeps its webhook."""
    return replace(
        existing,
        email=row.given_email,
        name=row.name,
        company=row.company,
        job_title=row.job_title,
        background=row.background,
        original_background=row.original_background,
        problems=(),
        updated=ctx.now,
        render=0,
        regenerations=existing.regenerations + (existing.render != 0),
        fallback_used=row.fallback_used,
        message=0,
        more=with_webhook(row.more, existing.more),
    )
