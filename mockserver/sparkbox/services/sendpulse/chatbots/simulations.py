"""Simulations of what people do in the messengers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context

from . import contacts, errors
from .channels import CHANNELS
from .models import Bot

operations = Operations("Chatbot simulations", evidence="assumed")


Messenger = Literal["facebook", "instagram", "telegram", "whatsapp", "tiktok", "viber", "live_chat"]


class NewContact(Body):
    """``bot_id``: the messenger's first bot if left out."""

    messenger: Messenger
    name: str = "Eve Adams"
    bot_id: str | None = None
    tags: list[str] = Field(default_factory=list)
    variables: dict[str, str | int | float | bool] = Field(default_factory=dict)


class AddedContact(TypedDict):
    contact: dict[str, Any]


@operations.post("/chatbot-contact", errors=[errors.BOT_NOT_FOUND])
def add_chatbot_contact(ctx: Context, body: NewContact) -> AddedContact:
    """Add a contact to a messenger's bot, as when somebody begins a chat with it."""
    channel = next(channel for channel in CHANNELS if channel.name == body.messenger)
    bot_id = body.bot_id or next(bot.id for bot in ctx.store[Bot, channel.name].values())
    bot = contacts.find_bot(ctx, channel, bot_id)
    contact = contacts.add(ctx.store, ctx.ids, ctx.now, channel, bot, body.name, body.variables)
    return {"contact": contacts.fields(contacts.tag(ctx.store, ctx.ids, ctx.now, channel, contact, body.tags))}
