"""Runs: a contact's way through a campaign, from its subscription to its end.

A run waits for its delay, sends the campaign's message, and is done five seconds later; in between it is active, and
then the outcome of its message is known. Campaigns themselves are made in the vendor's web application: there are some
from the beginning, and the simulation ``campaign`` makes others.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.store import replace

from .. import errors
from ..contacts import address_book
from ..contacts.models import Contact
from ..messages import outbox
from ..messages.models import Sms
from ..messages.outbox import Draft
from .models import Campaign, End, Run, Subscriber

RUN_SECONDS = 5.0
MOST_REMEMBERED = 1000
"""Runs of one contact in one campaign."""


class SubscriptionStatus(TypedDict):
    """``activeId`` is 0 where no subscription is in progress; ``lastId`` is there as soon as there was one."""

    totalCount: int
    inProgressCount: int
    doneCount: int
    unsubbedCount: int
    errorCount: int
    withFailuresCount: int
    activeId: int
    lastId: NotRequired[int]


def campaign_of(ctx: Context, id: str) -> Campaign:
    """Return a campaign by the id in a path; raise an API error if it takes no subscriptions."""
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        raise errors.NOT_FOUND()
    campaign = ctx.store[Campaign].get(int(id))
    if campaign is None:
        raise errors.NOT_FOUND()
    if campaign.state != "launched":
        raise errors.STOPPED() if campaign.state == "stopped" else errors.NOT_LAUNCHED()
    if not campaign.open:
        raise errors.CLOSED()
    return campaign


CAMPAIGN_ERRORS = (errors.NOT_LAUNCHED, errors.STOPPED, errors.CLOSED, errors.SUSPENDED)
"""The errors of operations that subscribe to one, beside what is not found."""


def of_contact(ctx: Context, campaign: int, contact: int) -> list[Run]:
    """Return a contact's runs in a campaign, the oldest first."""
    subscriber = ctx.store[Subscriber].get(f"{campaign}:{contact}")
    found = (ctx.store[Run].get(id) for id in (subscriber.runs if subscriber is not None else ()))
    return [run for run in found if run is not None]


def active(ctx: Context, campaign: int, contact: int) -> Run | None:
    """Return the run that is not done yet; there is one at most."""
    return next((run for run in of_contact(ctx, campaign, contact) if not run.end), None)


def status(ctx: Context, campaign: int, contact: int) -> SubscriptionStatus:
    """Return the status of a contact in a campaign. A subscription that was aborted counts as an error."""
    found = of_contact(ctx, campaign, contact)
    ends = [run.end for run in found]
    shown: SubscriptionStatus = {
        "totalCount": len(found),
        "inProgressCount": ends.count(""),
        "doneCount": ends.count("done") + ends.count("failures"),
        "unsubbedCount": ends.count("unsubscribed"),
        "errorCount": ends.count("error"),
        "withFailuresCount": ends.count("failures"),
        "activeId": next((run.id for run in found if not run.end), 0),
    }
    if found:
        shown["lastId"] = found[-1].id
    return shown


def start(
    ctx: Context,
    campaign: Campaign,
    contact: Contact,
    starts: float,
    *,
    time_zone: str = "",
    args: bytes = b"{}",
    relative: str = "",
) -> Run:
    """Subscribe a contact that is stored already; the first message leaves at ``starts``."""
    id = ctx.store[Run].next_id()
    job = lifecycle.start(ctx, id, STAGES, since=starts)
    run = Run(id, campaign.id, contact.id, starts, job=job, time_zone=time_zone, args=args, relative=relative)
    ctx.store[Run].put(run)
    before = [earlier.id for earlier in of_contact(ctx, campaign.id, contact.id)]
    ctx.store[Subscriber].put(Subscriber(campaign.id, contact.id, (*before, id)[-MOST_REMEMBERED:]))
    ctx.emit("subscribed", {"runId": id, "campaignId": campaign.id, "contactId": contact.id})
    return run


def abort(ctx: Context, run: Run, end: End = "error") -> None:
    """End a run before its time. One that the API cancels is reported as an error."""
    ctx.clock.cancel(run.job)
    _finish(ctx, run, end)


def unsubscribe_everywhere(ctx: Context, contact: int) -> None:
    """End all runs of a contact as unsubscribed, because the contact wrote STOP."""
    for campaign in ctx.store[Campaign].values():
        run = active(ctx, campaign.id, contact)
        if run is not None:
            abort(ctx, run, "unsubscribed")


def send(ctx: Context, id: int) -> Stages | None:
    """Send the message of a run, once its delay is over."""
    run = ctx.store[Run].get(id)
    if run is None or run.end:
        return END
    campaign, contact = ctx.store[Campaign].get(run.campaign), address_book.get(ctx, run.contact)
    if campaign is None or campaign.state != "launched" or contact is None:
        _finish(ctx, run, "error")
        return END
    text = address_book.personalise(ctx, campaign.message, contact)
    try:
        draft = Draft(contact.number, text, campaign.sender, contact.id)
        sms = outbox.send(ctx, draft, outbox.check(ctx, draft))
    except ApiError:
        # No money left, names that make the text too long, or a clock that takes no more.
        _finish(ctx, run, "error")
        return END
    address_book.use(ctx, contact)
    ctx.store[Run].put(replace(run, sms=sms.number))
    return None


def finish(ctx: Context, id: int) -> None:
    """End a run; with failures if its message did not arrive."""
    run = ctx.store[Run].get(id)
    if run is None or run.end:
        return
    sms = ctx.store[Sms].get(run.sms)
    failed = sms is not None and (sms.error != "" or sms.to_phone == "failed")
    _finish(ctx, run, "failures" if failed else "done")


STAGES = (Stage(0.0, send), Stage(RUN_SECONDS, finish))


def _finish(ctx: Context, run: Run, end: End) -> None:
    ctx.store[Run].put(replace(run, end=end))
    ctx.emit("subscription_ended", {"runId": run.id, "campaignId": run.campaign, "contactId": run.contact, "end": end})
