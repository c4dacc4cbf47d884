"""The records of visits to share pages."""

from __future__ import annotations

from sparkbox.core.state.store import Record


class Engagement(Record, frozen=True, gc=False):
    """Counts of one prospect's page; ``watched`` is the highest percentage watched."""

    prospect: str
    views: int = 0
    plays: int = 0
    clicks: int = 0
    watched: int = 0
    liked: bool = False

    @property
    def key(self) -> str:
        return self.prospect
