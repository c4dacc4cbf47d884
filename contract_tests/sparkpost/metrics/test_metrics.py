"""https://developers.sparkpost.com/api/metrics/

Each operation is limited to one request in two minutes, so the real service gets one; the rest is for the sandbox only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import results
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World

METRICS = "/api/v1/metrics"
SUMMARY = f"{METRICS}/deliverability"
COUNTS = "count_targeted,count_injected,count_rejected,count_sent"
BOUNCES = "count_bounce,count_inband_bounce,count_outofband_bounce"


@pytest.fixture
def since(real: bool, request: pytest.FixtureRequest) -> str:
    """Yesterday, as the account's clock has it."""
    now = datetime.now() if real else request.getfixturevalue("world").clock.now
    return f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}"


@pytest.fixture
def sent(api: httpx.Client, account: Sparkpost, recipient: str, pass_time: Callable[[float], object]) -> None:
    """A mail that has arrived."""
    body = {
        "recipients": [{"address": recipient}],
        "campaign_id": "contract",
        "content": {"from": account.sender, "subject": "Hello", "text": "Dear customer"},
    }
    results(api.post("/api/v1/transmissions", json=body))
    pass_time(2)


def by(rel: str, key: str) -> Any:
    return case(f"measure_by_{rel.replace('-', '_')}", rel, key)


@pytest.mark.parametrize(
    ("rel", "key"),
    [
        by("domain", "domain"),
        by("watched-domain", "watched_domain"),
        by("sending-ip", "sending_ip"),
        by("ip-pool", "ip_pool"),
        by("sending-domain", "sending_domain"),
        by("subaccount", "subaccount_id"),
        by("campaign", "campaign_id"),
        by("template", "template_id"),
        by("mailbox-provider", "mailbox_provider"),
        by("mailbox-provider-region", "mailbox_provider_region"),
    ],
)
@pytest.mark.usefixtures("sent")
def test_metrics_are_grouped(api: httpx.Client, since: str, real: bool, rel: str, key: str) -> None:
    rows = results(api.get(f"{SUMMARY}/{rel}", params={"from": since, "metrics": COUNTS}))
    assert all(set(row) == {key, *COUNTS.split(",")} for row in rows)
    assert real or [row["count_sent"] for row in rows] == [1]


@pytest.mark.documented("measure_over_time")
@pytest.mark.usefixtures("sent")
def test_metrics_are_shown_over_time(api: httpx.Client, since: str) -> None:
    query = {"from": since, "metrics": COUNTS, "precision": "hour"}
    rows = results(api.get(f"{SUMMARY}/time-series", params=query))
    stamps = [row["ts"] for row in rows]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize(
    ("path", "metrics"),
    [
        case("measure_bounce_reasons", "bounce-reason", BOUNCES),
        case("measure_bounce_reasons_by_domain", "bounce-reason/domain", BOUNCES),
        case("measure_bounce_classes", "bounce-classification", BOUNCES),
        case("measure_rejection_reasons", "rejection-reason", ""),
        case("measure_rejection_reasons_by_domain", "rejection-reason/domain", ""),
        case("measure_delay_reasons", "delay-reason", ""),
        case("measure_delay_reasons_by_domain", "delay-reason/domain", ""),
        case("measure_links", "link-name", "count_clicked,count_raw_clicked"),
        case("measure_attempts", "attempt", ""),
    ],
)
def test_details_are_lists(api: httpx.Client, since: str, path: str, metrics: str) -> None:
    query = {"from": since} | ({"metrics": metrics} if metrics else {})
    assert isinstance(results(api.get(f"{SUMMARY}/{path}", params=query)), list)


def listing(rel: str) -> Any:
    return case(f"list_{rel.replace('-', '_')}_with_metrics", rel)


@pytest.mark.parametrize(
    "rel",
    [
        listing("campaigns"),
        listing("domains"),
        listing("ip-pools"),
        listing("mailbox-provider-regions"),
        listing("mailbox-providers"),
        listing("sending-domains"),
        listing("sending-ips"),
        listing("subject-campaigns"),
        listing("templates"),
    ],
)
@pytest.mark.usefixtures("sent")
def test_metrics_lists_show_values_with_events(api: httpx.Client, since: str, real: bool, rel: str) -> None:
    listed = results(api.get(f"{METRICS}/{rel}", params={"from": since, "limit": 5}))
    assert list(listed) == [rel]
    assert all(isinstance(value, str) for value in listed[rel])
    assert real or len(listed[rel]) == (rel != "subject-campaigns")


