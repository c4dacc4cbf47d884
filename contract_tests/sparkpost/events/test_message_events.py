"""https://developers.sparkpost.com/api/message-events/

It is limited to one request in two minutes, so only one test calls the real service.
"""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparkpost.responses import api_error, results
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World

PATH = "/api/v1/message-events"


@pytest.mark.observed("search_message_events")
def test_events_are_searched_by_pages(api: httpx.Client, real: bool) -> None:
    response = api.get(PATH, params={"events": "injection", "per_page": 1, "page": 1})
    if real and response.status_code == 429:
        pytest.skip("somebody has asked within the last two minutes")
    assert set(response.json()) == {"results", "total_count", "links"}
    assert isinstance(response.json()["links"], list)


@pytest.mark.observed("search_message_events")
@pytest.mark.sandbox_only
def test_all_numbers_are_text(api: httpx.Client, account: Sparkpost, recipient: str) -> None:
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    body = {"recipients": [{"address": recipient}], "content": content}
    id = results(api.post("/api/v1/transmissions", json=body))["id"]
    (event,) = results(api.get(PATH, params={"transmission_ids": id, "events": "injection"}))
    assert (event["rcpt_to"], event["customer_id"]) == (recipient, "1")
    assert event["tdate"].endswith("Z")


@pytest.mark.assumed("search_message_events:too_many_requests")
@pytest.mark.sandbox_only
def test_metrics_are_limited_to_once_in_two_minutes(api: httpx.Client, world: World) -> None:
    world.limits.enable()
    assert api.get(PATH).status_code == 200
    status, row = api_error(api.get(PATH))
    assert (status, row["message"]) == (429, "Too many requests")
    world.clock.advance(121)
    assert api.get(PATH).status_code == 200


@pytest.mark.observed("document_message_events")
def test_the_fields_of_events_are_documented(api: httpx.Client) -> None:
    documented = [row["type"]["sampleValue"] for row in results(api.get(f"{PATH}/events/documentation"))]
    assert {"bounce", "delivery", "injection", "click", "open"} <= set(documented)


@pytest.mark.observed("sample_message_events")
def test_samples_of_events_are_shown(api: httpx.Client) -> None:
    (opened,) = results(api.get(f"{PATH}/events/samples", params={"events": "open"}))
    assert opened["type"] == "open"


@pytest.mark.assumed("sample_message_events:invalid_query")
@pytest.mark.sandbox_only
def test_an_unknown_event_has_no_sample(api: httpx.Client) -> None:
    assert api_error(api.get(f"{PATH}/events/samples", params={"events": "sneeze"}))[1]["param"] == "events"
