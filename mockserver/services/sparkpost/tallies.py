"""Metrics reckoned from events: https://developers.sparkpost.com/api/metrics/#header-terminology.

The vendor's own figures say how they hang together: a bounce for administrative reasons counts as such and as nothing
else; what was targeted was injected or rejected; what was sent was delivered or bounced in the session. The metrics of
the deliverability add-on are always zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mockserver.core.events import Event

from .bounce_classes import class_of


class Agent(msgspec.Struct, gc=False):
    is_prefetched: bool = False


class Fact(msgspec.Struct, gc=False):
    """What metrics want to know of an event."""

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
    user_agent_parsed: Agent = msgspec.field(default_factory=Agent)


_DECODER = msgspec.json.Decoder(Fact, strict=False)


def fact(event: Event) -> Fact:
    """An event's fact; texts of digits are numbers in it."""
    return _DECODER.decode(event.data)


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
_OPENS = {
    "open": "rendered", "amp_open": "rendered",
    "initial_open": "initial_rendered", "amp_initial_open": "initial_rendered",
}  # fmt: skip


class Tally:
    """The metrics of one group of events."""

    __slots__ = ("_counts", "_messages")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._messages: dict[str, set[str]] = {}

    def add(self, type: str, fact: Fact) -> None:
        """Counts one event."""
        counts = self._counts
        for metric, amount in _increments(type, fact):
            if metric in _UNIQUE:
                self._messages.setdefault(metric, set()).add(fact.message_id)
            else:
                counts[metric] = counts.get(metric, 0) + amount

    def __getitem__(self, metric: str) -> int:
        if metric in _SUMS:
            more, less = _SUMS[metric]
            return sum(self[name] for name in more) - sum(self[name] for name in less)
        if metric in _UNIQUE:
            return len(self._messages.get(metric, ()))
        return self._counts.get(metric, 0)

    def row(self, metrics: tuple[str, ...]) -> dict[str, Any]:
        """These metrics, by name."""
        return {metric: self[metric] for metric in metrics}


def _increments(type: str, fact: Fact) -> Iterator[tuple[str, int]]:
    if type in _PLAIN:
        yield _PLAIN[type], 1
    elif type == "delivery":
        attempt = "subsequent" if fact.num_retries else "first"
        yield f"count_delivered_{attempt}", 1
        yield f"total_delivery_time_{attempt}", fact.queue_time
        yield "total_msg_volume", fact.msg_size
    elif type in ("bounce", "out_of_band"):
        category = class_of(fact.bounce_class).category.lower()
        yield f"count_{category}_bounce", 1
        if category != "admin":
            yield "count_inband_bounce" if type == "bounce" else "count_outofband_bounce", 1
    elif type == "delay":
        yield "count_delayed", 1
        if not fact.num_retries:
            yield "count_delayed_first", 1
    elif type in _OPENS:
        yield from _engagement(_OPENS[type], fact)
    elif type in ("click", "amp_click"):
        yield "count_clicked", 1
        yield "count_unique_clicked", 1
        yield from _confirmed(fact)


def _engagement(what: str, fact: Fact) -> Iterator[tuple[str, int]]:
    yield f"count_{what}", 1
    yield f"count_unique_{what}", 1
    if not fact.user_agent_parsed.is_prefetched:
        yield f"count_nonprefetched_{what}", 1
        yield f"count_nonprefetched_unique_{what}", 1
    yield from _confirmed(fact)


def _confirmed(fact: Fact) -> Iterator[tuple[str, int]]:
    yield "count_unique_confirmed_opened", 1
    if not fact.user_agent_parsed.is_prefetched:
        yield "count_nonprefetched_unique_confirmed_opened", 1
