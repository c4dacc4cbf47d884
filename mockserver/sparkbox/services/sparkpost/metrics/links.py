"""Links to the other operations of the page, which its index, its summary and its errors show.

Quirks: ``links`` is a list here, not an object; a link is relative to the vendor's host.
"""

from __future__ import annotations

from typing_extensions import TypedDict

CHILDREN = (
    "aggregate", "attempt", "bounce-classification", "bounce-reason", "bounce-reason/domain", "campaign",
    "delay-reason", "delay-reason/domain", "domain", "ip-pool", "link-name", "mailbox-provider",
    "mailbox-provider-region", "query-filters-schema", "rejection-reason", "rejection-reason/domain",
    "sending-domain", "sending-ip", "subaccount", "subject-campaign", "template", "time-series", "watched-domain",
)  # fmt: skip
"""The paths below ``/api/v1/metrics/deliverability``."""

LISTS = (
    "campaigns",
    "domains",
    "ip-pools",
    "mailbox-provider-regions",
    "mailbox-providers",
    "sending-domains",
    "sending-ips",
    "subject-campaigns",
    "templates",
)
"""The other paths below ``/api/v1/metrics``."""


class MetricsLink(TypedDict):
    href: str
    rel: str
    method: str


def link(path: str) -> MetricsLink:
    """Return a link; ``path`` is what follows ``/api/v1/metrics/``."""
    return {"href": f"/api/v1/metrics/{path}", "rel": path.removeprefix("deliverability/"), "method": "GET"}


LINKS = [link("deliverability"), *(link(f"deliverability/{child}") for child in CHILDREN)]
INDEX = [link(""), link("deliverability"), *map(link, LISTS)]
