"""Facts: what happened to what was sent, in the order in which it happened.

Metrics, event searches, webhooks, messages and the dashboard all read this one log.
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from typing_extensions import TypedDict

from .clock import iso


class Event(msgspec.Struct, frozen=True, gc=False):
    """One fact. ``type`` is the service's own name for it, ``message`` the number of the captured message (0: none)."""

    number: int
    time: float
    service: str
    account: str
    type: str
    message: int
    data: bytes
    """A JSON object: whatever the service wants to know of this fact later."""

    def json(self) -> Any:
        return orjson.loads(self.data)


class EventView(TypedDict):
    """An event as it is shown; ``message`` is the captured message's id."""

    id: str
    time: str
    service: str
    account: str
    type: str
    message: str | None
    data: dict[str, Any]


def view(event: Event) -> EventView:
    """The event as ``/_mock/events`` shows it."""
    return {
        "id": str(event.number),
        "time": iso(event.time),
        "service": event.service,
        "account": event.account,
        "type": event.type,
        "message": str(event.message) if event.message else None,
        "data": event.json(),
    }
