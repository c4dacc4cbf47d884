"""The Metrics API: summaries, dimensions, time series and lists."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparkpost import SERVICE
from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.metrics.aggregates import ADD_ON, METRICS
from sparkbox.services.sparkpost.metrics.links import CHILDREN
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.metrics.calls import (
    CONTENT,
    DELIVERABILITY,
    FROM,
    metrics_of,
    record_event,
    refused,
    send,
    total,
)


def test_a_summary_counts_what_was_sent(api: Api) -> None:
    api.call("PUT", "/suppression-list/grace@mail.example", {"type": "non_transactional"})
    send(api, "ada@mail.example", "eve@mail.example", "grace@mail.example")
    api.account.clock.advance(5)
    names = (
        "count_targeted",
        "count_injected",
        "count_sent",
        "count_accepted",
        "count_delivered",
        "count_admin_bounce",
    )
    assert total(api, *names) == {
        "count_targeted": 3,
        "count_injected": 3,
        "count_sent": 2,
        "count_accepted": 2,
        "count_delivered": 2,
        "count_admin_bounce": 1,
    }
    assert total(api, "count_bounce", "count_rejected") == {"count_bounce": 0, "count_rejected": 0}
    assert total(api, "total_delivery_time_first")["total_delivery_time_first"] == 2000
    sizes = [int(event.json()["msg_size"]) for event in api.ctx.events() if event.type == "delivery"]
    assert total(api, "total_msg_volume")["total_msg_volume"] == sum(sizes)


def test_aggregate_is_the_older_name_of_the_summary(api: Api) -> None:
    send(api)
    metrics = "count_targeted,count_injected"
    assert (
        metrics_of(api, metrics=metrics)
        == metrics_of(api, "/aggregate", metrics=metrics)
        == [{"count_targeted": 1, "count_injected": 1}]
    )


def test_metrics_without_events_are_zero(api: Api) -> None:
    assert total(api, *METRICS) == dict.fromkeys(METRICS, 0)


PREFETCHED = {"user_agent_parsed": {"is_prefetched": True}}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("open", "m1", {}), ("open", "m1", {}), ("open", "m2", PREFETCHED)],
         {"count_rendered": 3, "count_unique_rendered": 2, "count_nonprefetched_rendered": 2,
          "count_nonprefetched_unique_rendered": 1, "count_unique_confirmed_opened": 2,
          "count_nonprefetched_unique_confirmed_opened": 1}),
        ([("initial_open", "m1", {}), ("amp_initial_open", "m1", {})],
         {"count_initial_rendered": 2, "count_unique_initial_rendered": 1, "count_nonprefetched_initial_rendered": 2,
          "count_nonprefetched_unique_initial_rendered": 1, "count_unique_confirmed_opened": 1,
          "count_nonprefetched_unique_confirmed_opened": 1}),
        ([("click", "m1", {}), ("amp_click", "m1", {}), ("open", "m1", {})],
         {"count_clicked": 2, "count_unique_clicked": 1, "count_unique_confirmed_opened": 1, "count_rendered": 1,
          "count_unique_rendered": 1, "count_nonprefetched_rendered": 1, "count_nonprefetched_unique_rendered": 1,
          "count_nonprefetched_unique_confirmed_opened": 1}),
        ([("delivery", "m1", {"num_retries": "0", "queue_time": "10", "msg_size": "100"}),
          ("delivery", "m2", {"num_retries": "2", "queue_time": "70", "msg_size": "50"})],
         {"count_delivered": 2, "count_delivered_first": 1, "count_delivered_subsequent": 1, "count_sent": 2,
          "count_accepted": 2, "total_delivery_time_first": 10, "total_delivery_time_subsequent": 70,
          "total_msg_volume": 150}),
        ([("bounce", "m1", {"bounce_class": "10"}), ("bounce", "m2", {"bounce_class": "22"}),
          ("bounce", "m3", {"bounce_class": "51"}), ("bounce", "m4", {"bounce_class": "1"}),
          ("bounce", "m5", {"bounce_class": "25"}), ("out_of_band", "m6", {"bounce_class": "10"})],
         {"count_bounce": 5, "count_inband_bounce": 4, "count_outofband_bounce": 1, "count_hard_bounce": 2,
          "count_soft_bounce": 1, "count_block_bounce": 1, "count_undetermined_bounce": 1, "count_admin_bounce": 1,
          "count_sent": 4, "count_accepted": -1}),
        ([("policy_rejection", "m1", {}), ("generation_failure", "m2", {}), ("generation_rejection", "m3", {})],
         {"count_policy_rejection": 1, "count_generation_failed": 1, "count_generation_rejection": 1,
          "count_rejected": 3, "count_targeted": 3}),
        ([("delay", "m1", {"num_retries": "0"}), ("delay", "m1", {"num_retries": "1"})],
         {"count_delayed": 2, "count_delayed_first": 1}),
        ([("spam_complaint", "m1", {}), ("list_unsubscribe", "m1", {}), ("link_unsubscribe", "m1", {})],
         {"count_spam_complaint": 1, "count_unsubscribe": 2}),
        ([("sms_status", "m1", {})], {}),
    ],
)  # fmt: skip
def test_every_metric_has_its_events(
    api: Api, events: list[tuple[str, str, dict[str, Any]]], expected: dict[str, int]
) -> None:
    for type, message, more in events:
        record_event(api, type, message, **more)
    found = total(api, *METRICS)
    assert {metric: count for metric, count in found.items() if count} == expected


@pytest.mark.parametrize(
    ("path", "key", "values"),
    [
        ("domain", "domain", ["mail.example", "gmail.com"]),
        ("watched-domain", "watched_domain", ["mail.example", "gmail.com"]),
        ("sending-domain", "sending_domain", ["shop.example", "other.example"]),
        ("sending-ip", "sending_ip", [recorder.SENDING_IP]),
        ("ip-pool", "ip_pool", ["shared"]),
        ("subaccount", "subaccount_id", [0, 7]),
        ("campaign", "campaign_id", ["autumn"]),
        ("template", "template_id", ["t", "u"]),
        ("mailbox-provider", "mailbox_provider", ["Other", "Gmail"]),
        ("mailbox-provider-region", "mailbox_provider_region", ["Global"]),
    ],
)
def test_metrics_by_dimension(api: Api, path: str, key: str, values: list[Any]) -> None:
    for id, sender in (("t", "news@shop.example"), ("u", "news@other.example")):
        api.call("POST", "/templates", {"id": id, "content": CONTENT | {"from": sender}, "published": True})
    send(api, "ada@mail.example", "eve@mail.example", content={"template_id": "t"}, campaign_id="autumn")
    body = {"recipients": [{"address": "grace@gmail.com"}], "content": CONTENT | {"from": "news@other.example"}}
    api.call("POST", "/transmissions", body, subaccount=7)
    rows = metrics_of(api, f"/{path}", metrics="count_injected")
    shown = [row[key] for row in rows]
    if path == "template":
        assert (shown[0], len(shown)) == ("t", 2)
    else:
        assert shown == values
    counts = [row["count_injected"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == (2 if path == "campaign" else 3)
    assert all(set(row) == {key, "count_injected"} for row in rows)


def test_rows_are_ordered_and_limited(api: Api) -> None:
    send(api, "a@one.example", "b@two.example", "c@two.example", "d@three.example")
    for _ in range(2):
        record_event(api, "open", domain="one.example")
    query: dict[str, Any] = {"metrics": "count_injected,count_rendered"}
    domains = [row["domain"] for row in metrics_of(api, "/domain", **query)]
    assert domains == ["two.example", "one.example", "three.example"]
    domains = [row["domain"] for row in metrics_of(api, "/domain", order_by="count_rendered", limit=2, **query)]
    assert domains == ["one.example", "three.example"]


def test_metrics_of_the_add_on_are_zero(api: Api) -> None:
    send(api)
    assert metrics_of(api, "/subject-campaign", metrics=",".join(ADD_ON)) == []
    assert api.call("GET", "/metrics/subject-campaigns") == {"subject-campaigns": []}
    assert refused(api, f"{DELIVERABILITY}/subject-campaign", from_=FROM, metrics="count_sent")[0]["param"] == "metrics"


@pytest.mark.parametrize(
    ("precision", "zone", "steps"),
    [
        ("1min", "UTC", {"2026-03-01T12:00:00+00:00": 1, "2026-03-01T12:30:00+00:00": 1,
                         "2026-03-02T04:30:00+00:00": 1}),
        ("hour", "UTC", {"2026-03-01T12:00:00+00:00": 2, "2026-03-02T04:00:00+00:00": 1}),
        ("hour", "Asia/Kolkata", {"2026-03-01T17:00:00+05:30": 1, "2026-03-01T18:00:00+05:30": 1,
                                  "2026-03-02T10:00:00+05:30": 1}),
        ("12hr", "America/New_York", {"2026-03-01T00:00:00-05:00": 2, "2026-03-01T12:00:00-05:00": 1}),
        ("day", "America/New_York", {"2026-03-01T00:00:00+00:00": 2, "2026-03-02T00:00:00+00:00": 1}),
        ("week", "UTC", {"2026-02-23T00:00:00+00:00": 2, "2026-03-02T00:00:00+00:00": 1}),
        ("month", "UTC", {"2026-03-01T00:00:00+00:00": 3}),
        ("", "UTC", {"2026-03-01T00:00:00+00:00": 2, "2026-03-02T00:00:00+00:00": 1}),
    ],
)  # fmt: skip
def test_time_series_has_the_steps_with_events(api: Api, precision: str, zone: str, steps: dict[str, int]) -> None:
    for seconds in (0, 1800, 16 * 3600):
        api.account.clock.advance(seconds)
        send(api)
    query: dict[str, Any] = {"precision": precision, "timezone": zone, "from": "2026-03-01T11:00"}
    rows = metrics_of(api, "/time-series", metrics="count_injected", **query)
    assert {row["ts"]: row["count_injected"] for row in rows} == steps
    assert [row["ts"] for row in rows] == list(steps)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("domains", ["gmail.com", "mail.example"]),
        ("campaigns", ["autumn", "spring"]),
        ("ip-pools", ["shared"]),
        ("sending-ips", [recorder.SENDING_IP]),
        ("sending-domains", ["shop.example"]),
        ("mailbox-providers", ["Gmail", "Other"]),
        ("mailbox-provider-regions", ["Global"]),
        ("templates", ["t"]),
    ],
)
def test_metrics_lists_show_values_with_events(api: Api, name: str, values: list[str]) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    send(api, "ada@mail.example", campaign_id="autumn", content={"template_id": "t"})
    api.account.clock.advance(60)
    send(api, "grace@gmail.com", campaign_id="spring", content={"template_id": "t"})
    assert api.call("GET", f"/metrics/{name}") == {name: values}
    assert api.call("GET", f"/metrics/{name}?limit=1") == {name: values[:1]}
    assert api.call("GET", f"/metrics/{name}?match=zzz") == {name: []}
    assert api.call("GET", f"/metrics/{name}?to=2026-03-01T12:00") == {name: []}


def test_metrics_lists_have_windows_and_matches(api: Api) -> None:
    send(api, "ada@mail.example")
    api.account.clock.advance(60)
    send(api, "grace@gmail.com")
    assert api.call("GET", "/metrics/domains?from=2026-03-01T12:01") == {"domains": ["gmail.com"]}
    assert api.call("GET", "/metrics/domains?match=MAIL.EX") == {"domains": ["mail.example"]}
    for query, param in (("from=x", "from"), ("to=x", "to"), ("limit=x", "limit"), (f"from={FROM}&to={FROM}", "from")):
        (error,) = api.send("GET", f"/metrics/domains?{query}").json()["errors"]
        assert error["param"] == param


def test_metrics_links_lead_to_operations(api: Api) -> None:
    paths = {operation.path for operation in SERVICE.operations.values()}
    index = api.send("GET", "/metrics/").json()
    assert index["results"] == {}
    assert index["links"][0] == {"href": "/api/v1/metrics/", "rel": "", "method": "GET"}
    for link in index["links"]:
        assert link["href"].rstrip("/") in paths
    for child in CHILDREN:
        assert f"/api/v1/metrics/deliverability/{child}" in paths


def test_the_benchmark_has_a_row_for_each_day(api: Api) -> None:
    rows = api.call("GET", "/metrics/benchmarks/inbox-rate?from=2026-02-27T08:00")
    assert [row["ts"] for row in rows] == [f"2026-0{day}T00:00:00.000Z" for day in ("2-27", "2-28", "3-01")]
    assert all(row["q25"] < row["median"] < row["q75"] for row in rows)
    assert len(api.call("GET", "/metrics/benchmarks/inbox-rate?from=1971-01-01T00:00")) == 366


def test_polling_is_limited_for_each_operation() -> None:
    api = Api()
    api.account.buckets.enabled = True
    query = f"?from={FROM}&metrics=count_sent"
    assert api.send("GET", f"{DELIVERABILITY}{query}").status_code == 200
    assert api.send("GET", f"{DELIVERABILITY}/domain{query}").status_code == 200
    assert api.send("GET", f"{DELIVERABILITY}{query}").status_code == 429
    api.account.clock.advance(120)
    assert api.send("GET", f"{DELIVERABILITY}{query}").status_code == 200
