"""Metrics as aggregates of events: https://developers.sparkpost.com/api/metrics/#header-terminology.

The vendor's own figures show how they are related: targeted is injected plus rejected, sent is delivered plus bounced
in the session.
"""

from __future__ import annotations

from typing import Any

from .digests import Counts, Digest

ADD_ON = (
    "count_inbox_panel", "count_spam_panel", "count_inbox_seed", "count_spam_seed", "count_inbox_seed_private",
    "count_spam_seed_private", "count_inbox_seed_virtual", "count_spam_seed_virtual", "count_moved_to_inbox",
    "count_moved_to_spam",
)  # fmt: skip
"""The metrics of the deliverability add-on, which are always zero."""

_SUMS = {
    "count_delivered": (("count_delivered_first", "count_delivered_subsequent"), ()),
    "count_bounce": (("count_inband_bounce", "count_outofband_bounce"), ()),
    "count_rejected": (("count_policy_rejection", "count_generation_failed", "count_generation_rejection"), ()),
    "count_targeted": (("count_injected", "count_rejected"), ()),
    "count_sent": (("count_delivered", "count_inband_bounce"), ()),
    "count_accepted": (("count_delivered",), ("count_outofband_bounce",)),
}
"""Metrics that are the sum of others, less the sum of those in the second list."""

_UNIQUE = (
    "count_unique_rendered", "count_nonprefetched_unique_rendered", "count_unique_initial_rendered",
    "count_nonprefetched_unique_initial_rendered", "count_unique_confirmed_opened",
    "count_nonprefetched_unique_confirmed_opened", "count_unique_clicked",
)  # fmt: skip
"""Metrics that count each message at most once."""

_COUNTED = (
    "count_injected", "count_delivered_first", "count_delivered_subsequent", "count_rendered",
    "count_nonprefetched_rendered", "count_initial_rendered", "count_nonprefetched_initial_rendered", "count_clicked",
    "count_hard_bounce", "count_soft_bounce", "count_block_bounce", "count_admin_bounce", "count_undetermined_bounce",
    "count_policy_rejection", "count_generation_failed", "count_generation_rejection", "count_inband_bounce",
    "count_outofband_bounce", "count_delayed", "count_delayed_first", "total_msg_volume", "count_spam_complaint",
    "total_delivery_time_first", "total_delivery_time_subsequent", "count_unsubscribe",
)  # fmt: skip
"""Metrics that count events, or add up their times and sizes."""

METRICS = (*_SUMS, *_UNIQUE, *_COUNTED, *ADD_ON)
"""All metrics."""


class Aggregate:
    """The metrics of a group of events."""

    __slots__ = ("_counted", "_messages", "_totals")

    def __init__(self) -> None:
        self._counted: dict[Counts, int] = {}
        self._messages: dict[Counts, set[str]] = {}
        self._totals: dict[str, int] = {}

    def add(self, digest: Digest) -> None:
        """Count one event."""
        counts, counted = digest.counts, self._counted
        counted[counts] = counted.get(counts, 0) + 1
        if counts.messages:
            self._messages.setdefault(counts, set()).add(digest.message_id)
        elif counts.time:
            totals = self._totals
            totals[counts.time] = totals.get(counts.time, 0) + digest.queue_time
            totals["total_msg_volume"] = totals.get("total_msg_volume", 0) + digest.msg_size

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
        """Return these metrics by name."""
        return {metric: self[metric] for metric in metrics}
