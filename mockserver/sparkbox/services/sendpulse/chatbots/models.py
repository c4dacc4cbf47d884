"""The records of chatbots."""

from __future__ import annotations

from sparkbox.core.state.ids import Ids
from sparkbox.core.state.store import Record


class Bot(Record, frozen=True, gc=False):
    """A bot of a messenger; kept under ``store[Bot, channel]``."""

    id: str
    name: str
    created: float


class Contact(Record, frozen=True, gc=False, kw_only=True):
    """A subscriber of a bot, 1 active; kept under ``store[Contact, channel]``.

    ``channel_data``, ``more`` (the fields that only its channel has) and ``variables`` are JSON objects.
    """

    id: str
    bot_id: str
    created: float
    channel_data: bytes
    more: bytes
    variables: bytes
    tags: tuple[str, ...] = ()
    status: int = 1


class Tag(Record, frozen=True, gc=False):
    """A tag of a bot, and how many contacts have it; kept under ``store[Tag, bot_id]``."""

    id: str
    name: str
    created: float
    contacts: int = 0

    @property
    def key(self) -> str:
        return self.name


def object_id(ids: Ids, now: float) -> str:
    """Return a new id: 24 hex digits that begin with the time, as MongoDB's do."""
    return f"{int(now):08x}{ids.hex(16)}"
