"""A mailing: what all messages of one transmission have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..templates.parts import Content


@dataclass(slots=True)
class Mailing:
    """The fields that all messages of a transmission share."""

    id: str
    content: Content
    template_id: str
    template_version: str = "0"
    subaccount: int = 0
    campaign_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    substitution_data: Mapping[str, Any] = field(default_factory=dict)
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
