"""Events: what happened to the messages, in the order in which it happened.

Metrics, event searches, webhooks, messages and the dashboard all read this one log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import orjson
from typing_extensions import TypedDict

from ..state.clock import iso

T = TypeVar("T")


class Event(msgspec.Struct, frozen=True, gc=False):
    """``type`` is the service's own name for the event, ``message`` the number of the captured message (0: none)."""

    number: int
    time: float
    service: str
    account: str
    type: str
    message: int
    data: bytes
    """A JSON object: whatever the service wants to know of this event later."""
    digest: Any = None
    """The part that :meth:`digested` keeps."""

    def json(self) -> Any:
        return orjson.loads(self.data)

    def digested(self, digest: Callable[[Event], T]) -> T:
        """Return what ``digest`` makes of this event: a small thing that is made once and forgotten with the event.

        For the one reader of a service that reads the whole log again and again.
        """
        if self.digest is None:
            msgspec.structs.force_setattr(self, "digest", digest(self))
        return self.digest  # type: ignore[no-any-return]


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
    """Return the event as ``/_mock/events`` shows it."""
    return {
        "id": str(event.number),
        "time": iso(event.time),
        "service": event.service,
        "account": event.account,
        "type": event.type,
        "message": str(event.message) if event.message else None,
        "data": event.json(),
    }
