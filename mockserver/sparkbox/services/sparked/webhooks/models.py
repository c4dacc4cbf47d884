"""The integration's webhooks."""

from __future__ import annotations

from sparkbox.core.state.store import Record


class Subscription(Record, frozen=True, gc=False):
    """A webhook of the integration."""

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    description: str
    active: bool
    time: float
