"""The slots of a content plan."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

from ..times import MINUTE

Status = Literal["draft", "scheduled", "published"]
Origin = Literal["creator", "partner"]


class Slot(Record, frozen=True, gc=False):
    """One place in a plan; ``time`` is when it is to be published."""

    most = 5_000

    id: str
    time: float
    platform: str
    content_type: str
    title: str
    caption: str
    status: Status
    origin: Origin
    created: float
    asset_ids: tuple[str, ...] = ()
    published: float | None = None
    post_url: str = ""

    @property
    def minute(self) -> tuple[str, int]:
        """What no two slots of a plan may share."""
        return self.platform, int(self.time // MINUTE)
