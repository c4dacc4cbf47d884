"""WhatsApp: messages with files and templates, in both directions.

https://openapi.engagespark.com/#tag/WhatsApp. Quirks: ids of both directions begin with ``WAIN``; ``charged`` is in
micro-dollars. In the easy profile every phone number counts as registered; the strict one knows :data:`REGISTERED`.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.logs.messages import Attachment, Message
from sparkbox.core.request.json import dumps
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.steps import Steps, collected
from sparkbox.core.state.store import replace

from .. import errors, phones, times
from ..accounts import balance, prices
from ..auth import Organization, check_organization
from ..contacts import address_book
from ..fields import Id, Long, Short, requires
from ..files.models import File
from ..paging import SHOWN_A_STEP, PageFields
from ..phones import ContactRecipient
from . import history, outcomes, templates
from . import shown_whatsapp as shown
from .history import HistoryQuery
from .models import WhatsApp
from .outbox import RETRY_SECONDS
from .shown_whatsapp import WhatsAppFields

REGISTERED = "639189990000"
"""The organization's WhatsApp number."""

READ_SECONDS = 5.0
MOST_CHARACTERS = 1600
"""Of a text that is sent: https://www.engagespark.com/support/whatsapp-business-limits/."""

operations = Operations("WhatsApp", docs="https://openapi.engagespark.com/#tag/WhatsApp", errors=[errors.NOT_FOUND])


class NewWhatsApp(ContactRecipient):
    model_config = requires("orgId", "from", "message")

    org_id: Id = None
    sender: Annotated[Short, Field(alias="from")] = ""
    message: Long = ""
    image: Short = ""
    audio: Short = ""
    video: Short = ""
    document: Short = ""
    content: dict[str, Any] | None = None


class SentWhatsApp(TypedDict):
    messageId: str
    contactId: int
    to: str
    message: str
    content: NotRequired[dict[str, Any]]
    deliveryDeadline: str


class WhatsAppList(PageFields):
    messages: list[WhatsAppFields]


@operations.post(
    "/v1/whatsapp/contact",
    errors=[
        *address_book.NAMING_ERRORS,
        errors.UNKNOWN_SENDER,
        errors.UNKNOWN_FILE,
        errors.WHATSAPP_TOO_LONG,
        errors.INSUFFICIENT_FUNDS,
        errors.SUSPENDED,
    ],
)
def send_whatsapp(ctx: Context, body: NewWhatsApp) -> SentWhatsApp:
    """Send a WhatsApp message.

    It is personalised, and may carry files that were uploaded before. There must be a text, a file or a template's
    ``content``. If nobody has the number, a contact is made.
    """
    check_organization(body.org_id)
    sender = _sender(ctx, body.sender)
    names = (body.image, body.audio, body.video, body.document)
    if not (body.message or body.content or any(names)):
        raise errors.MISSING(name="message")
    contact = address_book.named(ctx, body)
    files = [_file(ctx, name) for name in names if name]
    text = address_book.personalise(ctx, body.message, contact)
    if len(text) > MOST_CHARACTERS:
        raise errors.WHATSAPP_TOO_LONG(length=len(text), most=MOST_CHARACTERS)
    content = templates.filled(ctx, body.content, contact)
    balance.check_funds(ctx, prices.WHATSAPP)
    number = ctx.store[WhatsApp].next_id()
    ctx.queue_in(outcomes.HAND_OVER_SECONDS, hand_over, number)
    balance.charge(ctx, prices.WHATSAPP)
    whatsapp = WhatsApp(
        number,
        new_id(ctx, number),
        ctx.now,
        sender,
        contact.number,
        contact.id,
        text,
        images=tuple(filter(None, [body.image])),
        audios=tuple(filter(None, [body.audio])),
        videos=tuple(filter(None, [body.video])),
        documents=tuple(filter(None, [body.document])),
        content=content,
        charged=prices.WHATSAPP,
    )
    message = ctx.capture(_message(whatsapp, files))
    whatsapp = replace(whatsapp, captured=message.number)
    ctx.store[WhatsApp].put(whatsapp)
    address_book.use(ctx, contact)
    shown.emit(ctx, "accepted", whatsapp)
    return _sent(whatsapp)


@operations.get("/v1/organizations/{orgId}/whatsapp/")
def list_whatsapp(ctx: Context, org_id: Organization, query: HistoryQuery) -> Steps[WhatsAppList]:
    """List WhatsApp messages of both directions, the newest first."""
    rows, pages = yield from history.page(ctx, ctx.store[WhatsApp].page(newest=True), query)
    return {"messages": (yield from collected(map(shown.view, rows), SHOWN_A_STEP)), **pages}


@operations.get("/v1/organizations/{orgId}/whatsapp/{messageId}/")
def get_whatsapp(ctx: Context, org_id: Organization, message_id: str) -> WhatsAppFields:
    """Get one WhatsApp message with its delivery status."""
    number = message_id.rpartition("-")[2]
    digits = number.isascii() and number.isdigit() and len(number) < 19
    whatsapp = ctx.store[WhatsApp].get(int(number)) if digits else None
    if whatsapp is None or whatsapp.id != message_id:
        raise errors.NOT_FOUND()
    return shown.view(whatsapp)


def new_id(ctx: Context, number: int) -> str:
    """Return an id like ``WAIN20250613T114721-763096``."""
    return f"WAIN{times.compact_stamp(ctx.now)}-{number}"


