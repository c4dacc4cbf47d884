"""Metrics reckoned from events: https://developers.sparkpost.com/api/metrics/#header-terminology.

The vendor's own figures say how they hang together: a bounce for administrative reasons counts as such and as nothing
else; what was targeted was injected or rejected; what was sent was delivered or bounced in the session. The metrics of
the deliverability add-on are always zero.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from sparkbox.core.logs.events import Event

from ..events.bounce_classes import class_of


class Qualities(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What the events of many messages have in common, and what metrics are filtered and grouped by."""

    recipient_domain: str
    sending_domain: str
    sending_ip: str
    ip_pool: str
    campaign_id: str
    template_id: str
    mailbox_provider: str
    mailbox_provider_region: str
    subaccount_id: int


class Counts(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What all events of a kind add to metrics: one to each of ``events``, their message to each of ``messages``."""

    events: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    time: str = ""
    """The metric that a delivery's time is added to."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What metrics want to know of an event. It stays with the event, so it is small: what is equal is shared."""

    qualities: Qualities
    counts: Counts
    message_id: str
    bounce_class: int
    reason: str
    num_retries: int
    msg_size: int
    queue_time: int
    link: str
    """A link's name, or its address if it has none."""


def fact(event: Event) -> Fact:
    """An event's fact."""
    return event.digested(_read)


class _Agent(msgspec.Struct, gc=False):
    is_prefetched: bool = False


class _Data(msgspec.Struct, gc=False):
    """An event's data; texts of digits are numbers in it."""

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


def _read(event: Event) -> Fact:
    data = _DECODER.decode(event.data)
    return Fact(
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
def _shared(*values: Any) -> Qualities:
    return Qualities(*values)


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


ADD_ON = (
    "count_inbox_panel", "count_spam_panel", "count_inbox_seed", "count_spam_seed", "count_inbox_seed_private",
    "count_spam_seed_private", "count_inbox_seed_virtual", "count_spam_seed_virtual", "count_moved_to_inbox",
    "count_moved_to_spam",
)  # fmt: skip

_SUMS = {
    "count_delivered": (("count_delivered_first", "count_delivered_subsequent"), ()),
    "count_bounce": (("count_inband_bounce", "count_outofband_bounce"), ()),
    "count_rejected": (("count_policy_rejection", "count_generation_failed", "count_generation_rejection"), ()),
    "count_targeted": (("count_injected", "count_rejected"), ()),
    "count_sent": (("count_delivered", "count_inband_bounce"), ()),
    "count_accepted": (("count_delivered",), ("count_outofband_bounce",)),
}
"""Metrics that are others added up, less those of the second list."""

_UNIQUE = (
    "count_unique_rendered", "count_nonprefetched_unique_rendered", "count_unique_initial_rendered",
    "count_nonprefetched_unique_initial_rendered", "count_unique_confirmed_opened",
    "count_nonprefetched_unique_confirmed_opened", "count_unique_clicked",
)  # fmt: skip
"""Metrics that count messages: each at most once."""

METRICS = (
    *_SUMS,
    *_UNIQUE,
    "count_injected", "count_delivered_first", "count_delivered_subsequent", "count_rendered",
    "count_nonprefetched_rendered", "count_initial_rendered", "count_nonprefetched_initial_rendered", "count_clicked",
    "count_hard_bounce", "count_soft_bounce", "count_block_bounce", "count_admin_bounce", "count_undetermined_bounce",
    "count_policy_rejection", "count_generation_failed", "count_generation_rejection", "count_inband_bounce",
    "count_outofband_bounce", "count_delayed", "count_delayed_first", "total_msg_volume", "count_spam_complaint",
    "total_delivery_time_first", "total_delivery_time_subsequent", "count_unsubscribe",
    *ADD_ON,
)  # fmt: skip
"""Every metric that there is."""

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


class Tally:
    """The metrics of one group of events."""

    __slots__ = ("_counted", "_messages", "_totals")

    def __init__(self) -> None:
        self._counted: dict[Counts, int] = {}
        self._messages: dict[Counts, set[str]] = {}
        self._totals: dict[str, int] = {}

    def add(self, fact: Fact) -> None:
        """Counts one event."""
        counts, counted = fact.counts, self._counted
        counted[counts] = counted.get(counts, 0) + 1
        if counts.messages:
            self._messages.setdefault(counts, set()).add(fact.message_id)
        elif counts.time:
            totals = self._totals
            totals[counts.time] = totals.get(counts.time, 0) + fact.queue_time
            totals["total_msg_volume"] = totals.get("total_msg_volume", 0) + fact.msg_size

    def __getitem__(self, metric: str) -> int:
        if metric in _SUMS:
            more, less = _SUMS[metric]
            return sum(self[name] for name in more) - sum(self[name] for name in less)
        if metric in _UNIQUE:
            return len(set().union(*(ids for counts, ids in self._messages.items() if metric in counts.messages)))
        if metric in self._totals:
            return self._totals[metric]
        return sum(number for counts, number in self._counted.items() if metric in counts.events)

    def row(self, metrics: tuple[str, ...]) -> dict[str, Any]:
        """These metrics, by name."""
        return {metric: self[metric] for metric in metrics}
