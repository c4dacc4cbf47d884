"""https://developers.sparkpost.com/api/events/"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import api_error, results
from contract_tests.sparkpost.target import Sparkpost

PATH = "/api/v1/events/message"

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def sent(api: httpx.Client, account: Sparkpost, recipient: str, name: Callable[[str], str]) -> dict[str, Any]:
    """A transmission to one recipient; ``id`` is what it got."""
    body = {
        "campaign_id": name("events"),
        "metadata": {"order": "A-17"},
        "recipients": [{"address": recipient, "tags": ["customer"]}],
        "content": {"from": account.sender, "subject": "Hello events", "text": "Hi"},
    }
    return {**body, "id": results(api.post("/api/v1/transmissions", json=body))["id"]}


def find(api: httpx.Client, type: str, **query: str) -> Callable[[], list[dict[str, Any]]]:
    """Search for events of a type, when it is called."""

    def search() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = results(api.get(PATH, params={"events": type, **query}))
        return rows

    return search


@pytest.mark.documented("search_events")
def test_sent_messages_have_events(
    api: httpx.Client, eventually: Eventually, sent: dict[str, Any], recipient: str
) -> None:
    (delivery,) = eventually(find(api, "delivery", transmissions=sent["id"]))
    assert (delivery["type"], delivery["transmission_id"]) == ("delivery", sent["id"])
    assert (delivery["rcpt_to"], delivery["subject"]) == (recipient, "Hello events")
    assert (delivery["campaign_id"], delivery["rcpt_meta"]) == (sent["campaign_id"], {"order": "A-17"})
    assert delivery["rcpt_tags"] == ["customer"]
    (injection,) = results(api.get(PATH, params={"events": "injection", "transmissions": sent["id"]}))
    assert injection["message_id"] == delivery["message_id"]


@pytest.mark.observed("search_events")
def test_sizes_and_customers_are_text(api: httpx.Client, eventually: Eventually, sent: dict[str, Any]) -> None:
    (event,) = eventually(find(api, "injection", transmissions=sent["id"]))
    assert isinstance(event["msg_size"], str)
    assert isinstance(event["customer_id"], str)


@pytest.mark.documented("search_events")
def test_a_search_is_narrowed_by_recipient(
    api: httpx.Client, eventually: Eventually, sent: dict[str, Any], recipient: str
) -> None:
    (event,) = eventually(find(api, "injection", recipients=recipient))
    assert event["transmission_id"] == sent["id"]
    assert find(api, "injection", recipients=f"nobody-{recipient}")() == []


@pytest.mark.documented("search_events")
def test_a_search_is_paged_by_cursor(api: httpx.Client, eventually: Eventually, sent: dict[str, Any]) -> None:
    query = {"events": "injection,delivery", "transmissions": sent["id"], "per_page": 1}
    eventually(find(api, "delivery", transmissions=sent["id"]))
    page = api.get(PATH, params={**query, "cursor": "initial"})
    assert (len(results(page)), page.json()["total_count"]) == (1, 2)
    following = api.get(page.json()["links"]["next"])
    assert {results(page)[0]["type"], results(following)[0]["type"]} == {"injection", "delivery"}
    assert following.json()["links"] == {}


@pytest.mark.observed("search_events")
def test_links_are_an_object(api: httpx.Client) -> None:
    response = api.get(PATH, params={"transmissions": "1"})
    assert response.json() == {"results": [], "total_count": 0, "links": {}}


@pytest.mark.documented("search_ingest_events")
def test_search_for_unknown_ingest_events_is_empty(api: httpx.Client) -> None:
    response = api.get("/api/v1/events/ingest", params={"batch_ids": "9e1f2c34-5a6b-4c7d-8e9f-0a1b2c3d4e5f"})
    assert response.json() == {"results": [], "total_count": 0, "links": {}}


@pytest.mark.assumed("search_ingest_events:invalid_query")
def test_batches_may_be_tried_again_or_not(api: httpx.Client) -> None:
    status, row = api_error(api.get("/api/v1/events/ingest", params={"retryable": "perhaps"}))
    assert (status, row["param"]) == (400, "retryable")


@pytest.mark.documented("document_events")
def test_the_fields_of_events_are_documented(api: httpx.Client) -> None:
    documented = {row["type"]["sampleValue"]: row for row in results(api.get(f"{PATH}/documentation"))}
    assert {"bounce", "delivery", "injection", "click", "open", "spam_complaint"} <= set(documented)
    assert documented["bounce"]["bounce_class"]["description"]


@pytest.mark.documented("sample_events")
def test_samples_of_events_are_shown(api: httpx.Client) -> None:
    bounce, click = results(api.get(f"{PATH}/samples", params={"events": "bounce,click"}))
    assert (bounce["type"], click["type"]) == ("bounce", "click")
    assert click["target_link_url"].startswith("http")


@pytest.mark.parametrize(
    ("end", "query", "param"),
    [
        case("search_events:invalid_query", "", {"from": "yesterday"}, "from", evidence="assumed", id="from"),
        case("search_events:invalid_query", "", {"events": "sneeze"}, "events", evidence="assumed", id="events"),
        case("search_events:invalid_query", "", {"per_page": "0"}, "per_page", evidence="assumed", id="per_page"),
        case("sample_events:invalid_query", "/samples", {"events": "sneeze"}, "events", evidence="assumed"),
    ],
)
def test_invalid_parameter_is_named(api: httpx.Client, end: str, query: dict[str, str], param: str) -> None:
    status, row = api_error(api.get(f"{PATH}{end}", params=query))
    assert (status, row["param"]) == (400, param)
    assert "code" not in row


@pytest.mark.documented("search_events")
@pytest.mark.sandbox_only
def test_a_suppressed_recipient_of_several_bounces(
    api: httpx.Client, account: Sparkpost, recipient: str, eventually: Eventually
) -> None:
    results(api.put(f"/api/v1/suppression-list/{recipient}", json={"type": "non_transactional"}))
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    body = {"recipients": [{"address": recipient}, {"address": f"other-{recipient}"}], "content": content}
    id = results(api.post("/api/v1/transmissions", json=body))["id"]
    (bounce,) = eventually(find(api, "bounce", transmissions=id))
    assert (bounce["rcpt_to"], bounce["bounce_class"]) == (recipient, "25")
    assert bounce["raw_reason"] == "554 5.7.1 recipient address was suppressed due to customer policy"
