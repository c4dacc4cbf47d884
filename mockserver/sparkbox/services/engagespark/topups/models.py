"""Top-ups."""

from __future__ import annotations

from sparkbox.core.state.store import Record


class TopUp(Record, frozen=True, gc=False):
    """A top-up; ``price`` is in micro-dollars, charged with the request and refunded if it fails."""

    most = 100_000

    number: int
    id: str
    created: float
    recipient: str
    contact: int
    amount: int
    currency: str
    price: int
    client_ref: str = ""
    results_url: str = ""
    tries: int = 0
    done: bool = False
    success: bool = False
    error: str = ""
    captured: int = 0

    @property
    def key(self) -> int:
        return self.number
