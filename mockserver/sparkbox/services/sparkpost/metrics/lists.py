"""Lists of the campaigns, domains and so on that have metrics: https://developers.sparkpost.com/api/metrics/.

A family: one handler for all lists.
"""

from __future__ import annotations

from operator import attrgetter

from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..page import Page
from ..searching import whole_number
from .queries import DEFAULT_ROWS, DOCS, LIST_ERRORS, MOST_ROWS, POLLING, WindowQuery, matching_events, subaccount_tests
from .windows import optional_window

operations = Page("Metrics", docs=DOCS, errors=LIST_ERRORS, limits=(POLLING,), view="metrics/view")


class ListQuery(WindowQuery):
    match: str | None = None
    limit: str | None = None


def list_values(ctx: Context, query: ListQuery, name: str, dimension: str) -> Steps[dict[str, list[str]]]:
    """List the values of a dimension; ``name`` is the list's own."""
    within = optional_window(query.from_, query.to, query.timezone)
    limit = whole_number("limit", query.limit, DEFAULT_ROWS, 1, MOST_ROWS)
    part = (query.match or "").lower()
    found = set()
    for each in matching_events(ctx, within, subaccount_tests(ctx)):
        if each is None:
            yield
        else:
            found.add(each[1].dimensions)
    values = set(map(attrgetter(dimension), found))
    return {name: [value for value in sorted(values) if value and part in value.lower()][:limit]}


def _list(name: str, path: str, dimension: str, title: str = "") -> None:
    title = title or name.replace("-", " ")
    bound = {"name": name, "dimension": dimension}
    id = f"list_{name.replace('-', '_')}_with_metrics"
    operations.get(path, id=id, summary=f"List {title} with metrics", bound=bound)(list_values)


_list("campaigns", "/api/v1/metrics/campaigns", "campaign_id")
_list("domains", "/api/v1/metrics/domains", "recipient_domain")
_list("ip-pools", "/api/v1/metrics/ip-pools", "ip_pool", "IP pools")
_list("mailbox-provider-regions", "/api/v1/metrics/mailbox-provider-regions", "mailbox_provider_region")
_list("mailbox-providers", "/api/v1/metrics/mailbox-providers", "mailbox_provider")
_list("sending-domains", "/api/v1/metrics/sending-domains", "sending_domain")
_list("sending-ips", "/api/v1/metrics/sending-ips", "sending_ip", "sending IPs")
_list("subject-campaigns", "/api/v1/metrics/subject-campaigns", "subject_campaign")
_list("templates", "/api/v1/metrics/templates", "template_id")
