"""What happens to an organization from outside, or in the vendor's web application: the control API brings it about.

Somebody writes an SMS or a WhatsApp message, which then arrives at the address configured for it; money is added;
a campaign is made, stopped or closed. The vendor publishes no payload for what it forwards, so it is the message as the
API shows it. https://www.engagespark.com/support/phone-numbers-incoming-sms-rules/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace

from . import errors, phones
from .accounts import balance
from .accounts.balance import Balance
from .accounts.money import MICRO
from .campaigns import runs
from .campaigns.runs import Campaign, State
from .contacts import address_book as book
from .contacts.address_book import Contact
from .fields import Fields, Long, Short, SureId, Url
from .files.files import File
from .messages import outbox, whatsapp
from .messages.outbox import Sms, SmsFields
from .messages.whatsapp import WhatsApp, WhatsAppFields

SMS_NUMBER = "639189990001"
"""The organization's number for incoming SMS."""

STOP_WORDS = frozenset({"stop", "unsubscribe"})

operations = Operations("Simulations", evidence="assumed")


class Hooks(Record, frozen=True, gc=False):
    """Where incoming messages are forwarded to; there is one. Empty: nowhere."""

    sms: str = ""
    whatsapp: str = ""

    @property
    def key(self) -> str:
        return "hooks"


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


class BalanceChanges(Fields):
    balance_micro: Annotated[int | None, Field(ge=0, le=10**15)] = None
    auto_recharge: bool | None = None
    auto_recharge_threshold: Annotated[float | None, Field(ge=0, le=10**9)] = None
    auto_recharge_amount: Annotated[float | None, Field(ge=0, le=10**9)] = None


class CampaignChanges(Fields):
    id: SureId
    name: Short | None = None
    message: Long | None = None
    sender: Annotated[Short | None, Field(alias="from")] = None
    state: State | None = None
    open: bool | None = None


class HookFields(TypedDict):
    sms: str
    whatsapp: str


class CampaignFields(TypedDict):
    id: int
    name: str
    message: str
    state: str
    open: bool


@operations.post("/inbound-sms", errors=[errors.INVALID_NUMBER, errors.INVALID_PUSH_URL])
def inbound_sms(ctx: Context, body: Incoming) -> SmsFields:
    """Somebody sends an SMS to the organization; it is forwarded to the address configured for SMS.

    An unknown number becomes a contact. ``STOP`` ends all of the contact's subscriptions.
    """
    contact, url = _writer(ctx, body), _url(ctx, body, "sms")
    number = ctx.store[Sms].next_id()
    sms = Sms(
        number, outbox.new_id(ctx, number), ctx.now, contact.number, body.to or SMS_NUMBER, contact.id, body.message,
        ingress=True, done=True,
    )  # fmt: skip
    ctx.store[Sms].put(sms)
    _receive(ctx, contact, body.message)
    shown = outbox.view(sms)
    _forward(ctx, url, "inbound_sms", shown)
    return shown


@operations.post("/inbound-whatsapp", errors=[errors.INVALID_NUMBER, errors.INVALID_PUSH_URL, errors.UNKNOWN_FILE])
def inbound_whatsapp(ctx: Context, body: IncomingWhatsApp) -> WhatsAppFields:
    """Somebody sends a WhatsApp message to the organization; it is forwarded to the address configured for WhatsApp.

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
    shown = whatsapp.view(received)
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


@operations.post("/balance")
def set_balance(ctx: Context, body: BalanceChanges) -> Balance:
    """Set the balance, and whether and how it is recharged; amounts and threshold are in dollars."""
    now = balance.wallet(ctx)
    changed = replace(
        now,
        micro=now.micro if body.balance_micro is None else body.balance_micro,
        auto_recharge=now.auto_recharge if body.auto_recharge is None else body.auto_recharge,
        threshold=_micro(body.auto_recharge_threshold, now.threshold),
        amount=_micro(body.auto_recharge_amount, now.amount),
    )
    ctx.store[balance.Wallet].put(changed)
    return balance.view(changed)


@operations.post("/campaign")
def set_campaign(ctx: Context, body: CampaignChanges) -> CampaignFields:
    """Make a campaign, or change one: its text, its sender, whether it is launched or stopped, and open."""
    known = ctx.store[Campaign].get(body.id)
    before = known if known is not None else Campaign(body.id, f"Campaign {body.id}", "Hello {{contact.firstName}}")
    campaign = replace(
        before,
        name=before.name if body.name is None else body.name,
        message=before.message if body.message is None else body.message,
        sender=before.sender if body.sender is None else body.sender,
        state=before.state if body.state is None else body.state,
        open=before.open if body.open is None else body.open,
    )
    ctx.store[Campaign].put(campaign)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "message": campaign.message,
        "state": campaign.state,
        "open": campaign.open,
    }


def _writer(ctx: Context, body: Incoming) -> Contact:
    number = phones.read(body.sender)
    if number is None:
        raise errors.INVALID_NUMBER()
    return book.with_number(ctx, number)


def _url(ctx: Context, body: Incoming, channel: str) -> str:
    url: str = body.url or getattr(_hooks(ctx), channel)
    outbox.check_push_url(ctx, "url", url)
    return url


def _receive(ctx: Context, contact: Contact, message: str) -> None:
    book.use(ctx, contact)
    if message.strip().lower() in STOP_WORDS:
        runs.unsubscribe_everywhere(ctx, contact.id)


def _forward(ctx: Context, url: str, event: str, shown: Mapping[str, Any]) -> None:
    ctx.emit("received", dict(shown))
    if url:
        ctx.post(url, dumps(shown), retries=outbox.PUSH_RETRIES, event=event)


def _hooks(ctx: Context) -> Hooks:
    return ctx.store[Hooks].get("hooks") or Hooks()


def _micro(dollars: float | None, before: int) -> int:
    return before if dollars is None else round(dollars * MICRO)
