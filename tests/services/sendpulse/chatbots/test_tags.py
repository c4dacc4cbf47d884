"""Tags of the chatbots' contacts, in each messenger."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sendpulse.chatbots.channels import CHANNELS, TELEGRAM, WHATSAPP, Channel
from tests.services.sendpulse.api import Api
from tests.services.sendpulse.chatbots.record_samples import record


def new_contact(api: Api, channel: Channel, **fields: Any) -> dict[str, Any]:
    contact: dict[str, Any] = api.simulate("chatbot-contact", messenger=channel.name, **fields)["contact"]
    return contact


def counts(api: Api, channel: Channel, bot_id: str, **query: Any) -> dict[str, int]:
    rows = api.call("GET", f"{channel.prefix}/tags", bot_id=bot_id, **query)["data"]
    return {row["name"]: row["contact_count"] for row in rows}


def refuse(api: Api, method: str, path: str, body: Any = None, **query: Any) -> Any:
    fields = api.call(method, path, body, status=422, **query)
    assert fields.pop("message") == "The given data was invalid."
    return fields.pop("errors")


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_assigned_tags_are_counted_and_find_contacts(api: Api, channel: Channel) -> None:
    old, new = new_contact(api, channel, tags=["vip"]), new_contact(api, channel)
    for contact in (old, new):
        body = {"contact_id": contact["id"], "tags": ["vip", "webinar"]}
        assert api.call("POST", f"{channel.prefix}/contacts/setTag", body) == {"success": True, "data": True}
    assert counts(api, channel, old["bot_id"]) == {"customer": 1, "vip": 2, "webinar": 2}
    body = {"contact_id": old["id"], "tag": "webinar"}
    assert api.call("POST", f"{channel.prefix}/contacts/deleteTag", body) == {"success": True, "data": True}
    assert counts(api, channel, old["bot_id"])["webinar"] == 1
    page = api.call("GET", f"{channel.prefix}/contacts/getByTag", bot_id=old["bot_id"], tag="vip")
    assert page["meta"] == {"total": 2}
    assert page["data"] == [{**new, "tags": ["vip", "webinar"]}, {**old, "tags": ["vip"]}]


def test_tag_without_contacts_remains(api: Api) -> None:
    contact = new_contact(api, TELEGRAM, tags=["vip"])
    for _ in range(2):
        api.call("POST", "/telegram/contacts/deleteTag", {"contact_id": contact["id"], "tag": "vip"})
    assert counts(api, TELEGRAM, contact["bot_id"]) == {"customer": 1, "vip": 0}


def test_size_and_skip_page_tags_and_contacts(api: Api) -> None:
    bot_id = new_contact(api, TELEGRAM, tags=["a", "b", "c"])["bot_id"]
    assert list(counts(api, TELEGRAM, bot_id, size=2, skip=1)) == ["a", "b"]
    assert len(counts(api, TELEGRAM, bot_id, limit=1, offset=3)) == 4
    page = api.call("GET", "/telegram/contacts/getByTag", bot_id=bot_id, tag="a", size=1000, skip=1)
    assert (page["data"], page["meta"]) == ([], {"total": 1})


def test_contact_and_bot_of_another_messenger_are_unknown(api: Api) -> None:
    contact = new_contact(api, TELEGRAM)
    body = {"contact_id": contact["id"], "tags": ["vip"]}
    assert refuse(api, "POST", "/whatsapp/contacts/setTag", body) == {
        "contact_id": ["The selected contact id is invalid."]
    }
    assert refuse(api, "GET", "/whatsapp/tags", bot_id=contact["bot_id"]) == {
        "bot_id": ["The selected bot id is invalid."]
    }


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"contact_id": ["The contact id field is required."], "tags": ["The tags field is required."]}),
        (
            {"contact_id": "", "tags": []},
            {"contact_id": ["The contact id field is required."], "tags": ["The tags field is required."]},
        ),
        ({"contact_id": "x", "tags": "vip"}, {"tags": ["The tags must be an array."]}),
        ({"contact_id": "x", "tags": ["vip", 3]}, {"tags.1": ["The tags.1 must be a string."]}),
    ],
)
def test_invalid_fields_are_all_named(api: Api, body: Any, errors: Any) -> None:
    assert refuse(api, "POST", "/viber/chatbots/contacts/setTag", body) == errors


def test_size_has_bounds(api: Api) -> None:
    assert refuse(api, "GET", "/live-chat/tags", bot_id="x", size=1001, skip="x") == {
        "size": ["The size may not be greater than 1000."],
        "skip": ["The skip must be an integer."],
    }


def test_gateway_refuses_chatbots_as_everything_else(api: Api) -> None:
    assert api.call("GET", "/whatsapp/nothing", status=404) == {"message": "The requested resource was not found"}
    assert api.refuse("GET", "/whatsapp/contacts/setTag") == (405, 405, "Method Not Allowed")
    response = api.http.post("/whatsapp/contacts/setTag", content=b"{", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error_code"]) == (422, 21356)
    api.http.headers["Authorization"] = "Bearer wrong"
    assert api.refuse("GET", "/whatsapp/tags") == (401, 401, "Unauthorized!")


def test_bots_are_seeded_with_the_first_request(api: Api) -> None:
    api.call("GET", "/addressbooks")
    assert "Bot" not in api.ctx.store.sizes()
    refuse(api, "GET", "/whatsapp/tags", bot_id="x")
    sizes = api.ctx.store.sizes()
    assert (sizes["Bot"], sizes["Contact"]) == (7, 14)
    assert not api.ctx.store.changed


def test_simulated_contact_needs_a_bot_of_its_messenger(api: Api) -> None:
    bot_id = new_contact(api, TELEGRAM)["bot_id"]
    assert new_contact(api, TELEGRAM, bot_id=bot_id, name="Zoe")["channel_data"]["last_name"] is None
    api.simulate("chatbot-contact", 422, messenger=WHATSAPP.name, bot_id=bot_id)
    api.simulate("chatbot-contact", 422, messenger="vk")


def test_samples_are_what_is_recorded() -> None:
    for path, text in record().items():
        assert path.read_text("utf-8") == text
