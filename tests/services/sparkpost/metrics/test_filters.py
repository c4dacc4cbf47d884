"""Filters and windows of metrics."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.metrics.filters import SCHEMA
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.metrics.calls import DELIVERABILITY, FROM, metrics_of, refused, send


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
def test_filters_select_the_events(api: Api, query: dict[str, Any], count: int) -> None:
    send(api, "ada@mail.example", "eve@mail.example", campaign_id="autumn")
    send(api, "grace@gmail.com", subaccount=7)
    (row,) = metrics_of(api, **{"metrics": "count_injected", **query})
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
def test_invalid_query_filters_are_refused(api: Api, filters: str, problem: str) -> None:
    query = urlencode({"from": FROM, "metrics": "count_sent", "query_filters": filters})
    response = api.send("GET", f"{DELIVERABILITY}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"message": "query_filters does not follow its schema", "param": "query_filters"}
    ]
    assert response.json()["validationErrors"] == [{"message": problem}]


def test_the_schema_of_filters_is_shown(api: Api) -> None:
    assert metrics_of(api, "/query-filters-schema") == SCHEMA


def test_metrics_of_a_subaccount_are_its_own(api: Api) -> None:
    send(api, "ada@mail.example")
    send(api, "grace@gmail.com", "eve@gmail.com", subaccount=7)
    assert metrics_of(api, subaccount=7, metrics="count_injected") == [{"count_injected": 2}]
    assert metrics_of(api, subaccount=0, metrics="count_injected") == [{"count_injected": 1}]
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
def test_window_is_extended_to_whole_steps(api: Api, query: dict[str, str], count: int) -> None:
    for seconds in (0, 25 * 60, 35 * 60):
        api.account.clock.advance(seconds)
        send(api)
    api.account.clock.advance(12 * 3600)
    response = api.send("GET", f"{DELIVERABILITY}?{urlencode({'metrics': 'count_injected', **query})}")
    assert response.json()["results"] == [{"count_injected": count}]


def test_query_without_from_gets_three_errors_and_links(api: Api) -> None:
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
def test_invalid_window_is_refused(api: Api, query: dict[str, str], messages: list[str]) -> None:
    errors = refused(api, DELIVERABILITY, **{"metrics": "count_sent", **query})
    assert [error["message"] for error in errors] == messages


@pytest.mark.parametrize(
    ("query", "param"),
    [({"limit": "0"}, "limit"), ({"limit": "10001"}, "limit"), ({"order_by": "count_sent"}, "order_by")],
)
def test_invalid_order_by_and_limit_are_refused(api: Api, query: dict[str, str], param: str) -> None:
    errors = refused(api, f"{DELIVERABILITY}/domain", from_=FROM, metrics="count_injected", **query)
    assert [error["param"] for error in errors] == [param]


def test_an_unknown_metric_is_refused(api: Api) -> None:
    (error,) = refused(api, DELIVERABILITY, from_=FROM, metrics="count_sent,count_sheep")
    assert error["param"] == "metrics"
    assert "count_unique_clicked" in error["message"]
