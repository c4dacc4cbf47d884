"""The slots of a content plan."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

from ..times import MINUTE

Status = Literal["draft", "scheduled", "published"]
Origin = Literal["creator", "partner"]


class Slot(Record, frozen=True, gc=False):
    """One slot of a plan; ``time`` is when it will be published."""

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
        """Return what no two slots of a plan may share: platform and minute."""
        return self.platform, int(self.time // MINUTE)
