"""Properties of metrics: any query gets a response, and events, metrics and webhooks agree."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost import SERVICE
from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.events.event_types import TYPES
from sparkbox.services.sparkpost.metrics.aggregates import METRICS
from tests.core.target import Target
from tests.services.sparkpost.api import FIXTURES, Api, received, shape
from tests.services.sparkpost.metrics.calls import CONTENT, DELIVERABILITY, FROM, record_event, send, trouble

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
def test_any_query_gets_a_200_or_400(path: str, query: dict[str, str]) -> None:
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
        record_event(api, "click", target_link_name=name, target_link_url="https://shop.example/")
    request = fixture["request"]
    response = api.send(request["method"], request["path"].removeprefix("/api/v1"))
    assert response.status_code == fixture["status"], response.text
    assert shape(response.json()) == shape(fixture["response"])
