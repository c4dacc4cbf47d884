"""Adding e-mails to a mailing list, with or without a double opt-in."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, FailFast, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chunks, collected
from sparkbox.core.state.store import replace
from sparkbox.mail.message import MailMessage

from .. import addresses, errors
from ..accounts import plans
from ..requests.fields import Email, InvalidText, Listed, Packed, invalid, one_of
from . import contacts, links, senders
from .models import CONFIRMATION_REQUESTED, NEW, Contact, MailingList, Variables

EMAILS_A_STEP = 200
SURVEYED_A_STEP = 5000
ENTRIES_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "anyOf": [
            {"type": "string", "format": "email"},
            {
                "type": "object",
                "required": ["email"],
                "properties": {"email": {"type": "string", "format": "email"}, "variables": {"type": "object"}},
            },
        ]
    },
}

TAGS_SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
_TAGS = TypeAdapter(Annotated[list[int], FailFast()])


class Entry(NamedTuple):
    """An e-mail to add."""

    email: str
    variables: Variables
    phone: str | None


def read_tags(value: list[Any]) -> list[int]:
    """Read the ids of tags."""
    try:
        return _TAGS.validate_python(value)
    except ValidationError:
        raise invalid(name="tags") from None


class NewEmails(Body):
    """With ``confirmation`` each address gets a mail from ``sender_email`` with a link to confirm."""

    emails: Annotated[list[Any], Listed, WithJsonSchema(ENTRIES_SCHEMA)]
    confirmation: Annotated[str, one_of("force")] | None = None
    sender_email: Email | None = None
    template_id: InvalidText | None = None
    message_lang: InvalidText | None = None
    disable_webhook: bool | None = None
    dont_update: bool | None = None
    check_emails: bool | None = None
    tags: Annotated[list[Any], AfterValidator(read_tags), WithJsonSchema(TAGS_SCHEMA), Packed] | None = None


def read_entries(value: list[Any]) -> Steps[list[Entry]]:
    """Read ``["a@example.com"]`` or ``[{"email", "variables"}]``."""
    if not value:
        raise errors.ARGUMENT_MISSING(name="emails")
    return (yield from collected(map(_read_entry, value), EMAILS_A_STEP))


def opt_in_sender(ctx: Context, body: NewEmails) -> str | None:
    """Return the sender of the confirmation mails; ``None`` without confirmation."""
    if body.confirmation is None:
        return None
    if body.sender_email is None:
        raise errors.ARGUMENT_MISSING(name="sender_email")
    if ctx.strict and not senders.is_active(ctx, body.sender_email):
        raise errors.OPT_IN_SENDER_NOT_FOUND()
    return body.sender_email


def survey(ctx: Context, list_id: int, entries: list[Entry]) -> Steps[tuple[int, set[str]]]:
    """Return how many of the e-mails are new to a list, and the names of all variables."""
    listed = ctx.store[Contact, list_id]
    new, names = set[str](), set[str]()
    for start, some in chunks(entries, SURVEYED_A_STEP):
        if start:
            yield
        new.update(entry.email for entry in some if listed.get(entry.email) is None)
        names.update(name for entry in some for name in entry.variables)
    return len(new), names


def check_plan(ctx: Context, list_id: int, body: NewEmails, added: int) -> None:
    """Raise an error if the plan has no room for so many new e-mails, or no tags."""
    plans.check_budget(ctx, ctx.store[Contact, list_id], added)
    plan = plans.current(ctx)
    if not plan.metered:
        return
    tags_denied = bool(body.tags) and plan.category == "free"
    if tags_denied or contacts.subscribers(ctx) + added > plans.MOST_SUBSCRIBERS[plan.category]:
        raise errors.PLAN_DENIED()


def add(ctx: Context, mailing_list: MailingList, entry: Entry, body: NewEmails, sender: str | None) -> None:
    """Add an e-mail, or update it; with a ``sender`` it gets a link to confirm."""
    known = ctx.store[Contact, mailing_list.id].get(entry.email)
    if known is not None and body.dont_update:
        return
    variables = contacts.learn(ctx, mailing_list.id, entry.variables, entry.phone)
    contact = contacts.update(known or Contact(entry.email, ctx.now), variables, entry.phone)
    if body.tags:
        contact = replace(contact, tags=tuple(dict.fromkeys((*contact.tags, *body.tags))))
    if sender is not None and contact.status in (NEW, CONFIRMATION_REQUESTED):
        contact = replace(contact, status=CONFIRMATION_REQUESTED)
        _mail_link(ctx, mailing_list, contact, sender)
    contacts.keep(ctx, mailing_list.id, contact)
    if known is None and not body.disable_webhook:
        contacts.emit_new(ctx, mailing_list.id, entry.email, variables)


def _read_entry(item: Any) -> Entry:
    try:
        if not isinstance(item, (str, dict)):
            raise invalid(name="emails")
        fields: dict[str, Any] = item if isinstance(item, dict) else {"email": item}
        email = addresses.read(fields.get("email"))
        if email is None:
            raise invalid(name="email")
        variables = contacts.read_variables(fields.get("variables") or {}, "emails.*.variables")
    except PydanticCustomError as error:
        raise errors.ARGUMENT_INVALID(**(error.context or {})) from None
    return Entry(email, variables, contacts.take_phone(variables))


def _mail_link(ctx: Context, mailing_list: MailingList, contact: Contact, sender: str) -> None:
    link = links.make(ctx, "subscribe", contact.email, mailing_list.id)
    ctx.capture(
        MailMessage(
            sender=sender,
            to=contact.email,
            subject="Please confirm your subscription",
            text=f"Confirm that you want to get {mailing_list.name}:\n\n{link}\n",
            metadata=dumps({"book_id": mailing_list.id, "confirmation_url": link}),
            status="delivered",
        )
    )
