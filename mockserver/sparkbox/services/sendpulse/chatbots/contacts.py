"""The contacts of bots: found, added, shown, tagged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.store import Store, replace

from ..times import zoned
from . import errors
from .channels import Channel
from .models import Bot, Contact, Tag, object_id


def find_bot(ctx: Context, channel: Channel, id: str) -> Bot:
    """Return a bot of a messenger."""
    bot = ctx.store[Bot, channel.name].get(id)
    if bot is None:
        raise errors.BOT_NOT_FOUND()
    return bot


def find(ctx: Context, channel: Channel, id: str) -> Contact:
    """Return a contact of a messenger."""
    contact = ctx.store[Contact, channel.name].get(id)
    if contact is None:
        raise errors.CONTACT_NOT_FOUND()
    return contact


def add(store: Store, ids: Ids, now: float, channel: Channel, bot: Bot, name: str, variables: Any = None) -> Contact:
    """Add somebody who wrote to a bot; the platform's id of theirs, on WhatsApp a phone number, is made up."""
    number, (first, _, last) = int(ids.digits(11)), name.partition(" ")
    login = name.lower().replace(" ", ".")
    values = {
        "id": number, "phone": number, "telegram_id": str(number), "conversation_id": number,
        "name": name, "full_name": name, "display_name": name, "first_name": first, "last_name": last or None,
        "user_name": login, "username": login, "country": "US", "language": "en", "online": False,
    }  # fmt: skip
    contact = Contact(
        id=object_id(ids, now),
        bot_id=bot.id,
        created=now,
        channel_data=dumps(channel.data_of(values)),
        more=dumps(channel.more_of(values)),
        variables=dumps(variables or {}),
    )
    store[Contact, channel.name].put(contact)
    return contact


def tag(store: Store, ids: Ids, now: float, channel: Channel, contact: Contact, tags: Iterable[str]) -> Contact:
    """Give a contact these tags and no others. A tag that its bot does not have yet comes into being."""
    known, changed = store[Tag, contact.bot_id], tuple(dict.fromkeys(tags))
    for name in dict.fromkeys((*contact.tags, *changed)):
        change = (name in changed) - (name in contact.tags)
        before = known.get(name) or Tag(object_id(ids, now), name, now)
        known.put(replace(before, contacts=before.contacts + change))
    contact = replace(contact, tags=changed)
    store[Contact, channel.name].put(contact)
    return contact


def fields(contact: Contact) -> dict[str, Any]:
    """Return a contact as responses have it."""
    return {
        "id": contact.id,
        "bot_id": contact.bot_id,
        "status": contact.status,
        "channel_data": orjson.loads(contact.channel_data),
        "tags": list(contact.tags),
        "variables": orjson.loads(contact.variables),
        "is_chat_opened": True,
        "last_activity_at": zoned(contact.created),
        "automation_paused_until": None,
        "created_at": zoned(contact.created),
        **orjson.loads(contact.more),
    }
