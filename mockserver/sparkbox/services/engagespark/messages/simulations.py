"""Simulations of people who write to the organization; their messages are forwarded to the configured addresses.

The vendor publishes no payload for what it forwards, so it is the message as the API shows it.
https://www.engagespark.com/support/phone-numbers-incoming-sms-rules/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors, phones
from ..campaigns import runs
from ..contacts import address_book
from ..contacts.models import Contact
from ..fields import Fields, Long, Short, Url
from ..files.models import File
from . import outbox, shown_sms, shown_whatsapp, whatsapp
from .models import Hooks, Sms, WhatsApp
from .shown_sms import SmsFields
from .shown_whatsapp import WhatsAppFields

SMS_NUMBER = "639189990001"
"""The organization's number for incoming SMS."""

STOP_WORDS = frozenset({"stop", "unsubscribe"})

operations = Operations("Simulations", evidence="assumed")


class Incoming(Fields):
    """``url`` is for this message alone; without it, the configured one counts."""

    sender: Annotated[Short, Field(alias="from")]
    to: Short = ""
    message: Long = ""
    url: Url = ""


class IncomingLocation(Fields):
    latitude: Short = ""
    longitude: Short = ""
    address: Short = ""
    label: Short = ""


class IncomingWhatsApp(Incoming):
    """Files are names of uploaded ones."""

    image: Short = ""
    audio: Short = ""
    video: Short = ""
    document: Short = ""
    location: IncomingLocation | None = None


class HookChanges(Fields):
    sms: Url | None = None
    whatsapp: Url | None = None


class HookFields(TypedDict):
    sms: str
    whatsapp: str


@operations.post("/inbound-sms", errors=[errors.INVALID_NUMBER, errors.INVALID_PUSH_URL])
def inbound_sms(ctx: Context, body: Incoming) -> SmsFields:
    """Receive an SMS from somebody, and forward it to the address configured for SMS.

    An unknown number becomes a contact. ``STOP`` ends all of the contact's subscriptions.
    """
    contact, url = _writer(ctx, body), _url(ctx, body, "sms")
    number = ctx.store[Sms].next_id()
    sms = Sms(
        number,
        outbox.new_id(ctx, number),
        ctx.now,
        contact.number,
        body.to or SMS_NUMBER,
        contact.id,
        body.message,
        ingress=True,
        done=True,
    )
    ctx.store[Sms].put(sms)
    _receive(ctx, contact, body.message)
    shown = shown_sms.view(sms)
    _forward(ctx, url, "inbound_sms", shown)
    return shown


@operations.post("/inbound-whatsapp", errors=[errors.INVALID_NUMBER, errors.INVALID_PUSH_URL, errors.UNKNOWN_FILE])
def inbound_whatsapp(ctx: Context, body: IncomingWhatsApp) -> WhatsAppFields:
    """Receive a WhatsApp message from somebody, and forward it to the address configured for WhatsApp.

    It may carry uploaded files and a location. From then on the contact counts as ready for WhatsApp.
    """
    contact, url = _writer(ctx, body), _url(ctx, body, "whatsapp")
    for name in filter(None, (body.image, body.audio, body.video, body.document)):
        if ctx.store[File].get(name) is None:
            raise errors.UNKNOWN_FILE(name=name)
    number = ctx.store[WhatsApp].next_id()
    received = WhatsApp(
        number,
        whatsapp.new_id(ctx, number),
        ctx.now,
        contact.number,
        body.to or whatsapp.REGISTERED,
        contact.id,
        body.message,
        ingress=True,
        done=True,
        images=tuple(filter(None, [body.image])),
        audios=tuple(filter(None, [body.audio])),
        videos=tuple(filter(None, [body.video])),
        documents=tuple(filter(None, [body.document])),
        location=b"" if body.location is None else dumps(body.location.model_dump()),
    )
    ctx.store[WhatsApp].put(received)
    _receive(ctx, replace(contact, with_bsuid=True), body.message)
    shown = shown_whatsapp.view(received)
    _forward(ctx, url, "inbound_whatsapp", shown)
    return shown


@operations.post("/webhooks", errors=[errors.INVALID_PUSH_URL])
def configure_webhooks(ctx: Context, body: HookChanges) -> HookFields:
    """Set where incoming SMS and WhatsApp messages are forwarded to; an empty address forwards nothing."""
    hooks = _hooks(ctx)
    changed = Hooks(
        hooks.sms if body.sms is None else body.sms, hooks.whatsapp if body.whatsapp is None else body.whatsapp
    )
    outbox.check_push_url(ctx, "sms", changed.sms)
    outbox.check_push_url(ctx, "whatsapp", changed.whatsapp)
    ctx.store[Hooks].put(changed)
    return {"sms": changed.sms, "whatsapp": changed.whatsapp}


def _writer(ctx: Context, body: Incoming) -> Contact:
    number = phones.read(body.sender)
    if number is None:
        raise errors.INVALID_NUMBER()
    return address_book.with_number(ctx, number)


def _url(ctx: Context, body: Incoming, channel: str) -> str:
    url: str = body.url or getattr(_hooks(ctx), channel)
    outbox.check_push_url(ctx, "url", url)
    return url


def _receive(ctx: Context, contact: Contact, message: str) -> None:
    address_book.use(ctx, contact)
    if message.strip().lower() in STOP_WORDS:
        runs.unsubscribe_everywhere(ctx, contact.id)


def _forward(ctx: Context, url: str, event: str, shown: Mapping[str, Any]) -> None:
    ctx.emit("received", dict(shown))
    if url:
        ctx.post(url, dumps(shown), retries=outbox.PUSH_RETRIES, event=event)


def _hooks(ctx: Context) -> Hooks:
    return ctx.store[Hooks].get("hooks") or Hooks()
