"""The messengers: a row for each, with everything that differs between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

from typing_extensions import TypedDict

D = TypeVar("D")


class FacebookData(TypedDict):
    id: str
    name: str
    first_name: str
    last_name: str | None
    profile_pic: str | None
    locale: str | None
    gender: str | None


class InstagramData(TypedDict):
    id: int
    user_name: str | None
    first_name: str
    last_name: str | None
    name: str
    profile_pic: str | None


class TelegramData(TypedDict):
    username: str | None
    first_name: str
    last_name: str | None
    name: str
    language_code: str | None


class WhatsAppData(TypedDict):
    """Documented as Telegram's; these are recorded.

    https://github.com/Sudo-psc/svlentes-hero-shop/blob/main/SENDPULSE_INTEGRATION_NOTES.md
    """

    phone: int
    name: str


class TikTokData(TypedDict):
    id: str
    conversation_id: str
    display_name: str
    username: str
    profile_image: str | None


class ViberData(TypedDict):
    id: int
    name: str | None
    avatar: str | None
    country: str
    language: str


class LiveChatData(TypedDict):
    id: int
    full_name: str
    url: str | None
    lang: str | None


class ContactFields(TypedDict, Generic[D]):
    id: str
    bot_id: str
    status: int
    channel_data: D
    tags: list[str]
    variables: dict[str, Any]
    is_chat_opened: bool
    last_activity_at: str
    automation_paused_until: str | None
    created_at: str


class InstagramContact(ContactFields[InstagramData]):
    """Has no fields of its own."""


class WhatsAppContact(ContactFields[WhatsAppData]):
    """Has no fields of its own."""


class TikTokContact(ContactFields[TikTokData]):
    """Has no fields of its own."""


class ViberContact(ContactFields[ViberData]):
    """Has no fields of its own."""


class FacebookContact(ContactFields[FacebookData]):
    unsubscribed_at: str | None


class TelegramContact(ContactFields[TelegramData]):
    telegram_id: str


class LiveChatContact(ContactFields[LiveChatData]):
    online: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A messenger: its paths begin with ``prefix``."""

    name: str
    title: str
    prefix: str
    channel_data: type
    contact: Any
    """The shape of its contacts, which have that ``channel_data``."""
    page: str
    """Its page of the vendor's documentation."""

    @property
    def docs(self) -> str:
        return f"https://sendpulse.com/integrations/api/chatbot/{self.page}"

    def data_of(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return those of a person's values that a contact has as ``channel_data``; its id may be text or a number."""
        hints = _hints(self.channel_data).items()
        return {name: str(values[name]) if hint is str else values.get(name) for name, hint in hints}

    def more_of(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return those of a person's values that only this channel's contacts have as fields of their own."""
        return {name: values.get(name) for name in _hints(self.contact) if name not in _hints(ContactFields)}


@cache
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


FACEBOOK = Channel("facebook", "Facebook Messenger", "/messenger", FacebookData, FacebookContact, "facebook")
INSTAGRAM = Channel("instagram", "Instagram", "/instagram", InstagramData, InstagramContact, "instagram")
TELEGRAM = Channel("telegram", "Telegram", "/telegram", TelegramData, TelegramContact, "telegram")
WHATSAPP = Channel("whatsapp", "WhatsApp", "/whatsapp", WhatsAppData, WhatsAppContact, "whatsapp")
TIKTOK = Channel("tiktok", "TikTok", "/tiktok", TikTokData, TikTokContact, "tiktok")
VIBER = Channel("viber", "Viber", "/viber/chatbots", ViberData, ViberContact, "viber")
LIVE_CHAT = Channel("live_chat", "Live chat", "/live-chat", LiveChatData, LiveChatContact, "live-chat")
CHANNELS = (FACEBOOK, INSTAGRAM, TELEGRAM, WHATSAPP, TIKTOK, VIBER, LIVE_CHAT)
