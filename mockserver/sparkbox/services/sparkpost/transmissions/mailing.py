"""A mailing: what all messages of one transmission have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..templates.parts import Content


class Mailing(msgspec.Struct, gc=False):
    """How the messages of a transmission are sent. Each message keeps it, so it holds only plain values."""

    id: str
    template_id: str
    template_version: str = "0"
    subaccount: int = 0
    campaign_id: str = ""
    return_path: str = ""
    sender: tuple[str, str] | None = None
    """Address and name (empty: the content's) that override the content's."""
    reply_to: str = ""
    list_id: str = ""
    substitute: bool = True
    transactional: bool = False
    skip_suppression: bool = False
    open_tracking: bool = True
    click_tracking: bool = True
    initial_open: bool = True
    engagement_url: str = ""
    """The sandbox's own URL, where tracked links lead; empty: nothing is tracked."""
    unsubscribe_header: bool = True
    """Whether to add the service's own List-Unsubscribe header."""
    ip_pool: str = "shared"
    dkim_key: str = ""
    sandbox: bool = False
    recv_method: str = "rest"
    scheduled: float | None = None

    @property
    def mailing_list(self) -> str:
        """Return the mailing list's id without its angle brackets."""
        return self.list_id.strip().strip("<>")

    @property
    def size(self) -> int:
        """Return how many bytes of a message it may take."""
        given = sum(map(len, self.sender or ()))
        return given + len(self.reply_to) + len(self.list_id) + len(self.return_path) + len(self.engagement_url)


@dataclass(slots=True)
class Draft:
    """A mailing with what is sent: its content, and the data that all of its messages share."""

    mailing: Mailing
    content: Content
    metadata: Mapping[str, Any]
    substitution_data: Mapping[str, Any]
