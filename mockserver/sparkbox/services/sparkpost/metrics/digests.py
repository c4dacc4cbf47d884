"""Digests of events: the few fields that metrics need, read once for each event.

The vendor's own figures show how metrics are related: a bounce for administrative reasons counts as such and as nothing
else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from sparkbox.core.logs.events import Event

from ..events.bounce_classes import class_of


class Dimensions(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The properties of messages that metrics are filtered and grouped by. Equal ones are shared between events."""

    recipient_domain: str
    sending_domain: str
    sending_ip: str
    ip_pool: str
    campaign_id: str
    template_id: str
    mailbox_provider: str
    mailbox_provider_region: str
    subaccount_id: int
    subject_campaign: str = ""
    """Of the deliverability add-on, which no event is a part of."""


class Counts(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What an event of one kind adds to metrics: 1 to each of ``events``, its message to each of ``messages``."""

    events: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    time: str = ""
    """The metric that a delivery's queue time is added to."""


class Digest(msgspec.Struct, frozen=True, gc=False):
    """The part of an event that metrics need. It is kept with the event, so it is small."""

    dimensions: Dimensions
    counts: Counts
    message_id: str
    bounce_class: int
    reason: str
    num_retries: int
    msg_size: int
    queue_time: int
    link: str
    """The name of a link, or its address if it has none."""


def digest_of(event: Event) -> Digest:
    """Return the digest of an event."""
    return event.digested(_read)


class _Agent(msgspec.Struct, gc=False):
    is_prefetched: bool = False


class _Data(msgspec.Struct, gc=False):
    """An event's data; texts of digits are read as numbers."""

    message_id: str = ""
    recipient_domain: str = ""
    sending_domain: str = ""
    sending_ip: str = ""
    ip_pool: str = ""
    campaign_id: str = ""
    template_id: str = ""
    mailbox_provider: str = ""
    mailbox_provider_region: str = ""
    subaccount_id: int = 0
    bounce_class: int = 1
    reason: str = ""
    num_retries: int = 0
    msg_size: int = 0
    queue_time: int = 0
    target_link_name: str = ""
    target_link_url: str = ""
    user_agent_parsed: _Agent | None = None


_DECODER = msgspec.json.Decoder(_Data, strict=False)


def _read(event: Event) -> Digest:
    data = _DECODER.decode(event.data)
    return Digest(
        _shared(
            data.recipient_domain,
            data.sending_domain,
            data.sending_ip,
            data.ip_pool,
            data.campaign_id,
            data.template_id,
            data.mailbox_provider,
            data.mailbox_provider_region,
            data.subaccount_id,
        ),
        _counts(
            event.type,
            data.bounce_class,
            data.num_retries > 0,
            data.user_agent_parsed is not None and data.user_agent_parsed.is_prefetched,
        ),
        data.message_id,
        data.bounce_class,
        data.reason,
        data.num_retries,
        data.msg_size,
        data.queue_time,
        data.target_link_name or data.target_link_url,
    )


@lru_cache(4096)
def _shared(*values: Any) -> Dimensions:
    return Dimensions(*values)


@lru_cache(4096)
def _counts(type: str, bounce_class: int, again: bool, prefetched: bool) -> Counts:
    if type in _PLAIN:
        return Counts((_PLAIN[type],))
    if type == "delivery":
        attempt = "subsequent" if again else "first"
        return Counts((f"count_delivered_{attempt}",), time=f"total_delivery_time_{attempt}")
    if type in ("bounce", "out_of_band"):
        category = class_of(bounce_class).category.lower()
        side = "inband" if type == "bounce" else "outofband"
        return Counts((f"count_{category}_bounce", *((f"count_{side}_bounce",) if category != "admin" else ())))
    if type == "delay":
        return Counts(("count_delayed",) if again else ("count_delayed", "count_delayed_first"))
    if type in _ENGAGED:
        what = _ENGAGED[type]
        # Of clicks, the vendor does not say how many a program made.
        kinds = ("",) if prefetched or what == "clicked" else ("", "nonprefetched_")
        opened = ("",) if prefetched else ("", "nonprefetched_")
        return Counts(
            tuple(f"count_{kind}{what}" for kind in kinds),
            (
                *(f"count_{kind}unique_{what}" for kind in kinds),
                *(f"count_{kind}unique_confirmed_opened" for kind in opened),
            ),
        )
    return Counts()


_PLAIN = {
    "injection": "count_injected",
    "policy_rejection": "count_policy_rejection",
    "generation_failure": "count_generation_failed",
    "generation_rejection": "count_generation_rejection",
    "spam_complaint": "count_spam_complaint",
    "list_unsubscribe": "count_unsubscribe",
    "link_unsubscribe": "count_unsubscribe",
}
_ENGAGED = {
    "open": "rendered", "amp_open": "rendered",
    "initial_open": "initial_rendered", "amp_initial_open": "initial_rendered",
    "click": "clicked", "amp_click": "clicked",
}  # fmt: skip
