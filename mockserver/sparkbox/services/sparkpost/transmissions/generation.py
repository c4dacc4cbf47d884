"""Generates the messages of a transmission: now, or at its start time.

A scheduled transmission is composed from its request a second time, with its template and its recipient list as they
are then.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.large_json import AT_ONCE, decoded
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import Stage
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import errors
from ..accounts import sending_limits, volume
from ..fields import pack
from ..recipient_lists.recipients import Recipient
from ..templates.models import mark_used
from . import composing, sending
from .composing import Chosen, NewTransmission
from .mailing import Draft, Mailing
from .models import Scheduled, Transmission, keep_until_start, schedule_is_full, unschedule

SUBMITTED, SUCCESS = "submitted", "Success"
"""The states of a transmission that is scheduled, and of one that was sent."""


def send(ctx: Context, body: NewTransmission, chosen: Chosen, draft: Draft, recipients: list[Recipient]) -> Steps[None]:
    """Send a transmission now."""
    sent = _transmission(ctx, body, chosen, draft.mailing, SUCCESS, len(recipients))
    if len(recipients) == 1:
        yield from sending.refuse_suppressed(ctx, draft, recipients[0])
    failed = yield from sending.send(ctx, draft, recipients)
    if chosen.template is not None:
        mark_used(ctx, chosen.template)
    ctx.store[Transmission].put(replace(sent, generated=sent.recipients - failed, failed=failed) if failed else sent)


def schedule(
    ctx: Context,
    body: NewTransmission,
    chosen: Chosen,
    mailing: Mailing,
    recipients: list[Recipient],
    list_id: str,
    start: float,
) -> None:
    """Schedule a transmission."""
    transmission = _transmission(ctx, body, chosen, mailing, SUBMITTED, len(recipients))
    if schedule_is_full(ctx, len(ctx.request.body)):
        raise errors.RESOURCES()
    job = lifecycle.start(ctx, mailing.id, [Stage(0.0, generate)], since=start, full=errors.RESOURCES)
    keep_until_start(
        ctx,
        Scheduled(
            id=mailing.id,
            transmission=transmission,
            body=ctx.request.body,
            start=start,
            job=job,
            list_id=list_id,
            template_owner=0 if chosen.template is None else chosen.template.subaccount,
            base_url=ctx.request.base_url,
        ),
    )


def generate(ctx: Context, id: str) -> Steps[None]:
    """Send a scheduled transmission. This is the job at its start time."""
    scheduled = unschedule(ctx, id)
    if scheduled is None:
        return
    kept = scheduled.transmission
    body = yield from _body(scheduled)
    draft, recipients, api_error = yield from _again(ctx, scheduled, body)
    if api_error is None:
        failed = yield from sending.send(ctx, draft, recipients, raising=False)
    else:
        failed = len(recipients)
        yield from sending.fail(ctx, draft, recipients, api_error)
    sent = replace(
        kept,
        state=SUCCESS,
        recipients=len(recipients),
        generated=len(recipients) - failed,
        failed=failed,
        started=ctx.now,
        ended=ctx.now,
    )
    ctx.store[Transmission].put(sent)


def cancel(ctx: Context, scheduled: Scheduled) -> Steps[None]:
    """Record for each message of a transmission that it was cancelled."""
    body = yield from _body(scheduled)
    draft, recipients, _ = yield from _again(ctx, scheduled, body)
    yield from sending.cancel(ctx, draft, recipients)


def _again(
    ctx: Context, scheduled: Scheduled, body: NewTransmission
) -> Steps[tuple[Draft, list[Recipient], ApiError | None]]:
    """Compose a scheduled transmission again; return its API error, if it has one by now."""
    owner = scheduled.transmission.subaccount
    recipients, _, _ = yield from composing.recipients(ctx, body, owner)
    api_error = None
    try:
        chosen = yield from composing.choose(ctx, body, owner)
    except ApiError as refused:
        chosen, api_error = Chosen(composing.EMPTY), refused
    draft = composing.compose(ctx, body, chosen, scheduled.id, owner, scheduled.base_url)
    draft.mailing.scheduled = scheduled.start
    if chosen.template is not None:
        mark_used(ctx, chosen.template)
    if draft.mailing.sandbox and volume.from_sandbox(ctx) + len(recipients) > volume.SANDBOX_LIMIT:
        api_error = errors.SANDBOX_LIMIT()
    limit = sending_limits.exceeded(ctx, len(recipients))
    if limit is not None:
        api_error = limit()
    return draft, recipients, api_error


def _body(scheduled: Scheduled) -> Steps[NewTransmission]:
    if len(scheduled.body) < AT_ONCE:
        return NewTransmission.model_validate_json(scheduled.body)
    return NewTransmission.model_validate((yield from decoded(scheduled.body, _BODY)))


_BODY = TypeAdapter(NewTransmission)


def _transmission(
    ctx: Context, body: NewTransmission, chosen: Chosen, mailing: Mailing, state: str, recipients: int
) -> Transmission:
    return Transmission(
        id=mailing.id,
        state=state,
        campaign_id=mailing.campaign_id,
        description=body.description or "",
        template_id=chosen.template_id,
        use_draft=chosen.draft,
        recipients=recipients,
        generated=recipients if state == SUCCESS else 0,
        started=ctx.now,
        ended=ctx.now,
        options=_packed_options(body),
        metadata=b"" if not body.metadata else pack(body.metadata, "metadata"),
        substitution_data=b"" if not body.substitution_data else pack(body.substitution_data, "substitution_data"),
        subaccount=mailing.subaccount,
    )


def _packed_options(body: NewTransmission) -> bytes:
    if not body.options:
        return b""
    return pack({name: value for name, value in body.options.items() if value is not None}, "options")
