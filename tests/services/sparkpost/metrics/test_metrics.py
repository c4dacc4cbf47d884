"""The Metrics API: figures, reckoned from the events."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost import SERVICE
from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.events.bounce_classes import CATEGORY_IDS, CLASSES
from sparkbox.services.sparkpost.events.event_types import TYPES
from sparkbox.services.sparkpost.metrics.aggregates import ADD_ON, METRICS
from sparkbox.services.sparkpost.metrics.filters import SCHEMA
from sparkbox.services.sparkpost.metrics.links import CHILDREN
from tests.core.target import Target
from tests.services.sparkpost.api import FIXTURES, Api, received, shape

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
FROM = "2026-03-01T00:00"
DELIVERABILITY = "/metrics/deliverability"


def ask(api: Api, path: str = "", subaccount: int | None = None, **query: Any) -> Any:
    """The results of a query; ``from`` is the beginning of the day unless it says otherwise."""
    asked = {"from": FROM, **{name.rstrip("_"): value for name, value in query.items()}}
    response = api.send("GET", f"{DELIVERABILITY}{path}?{urlencode(asked)}", subaccount=subaccount)
    assert response.status_code == 200, response.text
    return response.json()["results"]


def total(api: Api, *metrics: str, **query: Any) -> dict[str, int]:
    """The summary of these metrics."""
    (row,) = ask(api, metrics=",".join(metrics), **query)
    assert isinstance(row, dict)
    return row


def refused(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    response = api.send("GET", f"{path}?{urlencode({name.rstrip('_'): value for name, value in query.items()})}")
    assert response.status_code == 400, response.text
    return list(response.json()["errors"])


def send(api: Api, *emails: str, subaccount: int | None = None, **fields: Any) -> None:
    recipients = [{"address": email} for email in emails or ("ada@mail.example",)]
    api.call("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, **fields}, subaccount=subaccount)


def tell(api: Api, type: str, message: str = "m1", domain: str = "mail.example", **more: Any) -> None:
    """An event of a message that somebody else sent."""
    about = {"message_id": message, "recipient_domain": domain, "rcpt_to": f"ada@{domain}"}
    recorder.record(api.ctx, orjson.dumps(about), type, **more)


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


def test_the_older_name_gives_the_same(api: Api) -> None:
    send(api)
    metrics = "count_targeted,count_injected"
    assert (
        ask(api, metrics=metrics)
        == ask(api, "/aggregate", metrics=metrics)
        == [{"count_targeted": 1, "count_injected": 1}]
    )


def test_what_nobody_sent_is_zero(api: Api) -> None:
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
        tell(api, type, message, **more)
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
def test_metrics_by_a_quality(api: Api, path: str, key: str, values: list[Any]) -> None:
    for id, sender in (("t", "news@shop.example"), ("u", "news@other.example")):
        api.call("POST", "/templates", {"id": id, "content": CONTENT | {"from": sender}, "published": True})
    send(api, "ada@mail.example", "eve@mail.example", content={"template_id": "t"}, campaign_id="autumn")
    body = {"recipients": [{"address": "grace@gmail.com"}], "content": CONTENT | {"from": "news@other.example"}}
    api.call("POST", "/transmissions", body, subaccount=7)
    rows = ask(api, f"/{path}", metrics="count_injected")
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
        tell(api, "open", domain="one.example")
    query: dict[str, Any] = {"metrics": "count_injected,count_rendered"}
    domains = [row["domain"] for row in ask(api, "/domain", **query)]
    assert domains == ["two.example", "one.example", "three.example"]
    domains = [row["domain"] for row in ask(api, "/domain", order_by="count_rendered", limit=2, **query)]
    assert domains == ["one.example", "three.example"]


def test_add_on_figures_are_empty(api: Api) -> None:
    send(api)
    assert ask(api, "/subject-campaign", metrics=",".join(ADD_ON)) == []
    assert api.call("GET", "/metrics/subject-campaigns") == {"subject-campaigns": []}
    assert refused(api, f"{DELIVERABILITY}/subject-campaign", from_=FROM, metrics="count_sent")[0]["param"] == "metrics"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"domains": "gmail.com"}, 1),
        ({"domains": "gmail.com,MAIL.example"}, 3),
        ({"domains": "gmail.com;mail.example", "delimiter": ";"}, 3),
        ({"domains": "gmail.com", "campaigns": "autumn"}, 0),
        ({"campaigns": "autumn"}, 2),
        ({"templates": "t"}, 0),
        ({"sending_domains": "shop.example"}, 3),
        ({"sending_ips": recorder.SENDING_IP}, 3),
        ({"ip_pools": "dedicated"}, 0),
        ({"subaccounts": "0"}, 2),
        ({"subaccounts": "7"}, 1),
        ({"mailbox_providers": "gmail"}, 1),
        ({"mailbox_provider_regions": "Global"}, 3),
        ({"query_filters": '{"groupings":[{"AND":{"domains":{"eq":["gmail.com"]}}}]}'}, 1),
        ({"query_filters": '{"groupings":[{"AND":{"domains":{"notEq":["gmail.com"]}}}]}', "domains": "gmail.com"}, 2),
        ({"query_filters": '{"groupings":[{"AND":{"domains":{"like":["mail"]},"campaigns":{"eq":["autumn"]}}}]}'}, 2),
        ({"query_filters": '{"groupings":[{"OR":{"domains":{"eq":["gmail.com"]},"campaigns":{"eq":["autumn"]}}}]}'}, 3),
        ({"query_filters": '{"groupings":[{"OR":{"campaigns":{"notLike":["aut"]}}},{"AND":{}}]}'}, 1),
        ({"query_filters": '{"groupings":[]}'}, 3),
    ],
)  # fmt: skip
def test_filters_choose_what_is_counted(api: Api, query: dict[str, Any], count: int) -> None:
    send(api, "ada@mail.example", "eve@mail.example", campaign_id="autumn")
    send(api, "grace@gmail.com", subaccount=7)
    (row,) = ask(api, **{"metrics": "count_injected", **query})
    assert row == {"count_injected": count}


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        ("no JSON", "query_filters is not JSON"),
        ("[]", "query_filters must be an object with nothing but the array 'groupings'"),
        ('{"groupings":{}}', "query_filters must be an object with nothing but the array 'groupings'"),
        ('{"groupings":[{"XOR":{}}]}', "groupings[0] must have either AND or OR"),
        ('{"groupings":[{"AND":{},"OR":{}}]}', "groupings[0] must have either AND or OR"),
        ('{"groupings":[{"AND":[]}]}', "groupings[0].AND must be an object"),
        ('{"groupings":[{"AND":{"colours":{}}}]}', "groupings[0].AND has no filter 'colours'"),
        ('{"groupings":[{"AND":{"domains":["a"]}}]}', "groupings[0].AND.domains must be an object"),
        ('{"groupings":[{"AND":{"domains":{"is":["a"]}}}]}', "groupings[0].AND.domains has no comparator 'is'"),
        ('{"groupings":[{"AND":{"domains":{"eq":"a"}}}]}', "groupings[0].AND.domains.eq must be an array of strings"),
        ('{"groupings":[{"AND":{"domains":{"like":["ab"]}}}]}',
         "groupings[0].AND.domains.like takes strings of 3 characters or more"),
    ],
)  # fmt: skip
def test_filters_that_break_the_schema_are_refused(api: Api, filters: str, problem: str) -> None:
    query = urlencode({"from": FROM, "metrics": "count_sent", "query_filters": filters})
    response = api.send("GET", f"{DELIVERABILITY}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"message": "query_filters does not follow its schema", "param": "query_filters"}
    ]
    assert response.json()["validationErrors"] == [{"message": problem}]


def test_the_schema_of_filters_is_shown(api: Api) -> None:
    assert ask(api, "/query-filters-schema") == SCHEMA


def test_a_subaccount_sees_its_own(api: Api) -> None:
    send(api, "ada@mail.example")
    send(api, "grace@gmail.com", "eve@gmail.com", subaccount=7)
    assert ask(api, subaccount=7, metrics="count_injected") == [{"count_injected": 2}]
    assert ask(api, subaccount=0, metrics="count_injected") == [{"count_injected": 1}]
    assert api.call("GET", "/metrics/domains", subaccount=7) == {"domains": ["gmail.com"]}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"from": "2026-03-01T12:00"}, 3),
        ({"from": "2026-03-01T12:01"}, 2),
        ({"from": "2026-03-01T12:01", "to": "2026-03-01T13:00"}, 1),
        ({"from": "2026-03-01T12:01", "to": "2026-03-01T13:00", "precision": "hour"}, 2),
        ({"from": "2026-03-01T12:01", "to": "2026-03-01T13:01", "precision": "hour"}, 3),
        ({"from": "2026-03-01T12:04", "to": "2026-03-01T12:29", "precision": "5min"}, 2),
        ({"from": "2026-03-01T12:05", "to": "2026-03-01T12:29", "precision": "5min"}, 1),
        ({"from": "2026-03-01T23:00", "to": "2026-03-01T23:30", "precision": "day"}, 3),
        ({"from": "2026-03-01T07:00", "timezone": "America/New_York"}, 3),
        ({"from": "2026-03-01T07:01", "timezone": "America/New_York"}, 2),
        ({"from": "2026-03-01T12:00:00Z", "timezone": "America/New_York"}, 3),
    ],
)
def test_a_window_is_rounded_outwards(api: Api, query: dict[str, str], count: int) -> None:
    for seconds in (0, 25 * 60, 35 * 60):
        api.account.clock.advance(seconds)
        send(api)
    api.account.clock.advance(12 * 3600)
    response = api.send("GET", f"{DELIVERABILITY}?{urlencode({'metrics': 'count_injected', **query})}")
    assert response.json()["results"] == [{"count_injected": count}]


def test_a_query_without_from_is_told_three_things_and_where_to_look(api: Api) -> None:
    response = api.send("GET", DELIVERABILITY)
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"message": "from is required", "param": "from"},
        {"message": "from must be in the format YYYY-MM-DDTHH:MM", "param": "from"},
        {"message": "from must be before to", "param": "from"},
    ]
    links = response.json()["links"]
    assert links[0] == {"href": "/api/v1/metrics/deliverability", "rel": "deliverability", "method": "GET"}
    watched = {"href": "/api/v1/metrics/deliverability/watched-domain", "rel": "watched-domain", "method": "GET"}
    assert watched in links


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ({"from": "yesterday"}, ["from must be in the format YYYY-MM-DDTHH:MM", "from must be before to"]),
        ({"from": "2026-03-01"}, ["from must be in the format YYYY-MM-DDTHH:MM", "from must be before to"]),
        ({"from": "0001-01-01T00:00"}, ["from must be in the format YYYY-MM-DDTHH:MM", "from must be before to"]),
        ({"from": "2026-03-01T11:00", "to": "soon"}, ["to must be in the format YYYY-MM-DDTHH:MM"]),
        ({"from": "2026-03-01T11:00", "to": "2026-03-01T11:00"}, ["from must be before to"]),
        ({"from": "2026-03-02T11:00"}, ["from must be before to"]),
        ({"from": FROM, "metrics": ""}, ["metrics is required"]),
        ({"from": FROM, "timezone": "Nowhere"}, ["timezone must be a standard time zone's name"]),
        ({"from": FROM, "precision": "week"}, ["precision must be among 1min, 5min, 15min, hour, day"]),
        ({"from": "2026-02-27T12:00", "precision": "5min"}, ["precision 5min allows a window of 24 hours at most"]),
        ({"from": "2026-01-01T12:00", "precision": "hour"}, ["precision hour allows a window of 744 hours at most"]),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, query: dict[str, str], messages: list[str]) -> None:
    errors = refused(api, DELIVERABILITY, **{"metrics": "count_sent", **query})
    assert [error["message"] for error in errors] == messages


@pytest.mark.parametrize(
    ("query", "param"),
    [({"limit": "0"}, "limit"), ({"limit": "10001"}, "limit"), ({"order_by": "count_sent"}, "order_by")],
)
def test_rows_are_not_ordered_by_anything(api: Api, query: dict[str, str], param: str) -> None:
    errors = refused(api, f"{DELIVERABILITY}/domain", from_=FROM, metrics="count_injected", **query)
    assert [error["param"] for error in errors] == [param]


def test_an_unknown_metric_is_refused(api: Api) -> None:
    (error,) = refused(api, DELIVERABILITY, from_=FROM, metrics="count_sent,count_sheep")
    assert error["param"] == "metrics"
    assert "count_unique_clicked" in error["message"]


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
def test_a_series_has_the_steps_in_which_something_happened(
    api: Api, precision: str, zone: str, steps: dict[str, int]
) -> None:
    for seconds in (0, 1800, 16 * 3600):
        api.account.clock.advance(seconds)
        send(api)
    query: dict[str, Any] = {"precision": precision, "timezone": zone, "from": "2026-03-01T11:00"}
    rows = ask(api, "/time-series", metrics="count_injected", **query)
    assert {row["ts"]: row["count_injected"] for row in rows} == steps
    assert [row["ts"] for row in rows] == list(steps)


def trouble(api: Api) -> None:
    for domain in ("mail.example", "mail.example", "gmail.com"):
        tell(api, "bounce", domain=domain, bounce_class="10", reason="550 no such user", num_retries="0")
    tell(api, "out_of_band", bounce_class="22", reason="552 mailbox full")
    tell(api, "bounce", bounce_class="25", reason="554 suppressed")
    tell(api, "generation_failure", reason="bad data", domain="gmail.com")
    tell(api, "generation_rejection", reason="refused")
    tell(api, "policy_rejection", reason="refused")
    tell(api, "delay", reason="450 later", num_retries="0")
    tell(api, "delay", reason="450 later", num_retries="1")
    tell(api, "delay", reason="451 much later", num_retries="1", domain="gmail.com")


def test_bounces_by_reason(api: Api) -> None:
    trouble(api)
    rows = ask(api, "/bounce-reason", metrics="count_bounce,count_inband_bounce,count_outofband_bounce")
    assert rows == [
        {
            "reason": "550 no such user",
            "bounce_class_name": "Invalid Recipient",
            "bounce_class_description": CLASSES[10].description,
            "bounce_category_name": "Hard",
            "classification_id": 10,
            "bounce_category_id": 1,
            "count_bounce": 3,
            "count_inband_bounce": 3,
            "count_outofband_bounce": 0,
        },
        {
            "reason": "552 mailbox full",
            "bounce_class_name": "Mailbox Full",
            "bounce_class_description": CLASSES[22].description,
            "bounce_category_name": "Soft",
            "classification_id": 22,
            "bounce_category_id": CATEGORY_IDS["Soft"],
            "count_bounce": 1,
            "count_inband_bounce": 0,
            "count_outofband_bounce": 1,
        },
    ]
    (admin,) = ask(api, "/bounce-reason", metrics="count_admin_bounce")
    assert (admin["reason"], admin["count_admin_bounce"]) == ("554 suppressed", 1)


def test_bounces_by_reason_and_domain(api: Api) -> None:
    trouble(api)
    rows = ask(api, "/bounce-reason/domain", metrics="count_bounce", limit=2)
    assert [(row["domain"], row["reason"], row["count_bounce"]) for row in rows] == [
        ("mail.example", "550 no such user", 2),
        ("gmail.com", "550 no such user", 1),
    ]


def test_bounces_by_class(api: Api) -> None:
    trouble(api)
    rows = ask(api, "/bounce-classification", metrics="count_bounce")
    assert [(row["classification_id"], row["count_bounce"]) for row in rows] == [(10, 3), (22, 1)]
    assert "reason" not in rows[0]


def test_rejections_by_reason(api: Api) -> None:
    trouble(api)
    rows = ask(api, "/rejection-reason")
    assert sorted(rows, key=lambda row: row["rejection_category_id"]) == [
        {"reason": "refused", "rejection_category_id": 1, "rejection_type": "Policy Rejection", "count_rejected": 1},
        {
            "reason": "refused",
            "rejection_category_id": 2,
            "rejection_type": "Generation Rejection",
            "count_rejected": 1,
        },
        {"reason": "bad data", "rejection_category_id": 3, "rejection_type": "Generation Failure", "count_rejected": 1},
    ]
    domains = Counter(row["domain"] for row in ask(api, "/rejection-reason/domain"))
    assert domains == {"mail.example": 2, "gmail.com": 1}


def test_delays_by_reason(api: Api) -> None:
    trouble(api)
    first = {"reason": "450 later", "count_delayed": 2, "count_delayed_first": 1}
    second = {"reason": "451 much later", "count_delayed": 1, "count_delayed_first": 0}
    assert ask(api, "/delay-reason") == [first, second]
    rows = ask(api, "/delay-reason/domain")
    assert rows == [{"domain": "mail.example", **first}, {"domain": "gmail.com", **second}]


def test_clicks_by_link(api: Api) -> None:
    for message, name in (("m1", "banner"), ("m1", "banner"), ("m2", "banner"), ("m2", "")):
        tell(api, "click", message, target_link_name=name, target_link_url="https://shop.example/")
    assert ask(api, "/link-name", metrics="count_clicked,count_raw_clicked") == [
        {"link_name": "banner", "count_clicked": 2, "count_raw_clicked": 3},
        {"link_name": "https://shop.example/", "count_clicked": 1, "count_raw_clicked": 1},
    ]


def test_deliveries_by_attempt(api: Api) -> None:
    for retries in ("0", "0", "1", "2", "7"):
        tell(api, "delivery", num_retries=retries)
    assert ask(api, "/attempt") == [
        {"attempt": "1", "count_delivered": 2},
        {"attempt": "2", "count_delivered": 1},
        {"attempt": "3+", "count_delivered": 2},
    ]


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
def test_lists_of_what_there_are_metrics_on(api: Api, name: str, values: list[str]) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    send(api, "ada@mail.example", campaign_id="autumn", content={"template_id": "t"})
    api.account.clock.advance(60)
    send(api, "grace@gmail.com", campaign_id="spring", content={"template_id": "t"})
    assert api.call("GET", f"/metrics/{name}") == {name: values}
    assert api.call("GET", f"/metrics/{name}?limit=1") == {name: values[:1]}
    assert api.call("GET", f"/metrics/{name}?match=zzz") == {name: []}
    assert api.call("GET", f"/metrics/{name}?to=2026-03-01T12:00") == {name: []}


def test_lists_have_windows_and_matches(api: Api) -> None:
    send(api, "ada@mail.example")
    api.account.clock.advance(60)
    send(api, "grace@gmail.com")
    assert api.call("GET", "/metrics/domains?from=2026-03-01T12:01") == {"domains": ["gmail.com"]}
    assert api.call("GET", "/metrics/domains?match=MAIL.EX") == {"domains": ["mail.example"]}
    for query, param in (("from=x", "from"), ("to=x", "to"), ("limit=x", "limit"), (f"from={FROM}&to={FROM}", "from")):
        (error,) = api.send("GET", f"/metrics/domains?{query}").json()["errors"]
        assert error["param"] == param


def test_links_lead_to_what_there_is(api: Api) -> None:
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


GROUPED = [
    operation.path.removeprefix("/api/v1")
    for operation in SERVICE.operations.values()
    if operation.path.startswith("/api/v1/metrics")
]


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from(GROUPED),
    query=st.dictionaries(
        st.sampled_from(
            ["from", "to", "timezone", "metrics", "precision", "limit", "order_by", "query_filters", "domains", "match",
             "delimiter", "subaccounts"]
        ),
        st.sampled_from(
            [FROM, "2026-03-01T11:59", "9999-12-31T23:59", "0001-01-01T00:00", "count_sent", "count_bounce", "month",
             "hour", "12hr", "America/New_York", "5", "{}", '{"groupings":[{"AND":{"domains":{}}}]}']
        )
        | st.text(max_size=12),
    ),
)  # fmt: skip
def test_any_query_is_answered_or_refused(path: str, query: dict[str, str]) -> None:
    api = Api()
    body = {"recipients": [{"address": "ada@mail.example"}], "content": CONTENT}
    api.send("POST", "/transmissions", body)
    assert api.send("GET", f"{path}?{urlencode(query, errors='replace')}").status_code in (200, 400)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 4)),
        st.tuples(st.just("suppressed"), st.just(0)),
        st.tuples(st.just("failing"), st.just(0)),
        st.tuples(
            st.just("sink"),
            st.sampled_from(["bounce", "bounce-22", "delay-3", "expire", "oob", "fbl", "openclick", "mix"]),
        ),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1, 30, 600, 7200])),
        st.tuples(st.just("look"), st.just(0)),
        st.tuples(st.just("engage"), st.sampled_from(["open", "click", "spam_complaint", "out_of_band", "delay"])),
    ),
    max_size=10,
)


@pytest.mark.asyncio
@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
async def test_events_metrics_and_webhooks_agree(steps: list[tuple[str, Any]]) -> None:
    async with Api() as api, Target() as target:
        await api.hook(target, events=list(TYPES))
        api.call("PUT", "/suppression-list/eve@mail.example", {"type": "non_transactional"})
        for step, value in steps:
            match step:
                case "send":
                    api.transmit(*[f"ada{number}@mail.example" for number in range(value)])
                case "suppressed":
                    api.transmit("eve@mail.example", "ada@gmail.com")
                case "sink":
                    api.transmit(f"ada@{value}.sink.sparkpostmail.com")
                case "failing":
                    failing = {"address": "eve@mail.example", "substitution_data": {"order": {}}}
                    content = CONTENT | {"text": "{{order.id}}"}
                    api.transmit(content=content, recipients=[failing, {"address": "ada@mail.example"}])
                case "advance":
                    await api.advance(value)
                case "look":
                    api.call("GET", f"{DELIVERABILITY}?from={FROM}&metrics=count_sent")
                case _:
                    about = b'{"message_id":"m1","recipient_domain":"mail.example"}'
                    recorder.record(api.ctx, about, value, bounce_class="10", num_retries="0")
        await api.advance(5 * 86_400)
        known = api.send("GET", f"/events/message?per_page=10000&from={FROM}:00Z").json()["results"]
        types = Counter(event["type"] for event in known)
        assert Counter(event["event_id"] for event in received(target)) == Counter(event["event_id"] for event in known)
        query = f"?from={FROM}&metrics={','.join(METRICS)}"
        (row,) = api.call("GET", f"{DELIVERABILITY}{query}")
        counted = {
            "injection": row["count_injected"],
            "delivery": row["count_delivered"],
            "bounce": row["count_inband_bounce"] + row["count_admin_bounce"],
            "generation_failure": row["count_generation_failed"],
            "out_of_band": row["count_outofband_bounce"],
            "open": row["count_rendered"],
            "initial_open": row["count_initial_rendered"],
            "list_unsubscribe": row["count_unsubscribe"],
            "click": row["count_clicked"],
            "spam_complaint": row["count_spam_complaint"],
            "delay": row["count_delayed"],
        }
        assert {type: count for type, count in counted.items() if count} == types
        assert row["count_targeted"] == row["count_injected"] + row["count_rejected"]
        assert row["count_sent"] == row["count_delivered"] + row["count_inband_bounce"]
        assert row["count_bounce"] == sum(
            row[f"count_{kind}_bounce"] for kind in ("hard", "soft", "block", "undetermined")
        )
        summed = [name for name in METRICS if "unique" not in name]
        for path in ("domain", "subaccount", "time-series"):
            rows = api.call("GET", f"{DELIVERABILITY}/{path}{query}")
            assert {name: sum(row[name] for row in rows) for name in summed} == {name: row[name] for name in summed}


@pytest.mark.parametrize(
    "operation", sorted(operation.id for operation in SERVICE.operations.values() if "/metrics" in operation.path)
)
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    fixture = json.loads((FIXTURES / "metrics" / f"{operation}.json").read_text())
    send(api, "ada@mail.example", "grace@gmail.com", campaign_id="autumn")
    api.account.clock.advance(5)
    trouble(api)
    for name in ("banner", ""):
        tell(api, "click", target_link_name=name, target_link_url="https://shop.example/")
    request = fixture["request"]
    response = api.send(request["method"], request["path"].removeprefix("/api/v1"))
    assert response.status_code == fixture["status"], response.text
    assert shape(response.json()) == shape(fixture["response"])
