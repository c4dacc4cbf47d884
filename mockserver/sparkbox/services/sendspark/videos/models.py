"""Renders: the videos that are made together."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

Status = Literal["saved", "queued", "videotrimmed", "lipsynced", "processing", "completed", "errored"]


class Render(Record, frozen=True, gc=False, kw_only=True):
    """Videos that are rendered together; ``keys`` are their prospects until the render is done.

    ``site`` is the base URL of their pages. Times are Unix seconds on the account's clock.
    """

    id: int
    campaign: str
    bulk: str
    keys: tuple[str, ...]
    began: float
    seconds: float
    site: str
    fails: bool
    status: Status = "saved"
    updated: float = 0.0
