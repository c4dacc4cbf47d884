"""Transmissions: mail to one or many recipients, now or later.

https://developers.sparkpost.com/api/transmissions/. Quirks: ids are strings of digits; recipients are rejected one by
one, with ``errors`` beside ``results`` in a 200; ``PUT`` gets a 405. The sandbox shows all transmissions; the vendor
does not keep those with one recipient.
"""

from __future__ import annotations

from typing import Any, NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from .. import errors
from ..accounts import sending_limits, volume
from ..auth import SENDS, subaccount
from ..envelope import error_row
from ..events import recorder
from ..page import Page
from ..recipient_lists.recipients import ErrorFields
from ..times import stamp
from . import composing, generation
from .batch import DOMAIN_ERRORS
from .composing import COMPOSING_ERRORS, Chosen, NewTransmission
from .generation import SUCCESS
from .models import Scheduled, Transmission, unschedule

_UNSET_OPTIONS = {"open_tracking": "", "click_tracking": "", "transactional": False}
"""The options that a transmission shows but did not set. Quirk: they are empty texts instead of booleans."""

CHUNK = 100

operations = Page(
    "Transmissions",
    docs="https://developers.sparkpost.com/api/transmissions/",
    view="transmissions/view",
    modify="transmissions/modify",
)


class ErrorsQuery(Body):
    num_rcpt_errors: int | None = None


class ListQuery(Body):
    campaign_id: str | None = None
    template_id: str | None = None


class CampaignQuery(Body):
    campaign_id: str | None = None


class Outcome(TypedDict):
    total_rejected_recipients: int
    total_accepted_recipients: int
    id: str
    rcpt_to_errors: NotRequired[list[ErrorFields]]


class CreatedTransmission(TypedDict):
    """``errors`` is present if some recipients were rejected."""

    results: Outcome
    errors: NotRequired[list[ErrorFields]]


class TemplateReference(TypedDict):
    template_id: str
    use_draft_template: NotRequired[bool]


class TransmissionFields(TypedDict):
    id: str
    description: str
    state: str
    campaign_id: str
    content: TemplateReference
    rcpt_list_chunk_size: int
    rcpt_list_total_chunks: int
    num_rcpts: int
    num_generated: int
    num_failed_gen: int
    generation_start_time: NotRequired[str]
    generation_end_time: NotRequired[str]
    substitution_data: Any
    metadata: Any
    options: dict[str, Any]


class TransmissionResponse(TypedDict):
    transmission: TransmissionFields


class TransmissionRow(TypedDict):
    id: str
    campaign_id: str
    description: str
    state: str
    content: TemplateReference


@operations.post(
    "/api/v1/transmissions",
    errors=[
        *COMPOSING_ERRORS,
        errors.CREATED_WITH_ERRORS,
        errors.RENDER_ERROR,
        *DOMAIN_ERRORS,
        errors.SANDBOX_LIMIT,
        *sending_limits.LIMIT_ERRORS,
        errors.RESOURCES,
        errors.SUSPENDED,
        errors.INVALID_PARAMETERS,
    ],
    tags=(SENDS,),
    bare=True,
)
def create_transmission(ctx: Context, body: NewTransmission, query: ErrorsQuery) -> Steps[CreatedTransmission]:
    """Create a transmission.

    Invalid recipients are rejected one by one; ``num_rcpt_errors`` limits the number of their errors in the response.
    ``options.start_time`` schedules it, up to three days from now.
    """
    owner = subaccount(ctx)
    composing.check_sizes(ctx, body)
    accepted, rejected, list_id = yield from composing.recipients(ctx, body, owner)
    chosen = yield from composing.choose(ctx, body, owner)
    draft = composing.compose(ctx, body, chosen, recorder.digits(ctx.ids), owner)
    mailing = draft.mailing
    if mailing.sandbox and volume.from_sandbox(ctx) + len(accepted) > volume.SANDBOX_LIMIT:
        raise errors.SANDBOX_LIMIT()
    start = composing.start_of(ctx, body)
    if start is not None:
        generation.schedule(ctx, body, chosen, mailing, accepted, list_id, start)
    else:
        limit = sending_limits.exceeded(ctx, len(accepted))
        if limit is not None:
            raise limit()
        yield from generation.send(ctx, body, chosen, draft, accepted)
    outcome: Outcome = {
        "total_rejected_recipients": len(rejected),
        "total_accepted_recipients": len(accepted),
        "id": mailing.id,
    }
    if not rejected:
        return {"results": outcome}
    most = query.num_rcpt_errors
    outcome["rcpt_to_errors"] = rejected if most is None else rejected[: max(0, most)]
    row: ErrorFields = error_row(errors.CREATED_WITH_ERRORS())  # type: ignore[assignment]
    return {"results": outcome, "errors": [row]}


