"""Metrics by a dimension of the messages, such as their campaign: https://developers.sparkpost.com/api/metrics/.

A family: one handler for all dimensions. Messages without the dimension are in no row.
"""

from __future__ import annotations

from operator import attrgetter

from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..page import Page
from .aggregates import ADD_ON, METRICS
from .queries import DOCS, ERRORS, POLLING, MetricsQuery, Row, aggregate, check, ordered

operations = Page("Metrics", docs=DOCS, errors=ERRORS, limits=(POLLING,), view="metrics/view")


def measure(
    ctx: Context, query: MetricsQuery, dimension: str, field: str, metrics: tuple[str, ...]
) -> Steps[list[Row]]:
    """Retrieve metrics by a dimension; ``field`` is its name in the rows."""
    checked, value_of = check(ctx, query, metrics), attrgetter(dimension)
    found = yield from aggregate(ctx, checked, lambda event, digest: (value_of(digest.dimensions),))
    rows = [{field: value, **counted.row(checked.metrics)} for (value,), counted in found.items() if value != ""]
    return ordered(checked, rows, field)


def _by(
    name: str, path: str, dimension: str, *, field: str = "", title: str = "", metrics: tuple[str, ...] = METRICS
) -> None:
    title = title or name.replace("_", " ")
    bound = {"dimension": dimension, "field": field or dimension, "metrics": metrics}
    operations.get(path, id=f"measure_by_{name}", summary=f"Retrieve metrics by {title}", bound=bound)(measure)


_by("domain", "/api/v1/metrics/deliverability/domain", "recipient_domain", field="domain", title="recipient domain")
_by("watched_domain", "/api/v1/metrics/deliverability/watched-domain", "recipient_domain", field="watched_domain")
_by("sending_ip", "/api/v1/metrics/deliverability/sending-ip", "sending_ip", title="sending IP")
_by("ip_pool", "/api/v1/metrics/deliverability/ip-pool", "ip_pool", title="IP pool")
_by("sending_domain", "/api/v1/metrics/deliverability/sending-domain", "sending_domain")
_by("subaccount", "/api/v1/metrics/deliverability/subaccount", "subaccount_id")
_by("campaign", "/api/v1/metrics/deliverability/campaign", "campaign_id")
_by("template", "/api/v1/metrics/deliverability/template", "template_id")
_by("subject_campaign", "/api/v1/metrics/deliverability/subject-campaign", "subject_campaign", metrics=ADD_ON)
_by("mailbox_provider", "/api/v1/metrics/deliverability/mailbox-provider", "mailbox_provider")
_by("mailbox_provider_region", "/api/v1/metrics/deliverability/mailbox-provider-region", "mailbox_provider_region")
