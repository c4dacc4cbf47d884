"""https://sendpulse.com/integrations/api/chatbot

Contacts come from outside the API. On the real service ``SENDPULSE_CHATBOTS`` names one of each bot to test with:
``whatsapp=<bot id>:<contact id>,telegram=<bot id>:<contact id>``.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import httpx
import pytest
from _pytest.mark.structures import ParameterSet

from contract_tests.sendpulse.responses import result
from sparkbox.services.sendpulse.chatbots.channels import CHANNELS, WHATSAPP, Channel

Find = Callable[[Channel], tuple[str, str]]


@pytest.fixture
def find(real: bool, request: pytest.FixtureRequest) -> Find:
    """Return the ids of a bot and a contact of a messenger."""
    named = dict(row.split("=", 1) for row in os.environ.get("SENDPULSE_CHATBOTS", "").split(",") if row)

    def of(channel: Channel) -> tuple[str, str]:
        if not real:
            world = request.getfixturevalue("world")
            contact = world.simulate("sendpulse", "chatbot-contact", messenger=channel.name)["contact"]
            return contact["bot_id"], contact["id"]
        if channel.name not in named:
            pytest.skip(f"SENDPULSE_CHATBOTS does not name a contact of {channel.title}")
        bot_id, _, contact_id = named[channel.name].partition(":")
        return bot_id, contact_id

    return of


def rows(*operations: str) -> list[ParameterSet]:
    """Return each messenger, marked with its operations."""
    return [
        pytest.param(
            channel, id=channel.name, marks=pytest.mark.documented(*(f"{channel.name}_{id}" for id in operations))
        )
        for channel in CHANNELS
    ]


@pytest.mark.parametrize("channel", rows("assign_tags", "remove_tag", "list_tags", "list_contacts_by_tag"))
def test_tag_is_assigned_found_and_removed(
    api: httpx.Client, channel: Channel, find: Find, name: Callable[[str], str]
) -> None:
    (bot_id, contact_id), tag = find(channel), name("tag")
    assign = api.post(f"{channel.prefix}/contacts/setTag", json={"contact_id": contact_id, "tags": [tag]})
    assert result(assign) == {"success": True, "data": True}
    tags = result(api.get(f"{channel.prefix}/tags", params={"bot_id": bot_id, "size": 100}))["data"]
    assert [row["contact_count"] for row in tags if row["name"] == tag] == [1]
    page = result(api.get(f"{channel.prefix}/contacts/getByTag", params={"bot_id": bot_id, "tag": tag}))
    assert [contact["id"] for contact in page["data"]] == [contact_id]
    remove = api.post(f"{channel.prefix}/contacts/deleteTag", json={"contact_id": contact_id, "tag": tag})
    assert result(remove) == {"success": True, "data": True}


@pytest.mark.observed("whatsapp_assign_tags:chat_invalid", "*:chat_not_found")
def test_chatbots_name_the_fields_that_are_invalid(api: httpx.Client) -> None:
    response = api.post(f"{WHATSAPP.prefix}/contacts/setTag", json={"tags": []})
    assert (response.status_code, response.json()["message"]) == (422, "The given data was invalid.")
    assert "contact_id" in response.json()["errors"]
    assert "was not found" in api.get(f"{WHATSAPP.prefix}/nothing").json()["message"]
