"""Tags of contacts. A contact's chat shows them, and campaigns choose by them.

https://sendpulse.com/integrations/api/chatbot. Quirks that clients show: contacts by tag come newest first, and with
the number of all of them as ``meta``, which is in no document.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.family import Family
from sparkbox.core.declare.paging import ROWS_A_STEP
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chosen

from ..times import zoned
from . import contacts, errors
from .channels import CHANNELS, Channel
from .models import Contact, Tag
from .paging import PageQuery

C = TypeVar("C")
Text = Annotated[str, Field(min_length=1, max_length=255)]


class TagsToAssign(Body):
    contact_id: Text
    tags: Annotated[list[Text], Field(min_length=1)]


class TagToRemove(Body):
    contact_id: Text
    tag: Text


class TagsQuery(PageQuery):
    bot_id: Text


class ContactsQuery(TagsQuery):
    tag: Text


class TagFields(TypedDict):
    id: str
    name: str
    contact_count: int
    created_at: str


class Total(TypedDict):
    total: int


class ContactPage(TypedDict, Generic[C]):
    success: Literal[True]
    data: list[C]
    meta: Total


def page_of(contact: Any) -> Any:
    """Return the shape of a page of contacts."""
    shape: Any = ContactPage
    return shape[contact]


TAGS = Family(
    "channel",
    CHANNELS,
    group=lambda channel: f"{channel.title} tags",
    docs=lambda channel: channel.docs,
)


@TAGS.post(
    "/messenger/contacts/setTag",
    "/instagram/contacts/setTag",
    "/telegram/contacts/setTag",
    "/whatsapp/contacts/setTag",
    "/tiktok/contacts/setTag",
    "/viber/chatbots/contacts/setTag",
    "/live-chat/contacts/setTag",
    errors=[errors.CONTACT_NOT_FOUND],
)
def assign_tags(ctx: Context, channel: Channel, body: TagsToAssign) -> bool:
    """Assign a tag to a contact."""
    contact = contacts.find(ctx, channel, body.contact_id)
    contacts.tag(ctx.store, ctx.ids, ctx.now, channel, contact, (*contact.tags, *body.tags))
    return True


@TAGS.post(
    "/messenger/contacts/deleteTag",
    "/instagram/contacts/deleteTag",
    "/telegram/contacts/deleteTag",
    "/whatsapp/contacts/deleteTag",
    "/tiktok/contacts/deleteTag",
    "/viber/chatbots/contacts/deleteTag",
    "/live-chat/contacts/deleteTag",
    errors=[errors.CONTACT_NOT_FOUND],
)
def remove_tag(ctx: Context, channel: Channel, body: TagToRemove) -> bool:
    """Remove a tag from a contact."""
    contact = contacts.find(ctx, channel, body.contact_id)
    contacts.tag(ctx.store, ctx.ids, ctx.now, channel, contact, (tag for tag in contact.tags if tag != body.tag))
    return True


@TAGS.get(
    "/messenger/tags",
    "/instagram/tags",
    "/telegram/tags",
    "/whatsapp/tags",
    "/tiktok/tags",
    "/viber/chatbots/tags",
    "/live-chat/tags",
    errors=[errors.BOT_NOT_FOUND],
)
def list_tags(ctx: Context, channel: Channel, query: TagsQuery) -> list[TagFields]:
    """Get a list of tags."""
    bot = contacts.find_bot(ctx, channel, query.bot_id)
    return [
        {"id": tag.id, "name": tag.name, "contact_count": tag.contacts, "created_at": zoned(tag.created)}
        for tag in query.page_of(ctx.store[Tag, bot.id])
    ]


@TAGS.get(
    "/messenger/contacts/getByTag",
    "/instagram/contacts/getByTag",
    "/telegram/contacts/getByTag",
    "/whatsapp/contacts/getByTag",
    "/tiktok/contacts/getByTag",
    "/viber/chatbots/contacts/getByTag",
    "/live-chat/contacts/getByTag",
    errors=[errors.BOT_NOT_FOUND],
    returns=lambda channel: Steps[page_of(channel.contact)],  # type: ignore[misc]
    bare=True,
)
def list_contacts_by_tag(ctx: Context, channel: Channel, query: ContactsQuery) -> Steps[ContactPage[Any]]:
    """Get a list of contacts by tag."""
    bot = contacts.find_bot(ctx, channel, query.bot_id)

    def has_tag(contact: Contact) -> bool:
        return contact.bot_id == bot.id and query.tag in contact.tags

    found = yield from chosen(ctx.store[Contact, channel.name].page(newest=True), has_tag, size=ROWS_A_STEP)
    return {"success": True, "data": list(map(contacts.fields, query.page(found))), "meta": {"total": len(found)}}