@operations.get("/api/v1/transmissions", errors=[errors.INVALID_PARAMETERS], evidence="observed")
def list_transmissions(ctx: Context, query: ListQuery) -> list[TransmissionRow]:
    """List transmissions.

    They can be filtered by campaign and by template; inline content counts as the template ``inline``.
    """
    return [
        _row(transmission)
        for transmission in _own(ctx)
        if query.campaign_id in (None, "", transmission.campaign_id)
        and query.template_id in (None, "", transmission.template_id)
    ]


@operations.get(
    "/api/v1/transmissions/{id}",
    errors=[errors.RESOURCE_NOT_FOUND, errors.INVALID_TRANSMISSION_ID, errors.INVALID_PARAMETERS],
)
def retrieve_transmission(ctx: Context, id: str) -> TransmissionResponse:
    """Retrieve a transmission.

    It may be scheduled, or one of the newest 10,000 that were sent.
    """
    return {"transmission": _show(_find(ctx, id))}


@operations.delete(
    "/api/v1/transmissions/{id}",
    status=204,
    errors=[
        errors.RESOURCE_NOT_FOUND,
        errors.INVALID_TRANSMISSION_ID,
        errors.TOO_CLOSE,
        errors.INVALID_STATE,
        errors.INVALID_PARAMETERS,
    ],
)
def delete_transmission(ctx: Context, id: str) -> None:
    """Delete a scheduled transmission.

    This is possible up to ten minutes before its start.
    """
    transmission = _find(ctx, id)
    scheduled = ctx.store[Scheduled].get(id)
    if scheduled is None:
        raise errors.INVALID_STATE(state=transmission.state)
    if scheduled.within_window(ctx.now):
        raise errors.TOO_CLOSE()
    unschedule(ctx, id)
    ctx.clock.cancel(scheduled.job)


@operations.delete(
    "/api/v1/transmissions",
    status=204,
    errors=[errors.PARAMETER_MISSING, errors.INVALID_PARAMETERS],
)
def delete_campaign(ctx: Context, query: CampaignQuery) -> Steps[None]:
    """Delete scheduled transmissions by campaign id.

    Each of their messages gets a bounce event. Those of a subaccount need its subaccount header.
    """
    if not query.campaign_id:
        raise errors.PARAMETER_MISSING(description="campaign_id is required")
    owner = subaccount(ctx)
    for scheduled in ctx.store[Scheduled].values():
        transmission = scheduled.transmission
        if transmission.campaign_id == query.campaign_id and transmission.subaccount == owner:
            unschedule(ctx, scheduled.id)
            ctx.clock.cancel(scheduled.job)
            yield from generation.cancel(ctx, scheduled)


def _own(ctx: Context) -> list[Transmission]:
    """Return the transmissions of the subaccount, newest first."""
    owner = subaccount(ctx)
    waiting = [scheduled.transmission for scheduled in ctx.store[Scheduled].values()]
    sent = list(ctx.store[Transmission].values())
    return [transmission for transmission in reversed([*sent, *waiting]) if transmission.subaccount == owner]


def _find(ctx: Context, id: str) -> Transmission:
    if not id.isascii() or not id.isdigit():
        raise errors.INVALID_TRANSMISSION_ID()
    scheduled = ctx.store[Scheduled].get(id)
    transmission = ctx.store[Transmission].get(id) if scheduled is None else scheduled.transmission
    if transmission is None or transmission.subaccount != subaccount(ctx):
        raise errors.RESOURCE_NOT_FOUND(description=f"Resource not found:transmission id {id[:100]}")
    return transmission


def _row(transmission: Transmission) -> TransmissionRow:
    return {
        "id": transmission.id,
        "campaign_id": transmission.campaign_id,
        "description": transmission.description,
        "state": transmission.state,
        "content": {"template_id": transmission.template_id},
    }


def _show(transmission: Transmission) -> TransmissionFields:
    content: TemplateReference = {"template_id": transmission.template_id}
    if transmission.template_id != Chosen._field_defaults["template_id"]:
        content["use_draft_template"] = transmission.use_draft
    fields: TransmissionFields = {
        "id": transmission.id,
        "description": transmission.description,
        "state": transmission.state,
        "campaign_id": transmission.campaign_id,
        "content": content,
        "rcpt_list_chunk_size": CHUNK,
        "rcpt_list_total_chunks": -(-transmission.recipients // CHUNK),
        "num_rcpts": transmission.recipients,
        "num_generated": transmission.generated,
        "num_failed_gen": transmission.failed,
        "substitution_data": _read(transmission.substitution_data, ""),
        "metadata": _read(transmission.metadata, ""),
        "options": _UNSET_OPTIONS | _read(transmission.options, {}),
    }
    if transmission.state == SUCCESS:
        fields["generation_start_time"] = stamp(transmission.started)
        fields["generation_end_time"] = stamp(transmission.ended)
    return fields


def _read(packed: bytes, nothing: Any) -> Any:
    return orjson.loads(packed) if packed else nothing
