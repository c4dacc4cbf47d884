"""Events: what happened to the messages, in the order in which it happened.

Metrics, event searches, webhooks, messages and the dashboard all read this one log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import orjson
from typing_extensions import TypedDict

from ..request.http import to_json
from ..state.clock import iso
from .buffer import Pending

T = TypeVar("T")


OWN_BYTES = 200
"""Bytes that an event is counted with beside its data."""


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

    @property
    def size(self) -> int:
        """Bytes that this event is counted with."""
        return OWN_BYTES + len(self.data)

    def json(self) -> Any:
        return orjson.loads(self.data)

    def digested(self, digest: Callable[[Event], T]) -> T:
        """Return what ``digest`` makes of this event: a small thing that is made once and forgotten with the event.

        For the one reader of a service that reads the whole log again and again.
        """
        if self.digest is None:
            msgspec.structs.force_setattr(self, "digest", digest(self))
        return self.digest  # type: ignore[no-any-return]


class PendingEvent(Pending, frozen=True, gc=False, kw_only=True):
    """An event whose data is written when somebody looks at it."""

    time: float
    service: str
    account: str
    type: str
    message: int

    @property
    def data(self) -> Any:
        """What is written, a JSON object."""
        raise NotImplementedError

    def made(self, number: int) -> Event:
        return Event(number, self.time, self.service, self.account, self.type, self.message, to_json(self.data))


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