@pytest.mark.documented("list_metrics_links")
def test_metrics_index_links_to_the_rest(api: httpx.Client) -> None:
    response = api.get(METRICS).json()
    assert response["results"] == {}
    assert {"campaigns", "deliverability", "domains"} <= {link["rel"] for link in response["links"]}


@pytest.mark.documented("retrieve_filters_schema")
def test_the_schema_of_filters_is_shown(api: httpx.Client) -> None:
    schema = results(api.get(f"{SUMMARY}/query-filters-schema"))
    assert (schema["type"], schema["required"]) == ("object", ["groupings"])


@pytest.mark.observed("summarize_metrics:metrics_window")
def test_query_without_from_gets_three_errors(api: httpx.Client) -> None:
    response = api.get(SUMMARY)
    assert response.status_code == 400
    assert [row["message"] for row in response.json()["errors"]] == [
        "from is required",
        "from must be in the format YYYY-MM-DDTHH:MM",
        "from must be before to",
    ]
    assert "watched-domain" in {link["rel"] for link in response.json()["links"]}


def windowless(claim: str, path: str) -> Any:
    return case(f"{claim}:metrics_window", path, evidence="assumed", sandbox_only=True)


@pytest.mark.parametrize(
    "path",
    [
        windowless("aggregate_metrics", "deliverability/aggregate"),
        *[
            windowless(f"measure_by_{quality.replace('-', '_')}", f"deliverability/{quality}")
            for quality in (
                "domain", "watched-domain", "sending-ip", "ip-pool", "sending-domain", "subaccount", "campaign",
                "template", "subject-campaign", "mailbox-provider", "mailbox-provider-region",
            )
        ],
        windowless("measure_over_time", "deliverability/time-series"),
        *[
            row
            for what in ("bounce", "rejection", "delay")
            for row in (
                windowless(f"measure_{what}_reasons", f"deliverability/{what}-reason"),
                windowless(f"measure_{what}_reasons_by_domain", f"deliverability/{what}-reason/domain"),
            )
        ],
        windowless("measure_bounce_classes", "deliverability/bounce-classification"),
        windowless("measure_links", "deliverability/link-name"),
        windowless("measure_attempts", "deliverability/attempt"),
        windowless("list_inbox_rates", "benchmarks/inbox-rate"),
    ],
)  # fmt: skip
def test_every_query_needs_from(api: httpx.Client, path: str) -> None:
    response = api.get(f"{METRICS}/{path}")
    assert response.status_code == 400
    assert [row["param"] for row in response.json()["errors"]] == ["from"] * 3


@pytest.mark.sandbox_only
@pytest.mark.documented("summarize_metrics")
@pytest.mark.usefixtures("sent")
def test_summary_counts_everything(api: httpx.Client, since: str, world: World) -> None:
    response = api.get(SUMMARY, params={"from": since, "metrics": COUNTS}).json()
    assert response["results"] == [dict.fromkeys(COUNTS.split(","), 1) | {"count_rejected": 0}]
    assert response["links"][0] == {"href": SUMMARY, "rel": "deliverability", "method": "GET"}
    assert len(world.events) == 2


@pytest.mark.sandbox_only
@pytest.mark.observed("aggregate_metrics")
@pytest.mark.usefixtures("sent")
def test_aggregate_is_the_older_name_of_the_summary(api: httpx.Client, since: str) -> None:
    query = {"from": since, "metrics": COUNTS, "timezone": "UTC"}
    assert results(api.get(f"{SUMMARY}/aggregate", params=query)) == results(api.get(SUMMARY, params=query))


@pytest.mark.sandbox_only
@pytest.mark.documented("measure_by_subject_campaign")
def test_the_add_on_has_no_figures(api: httpx.Client, since: str) -> None:
    query = {"from": since, "metrics": "count_inbox_panel,count_spam_panel"}
    assert results(api.get(f"{SUMMARY}/subject-campaign", params=query)) == []


@pytest.mark.sandbox_only
@pytest.mark.assumed("list_inbox_rates")
def test_the_benchmark_has_a_row_for_each_day(api: httpx.Client, since: str) -> None:
    assert len(results(api.get(f"{METRICS}/benchmarks/inbox-rate", params={"from": since}))) == 2
