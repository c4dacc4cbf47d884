"""The Events API: what happened, searched and paged by cursors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.events.event_types import TYPES
from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": "Ada@mail.example"}


def send(api: Api, *, subaccount: int | None = None, **fields: Any) -> str:
    body = {"recipients": [ADA], "content": CONTENT, **fields}
    return str(api.call("POST", "/transmissions", body, subaccount=subaccount)["id"])


def search(api: Api, subaccount: int | None = None, **query: Any) -> dict[str, Any]:
    path = "/events/message?" + urlencode({name.rstrip("_"): value for name, value in query.items()})
    response = api.send("GET", path, subaccount=subaccount)
    assert response.status_code == 200, response.text
    page = response.json()
    assert isinstance(page, dict)
    return page


def found(api: Api, **query: Any) -> list[str]:
    """The subjects of the events found, oldest first."""
    return [event["subject"] for event in reversed(search(api, **query)["results"])]


def test_event_shows_its_timestamp(api: Api) -> None:
    id = send(api)
    api.account.clock.advance(5)
    page = search(api)
    assert (page["total_count"], page["links"]) == (2, {})
    delivery, injection = page["results"]
    assert (injection["type"], injection["timestamp"]) == ("injection", "2026-03-01T12:00:00.000+00:00")
    assert (delivery["type"], delivery["timestamp"]) == ("delivery", "2026-03-01T12:00:01.000+00:00")
    assert delivery["injection_time"] == "2026-03-01T12:00:00.000+00:00"
    assert delivery["transmission_id"] == id
    assert (delivery["customer_id"], delivery["num_retries"]) == ("1", "0")


def test_event_fields_are_all_documented(api: Api) -> None:
    suppressed = {"recipients": [ADA, {"address": "grace@mail.example"}], "content": CONTENT}
    api.call("PUT", "/suppression-list/grace@mail.example", {"type": "non_transactional"})
    api.call("POST", "/transmissions", suppressed)
    failing = [{"address": "eve@mail.example", "substitution_data": {"order": {}}}, ADA]
    send(api, recipients=failing, content=CONTENT | {"text": "{{order.id}}"}, campaign_id="c", metadata={"a": 1})
    send(api, subaccount=7, options={"transactional": True})
    api.account.clock.advance(5)
    events = search(api)["results"]
    assert {event["type"] for event in events} == {"injection", "delivery", "bounce", "generation_failure"}
    for event in events:
        assert set(event) <= set(TYPES[event["type"]].fields)


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ({"events": "injection"}, ["First", "Second sale"]),
        ({"events": "delivery,bounce"}, ["First", "Second sale"]),
        ({"events": "open"}, []),
        ({"recipients": "ADA@mail.example", "events": "injection"}, ["First"]),
        ({"recipients": "ada@mail.example,grace@other.example", "events": "injection"}, ["First", "Second sale"]),
        ({"recipients": "ada@mail.example|grace@other.example", "events": "injection|open", "delimiter": "|"},
         ["First", "Second sale"]),
        ({"recipient_domains": "other", "events": "injection"}, ["Second sale"]),
        ({"recipient_domains": "oth", "events": "injection"}, []),
        ({"sending_domains": "shop.example", "events": "injection"}, ["First", "Second sale"]),
        ({"from_addresses": "news@shop.example", "events": "injection"}, ["First", "Second sale"]),
        ({"subjects": "sale", "events": "injection"}, ["Second sale"]),
        ({"campaigns": "blackfriday", "events": "injection"}, ["Second sale"]),
        ({"campaigns": "friday", "events": "injection"}, []),
        ({"campaigns": "blackfriday-flash", "events": "injection"}, ["Second sale"]),
        ({"campaigns": "blackfriday-deals", "events": "injection"}, []),
        ({"templates": "t", "events": "injection"}, ["Second sale"]),
        ({"ip_pools": "shared", "events": "injection"}, ["First", "Second sale"]),
        ({"sending_ips": recorder.SENDING_IP, "events": "injection"}, ["First", "Second sale"]),
        ({"mailbox_providers": "other", "events": "injection"}, ["First", "Second sale"]),
        ({"mailbox_provider_regions": "Europe", "events": "injection"}, []),
        ({"bounce_classes": "10,25"}, ["Second sale"]),
        ({"reasons": "customer policy"}, ["Second sale"]),
        ({"reasons": "custom"}, []),
        ({"ab_tests": "x"}, []),
        ({"from": "2026-03-01T12:00:10Z"}, ["Second sale", "Second sale"]),
        ({"to": "2026-03-01T12:00:10Z"}, ["First", "First"]),
        ({"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T12:00:01Z"}, ["First"]),
        ({"from": "2026-03-01T13:00:10+01:00"}, ["Second sale", "Second sale"]),
        ({"to": "2026-02-01T00:00:00Z"}, []),
    ],
)  # fmt: skip
def test_searching_finds_what_matches(api: Api, query: dict[str, str], subjects: list[str]) -> None:
    send(api, content=CONTENT | {"subject": "First"})
    api.account.clock.advance(20)
    content = CONTENT | {"subject": "Second sale"}
    api.call("POST", "/templates", {"id": "t", "content": content, "published": True})
    api.call("PUT", "/suppression-list/grace@other.example", {"type": "non_transactional"})
    send(
        api,
        recipients=[{"address": "grace@other.example"}],
        content={"template_id": "t"},
        campaign_id="blackfriday-flash-deals",
        options={"start_time": "2026-03-01T12:00:21Z"},
    )
    api.account.clock.advance(1)
    assert found(api, **query) == subjects


def test_ids_are_found(api: Api) -> None:
    first, second = send(api), send(api)
    (event,) = search(api, transmissions=first)["results"]
    assert search(api, messages=event["message_id"])["total_count"] == 1
    assert search(api, event_ids=event["event_id"])["results"] == [event]
    assert search(api, transmissions=f"{first},{second}")["total_count"] == 2


def test_events_are_filtered_by_subaccount(api: Api) -> None:
    send(api)
    send(api, subaccount=7)
    assert search(api)["total_count"] == 2
    assert search(api, subaccounts="7")["total_count"] == 1
    assert [event["subaccount_id"] for event in search(api, subaccount=7)["results"]] == ["7"]
    assert search(api, subaccount=0)["total_count"] == 1


def test_search_covers_the_last_day_by_default(api: Api) -> None:
    send(api)
    api.account.clock.advance(2 * 86_400)
    assert search(api)["total_count"] == 0
    assert search(api, from_="2026-03-01T00:00:00Z")["total_count"] == 2
    assert search(api, to="2026-03-02T00:00:00Z")["total_count"] == 2


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("per_page=0", "per_page", "per_page must be between 1 and 10000"),
        ("per_page=10001", "per_page", "per_page must be between 1 and 10000"),
        ("cursor=!", "cursor", "cursor is invalid"),
        ("cursor=WzEsMl0=", "cursor", "cursor is invalid"),
        ("from=1", "from", "from must be in the format YYYY-MM-DDTHH:MM:ssZ"),
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from", "from must be before to"),
        ("ab_test_versions=1", "ab_tests", "ab_tests is required with ab_test_versions"),
    ],
)
def test_invalid_search_is_refused(api: Api, query: str, param: str, message: str) -> None:
    response = api.send("GET", f"/events/message?{query}")
    assert (response.status_code, response.json()) == (400, {"errors": [{"message": message, "param": param}]})


def test_an_unknown_type_of_event_is_refused(api: Api) -> None:
    for path in ("/events/message", "/events/message/samples"):
        response = api.send("GET", f"{path}?events=arrival")
        assert response.status_code == 400
        assert response.json()["errors"][0]["message"].startswith("events must be among bounce, delivery, injection")


def test_the_link_to_the_next_page_keeps_the_query(api: Api) -> None:
    for _ in range(3):
        send(api)
    page = search(api, events="injection", per_page=2)
    assert (len(page["results"]), page["total_count"]) == (2, 3)
    assert page["links"]["next"].startswith("/api/v1/events/message?events=injection&per_page=2&cursor=")
    rest = api.send("GET", page["links"]["next"].removeprefix("/api/v1")).json()
    assert (len(rest["results"]), rest["total_count"], rest["links"]) == (1, 3, {})


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=8),
    st.integers(1, 6),
    st.sampled_from([None, "injection", "delivery"]),
)
@settings(max_examples=60, deadline=None)
def test_cursors_lead_to_each_event_once(sent: list[tuple[int, int]], per_page: int, type: str | None) -> None:
    api = Api()

    def send(recipients: int) -> None:
        body = {"recipients": [{"address": f"r{n}@mail.example"} for n in range(recipients)], "content": CONTENT}
        api.call("POST", "/transmissions", body)

    for recipients, seconds in sent:
        send(recipients)
        api.account.clock.advance(seconds)
    wanted = [e.json()["event_id"] for e in api.account.events.newest() if type in (None, e.type)]
    seen: list[str] = []
    path = f"/events/message?cursor=initial&per_page={per_page}" + (f"&events={type}" if type else "")
    while path:
        page = api.send("GET", path).json()
        assert page["total_count"] == len(wanted)
        assert len(page["results"]) <= per_page
        seen += [event["event_id"] for event in page["results"]]
        path = page["links"].get("next", "").removeprefix("/api/v1")
        # Events that happen meanwhile are on none of the pages.
        send(1)
        api.account.clock.advance(10_000)
    assert seen == wanted


def test_events_can_be_recorded_for_any_message(api: Api) -> None:
    send(api, campaign_id="autumn")
    (message,) = api.account.messages.oldest()
    ctx = api.ctx
    result = recorder.common_fields_of(ctx, message.number)
    assert result is not None
    recorder.record(ctx, result, "open", message=message.number, user_agent="Firefox")
    (event,) = search(api, events="open")["results"]
    assert (event["user_agent"], event["campaign_id"], event["rcpt_to"]) == ("Firefox", "autumn", "ada@mail.example")
    assert recorder.common_fields_of(ctx, 999) is None


def test_message_without_its_injection_is_not_delivered_again(api: Api) -> None:
    send(api)
    api.account.events.clear()
    api.account.clock.advance(5)
    assert search(api)["total_count"] == 0


# Ingest events

BATCH = {"customer_id": 1, "expiration_timestamp": "2026-03-11T12:00:00.000Z"}


def ingested(api: Api) -> None:
    """Two batches: one that was taken, and two seconds later one of which some events were not."""
    taken = BATCH | {"event_id": "1", "batch_id": "b1", "number_succeeded": 97, "number_duplicates": 0}
    failed = {"error_type": "validation", "number_failed": 2, "number_succeeded": 5, "retryable": False}
    api.ctx.emit("success", {"type": "success", **taken})
    api.account.clock.advance(2)
    api.ctx.emit("error", {"type": "error", **BATCH, **failed, "event_id": "2", "batch_id": "b2", "subaccount_id": 7})


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["2", "1"]),
        ("?events=success", ["1"]),
        ("?batch_ids=b2,b9", ["2"]),
        ("?event_ids=1", ["1"]),
        ("?error_types=validation", ["2"]),
        ("?retryable=false", ["2"]),
        ("?retryable=true", []),
        ("?subaccounts=7", ["2"]),
        ("?from=2026-03-01T12:00:01Z", ["2"]),
        ("?to=2026-03-01T12:00:02Z", ["1"]),
        ("?events=error;success&delimiter=;", ["2", "1"]),
    ],
)
def test_ingest_events_are_searched(api: Api, query: str, ids: list[str]) -> None:
    ingested(api)
    send(api)
    response = api.send("GET", f"/events/ingest{query}").json()
    assert [event["event_id"] for event in response["results"]] == ids
    assert response["total_count"] == len(ids)


def test_ingest_events_are_paged_and_no_message_events(api: Api) -> None:
    ingested(api)
    first = api.send("GET", "/events/ingest?per_page=1&cursor=initial").json()
    following = api.send("GET", first["links"]["next"].removeprefix("/api/v1")).json()
    pages = [event["timestamp"] for page in (first, following) for event in page["results"]]
    assert pages == ["2026-03-01T12:00:02.000Z", "2026-03-01T12:00:00.000Z"]
    assert following["links"] == {}
    assert search(api)["total_count"] == 0


@pytest.mark.parametrize(("query", "param"), [("events=bounce", "events"), ("retryable=perhaps", "retryable")])
def test_invalid_search_for_ingest_events_is_refused(api: Api, query: str, param: str) -> None:
    response = api.send("GET", f"/events/ingest?{query}")
    assert (response.status_code, response.json()["errors"][0]["param"]) == (400, param)


def test_documentation_and_samples_name_every_type(api: Api) -> None:
    documented = api.call("GET", "/events/message/documentation")
    assert [fields["type"]["sampleValue"] for fields in documented] == list(TYPES)
    samples = api.call("GET", "/events/message/samples")
    assert [sample["type"] for sample in samples] == list(TYPES)
    assert all(set(fields) == set(sample) for fields, sample in zip(documented, samples, strict=True))


@pytest.mark.parametrize("operation", ["search_events", "document_events", "sample_events"])
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    content = CONTENT | {"subject": "Hello", "html": "h"}
    recipients = [{"address": "ada@mail.example", "tags": ["customer"]}]
    send(api, recipients=recipients, content=content, campaign_id="autumn", metadata={"order": "A-17"})
    api.account.clock.advance(5)
    api.replay(f"events/{operation}")
