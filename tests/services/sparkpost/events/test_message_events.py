"""Message events: the older search, by pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from sparkbox.services.sparkpost.events.event_types import TYPES
from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}


def send(api: Api, **fields: Any) -> str:
    body = {"recipients": [{"address": "ada@mail.example"}], "content": CONTENT, **fields}
    return str(api.call("POST", "/transmissions", body)["id"])


def search(api: Api, **query: Any) -> dict[str, Any]:
    response = api.send("GET", "/message-events?" + urlencode({name.rstrip("_"): v for name, v in query.items()}))
    assert response.status_code == 200, response.text
    page = response.json()
    assert isinstance(page, dict)
    return page


def test_numbers_are_strings_and_the_date_is_there_twice(api: Api) -> None:
    send(api)
    (event,) = search(api)["results"]
    assert event["customer_id"] == "1"
    assert event["timestamp"] == "2026-03-01T12:00:00.000+00:00"
    assert event["tdate"] == "2026-03-01T12:00:00.000Z"
    assert event["open_tracking"] is True


def test_time_zone_applies_to_query_and_response(api: Api) -> None:
    send(api)
    zone = "America/New_York"
    (event,) = search(api, timezone=zone)["results"]
    assert event["timestamp"] == "2026-03-01T07:00:00.000-05:00"
    assert search(api, timezone=zone, from_="2026-03-01T07:00")["total_count"] == 1
    assert search(api, timezone=zone, from_="2026-03-01T07:01")["total_count"] == 0
    assert search(api, timezone="UTC", from_="2026-03-01T07:01")["total_count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"events": "injection"}, 2),
        ({"events": "delivery"}, 0),
        ({"campaign_ids": "autumn"}, 1),
        ({"campaign_ids": "autumn;winter", "delimiter": ";"}, 2),
        ({"friendly_froms": "news@shop.example"}, 3),
        ({"recipients": "ada@mail.example"}, 1),
        ({"template_ids": "t"}, 0),
        ({"subaccounts": "7"}, 0),
        ({"bounce_classes": "25"}, 1),
        ({"reason": "%POLICY%"}, 1),
        ({"reason": "olic"}, 1),
        ({"message_ids": "none"}, 0),
        ({"transmission_ids": "1"}, 0),
        ({"to": "2026-03-01T12:00"}, 0),
    ],
)
def test_searching_finds_what_matches(api: Api, query: dict[str, str], count: int) -> None:
    api.call("PUT", "/suppression-list/grace@mail.example", {"type": "non_transactional"})
    later = {"start_time": "2026-03-01T12:00:01Z"}
    send(api, campaign_id="winter", recipients=[{"address": "grace@mail.example"}], options=later)
    api.account.clock.advance(1)
    send(api, campaign_id="autumn")
    if query.get("campaign_ids") == "autumn;winter":
        query = query | {"events": "injection"}
    assert search(api, **query)["total_count"] == count


def test_pages_are_linked(api: Api) -> None:
    ids = [send(api) for _ in range(3)]
    first = search(api, per_page=1)
    assert [link["rel"] for link in first["links"]] == ["next", "last"]
    assert first["links"][0]["href"] == "/api/v1/message-events?per_page=1&page=2"
    second = search(api, per_page=1, page=2)
    assert [link["rel"] for link in second["links"]] == ["first", "previous", "next", "last"]
    last = search(api, per_page=1, page=3)
    assert [link["rel"] for link in last["links"]] == ["first", "previous"]
    pages = [page["results"][0]["transmission_id"] for page in (first, second, last)]
    assert pages == ids[::-1]
    assert search(api, per_page=1, page=4)["results"] == []


def test_single_page_has_no_links(api: Api) -> None:
    send(api)
    assert search(api)["links"] == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("page=0", "page"),
        ("per_page=10001", "per_page"),
        ("timezone=Atlantis", "timezone"),
        ("timezone=../../etc/passwd", "timezone"),
        ("timezone=%00", "timezone"),
        ("from=x", "from"),
        ("from=2026-03-02T00:00&to=2026-03-01T00:00", "from"),
        ("events=arrival", "events"),
    ],
)
def test_invalid_search_is_refused(api: Api, query: str, param: str) -> None:
    response = api.send("GET", f"/message-events?{query}")
    assert (response.status_code, response.json()["errors"][0]["param"]) == (400, param)


def test_polling_more_than_once_in_two_minutes_is_throttled() -> None:
    api = Api()
    api.account.buckets.enabled = True
    assert api.send("GET", "/message-events").status_code == 200
    response = api.send("GET", "/message-events")
    assert (response.status_code, response.json()) == (429, {"errors": [{"message": "Too many requests"}]})
    assert api.send("GET", "/message-events/events/samples").status_code == 200
    assert api.send("GET", "/events/message").status_code == 200
    api.account.clock.advance(120)
    assert api.send("GET", "/message-events").status_code == 200


def test_documentation_and_samples_name_every_type(api: Api) -> None:
    documented = api.call("GET", "/message-events/events/documentation")
    assert [fields["type"]["sampleValue"] for fields in documented] == list(TYPES)
    samples = api.call("GET", "/message-events/events/samples?events=bounce,open")
    assert [sample["type"] for sample in samples] == ["bounce", "open"]
    assert samples[0]["customer_id"] == "1"


@pytest.mark.parametrize("operation", ["search_message_events", "document_message_events", "sample_message_events"])
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    send(
        api,
        campaign_id="autumn",
        metadata={"order": "A-17"},
        recipients=[{"address": "ada@mail.example"}, {"address": "grace@mail.example"}],
    )
    api.replay(f"events/{operation}")