def hand_over(ctx: Context, number: int) -> Steps[None]:
    """Hand a message to WhatsApp for the first time."""
    whatsapp = ctx.store[WhatsApp].get(number)
    if whatsapp is None:
        return
    stages, since = _hand_over(ctx, whatsapp), whatsapp.created + outcomes.HAND_OVER_SECONDS
    if stages is _RECEIPT:
        after, receive = outcomes.RECEIPT_SECONDS, receive_usual_receipt
        yield from lifecycle.queue_or_finish(ctx, number, after, receive, since=since)
    elif stages:
        yield from lifecycle.start_or_finish(ctx, number, stages, since=since)


def hand_over_again(ctx: Context, number: int) -> Stages:
    """Hand a message to WhatsApp once more, until the deadline."""
    whatsapp = ctx.store[WhatsApp].get(number)
    return END if whatsapp is None else _hand_over(ctx, whatsapp)


def receive_usual_receipt(ctx: Context, number: int) -> Steps[None]:
    """:func:`receive_receipt` at the usual time: then the reading can be queued as well."""
    whatsapp = ctx.store[WhatsApp].get(number)
    if whatsapp is not None and _receive_receipt(ctx, whatsapp):
        since = whatsapp.created + outcomes.HAND_OVER_SECONDS + outcomes.RECEIPT_SECONDS
        yield from lifecycle.queue_or_finish(ctx, number, READ_SECONDS, receive_reading, since=since)


def receive_receipt(ctx: Context, number: int) -> Stages:
    """Take in whether a message arrived; one that did is read a little later."""
    whatsapp = ctx.store[WhatsApp].get(number)
    arrived = whatsapp is not None and _receive_receipt(ctx, whatsapp)
    return [Stage(READ_SECONDS, receive_reading)] if arrived else END


def receive_reading(ctx: Context, number: int) -> None:
    """Take in that a message was read."""
    whatsapp = ctx.store[WhatsApp].get(number)
    if whatsapp is not None:
        _note(ctx, replace(whatsapp, read=ctx.now), "read")


_RECEIPT: Stages = (Stage(outcomes.RECEIPT_SECONDS, receive_receipt),)


def _hand_over(ctx: Context, whatsapp: WhatsApp) -> Stages:
    outcome = outcomes.of(whatsapp.recipient)
    if outcome.telco_rejects or (whatsapp.tries < outcome.failed_tries and ctx.now >= whatsapp.deadline):
        balance.refund(ctx, whatsapp.charged)
        error = "rejected by WhatsApp" if outcome.telco_rejects else "expired"
        _note(ctx, replace(whatsapp, done=True, error=error, charged=0), "failed")
    elif whatsapp.tries < outcome.failed_tries:
        ctx.store[WhatsApp].put(replace(whatsapp, tries=whatsapp.tries + 1))
        return [Stage(min(RETRY_SECONDS, whatsapp.deadline - ctx.now), hand_over_again)]
    else:
        _note(ctx, replace(whatsapp, done=True, to_telco=True, handed_over=ctx.now), "sent")
        if outcome.receipt_after is not None:
            usual = outcome.receipt_after == outcomes.RECEIPT_SECONDS
            return _RECEIPT if usual else [Stage(outcome.receipt_after, receive_receipt)]
    return END


def _receive_receipt(ctx: Context, whatsapp: WhatsApp) -> bool:
    """Return whether the message arrived."""
    error = outcomes.of(whatsapp.recipient).delivery_error
    changed = replace(whatsapp, to_phone="failed" if error else "confirmed", delivery_error=error)
    _note(ctx, changed, "undelivered" if error else "delivered")
    return not error


def _note(ctx: Context, whatsapp: WhatsApp, status: str) -> None:
    ctx.store[WhatsApp].put(whatsapp)
    ctx.mark(whatsapp.captured, status)
    shown.emit(ctx, status, whatsapp)


def _sender(ctx: Context, text: str) -> str:
    if not text:
        raise errors.MISSING(name="from")
    number = phones.read(text)
    if number is None or (ctx.strict and number.digits != REGISTERED):
        raise errors.UNKNOWN_SENDER()
    return number.digits


def _file(ctx: Context, name: str) -> File:
    file = ctx.store[File].get(name)
    if file is None:
        raise errors.UNKNOWN_FILE(name=name)
    return file


def _sent(whatsapp: WhatsApp) -> SentWhatsApp:
    response: SentWhatsApp = {
        "messageId": whatsapp.id,
        "contactId": whatsapp.contact,
        "to": whatsapp.recipient,
        "message": whatsapp.message,
        "deliveryDeadline": times.stamp(whatsapp.deadline),
    }
    if whatsapp.content:
        response["content"] = orjson.loads(whatsapp.content)
    return response


def _message(whatsapp: WhatsApp, files: list[File]) -> Message:
    metadata: dict[str, Any] = {"contactId": whatsapp.contact}
    if whatsapp.content:
        metadata["content"] = orjson.Fragment(whatsapp.content)
    return Message(
        channel="whatsapp",
        vendor_id=whatsapp.id,
        sender=whatsapp.sender,
        to=whatsapp.recipient,
        text=whatsapp.message,
        attachments=tuple(Attachment(file.title, file.type, file.data) for file in files),
        metadata=dumps(metadata),
    )
