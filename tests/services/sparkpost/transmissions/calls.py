"""Calls of the Transmissions API that several tests make."""

from __future__ import annotations

from typing import Any

from sparkbox.core.logs.messages import Message
from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": {"email": "Ada@mail.example", "name": "Ada"}}


def request(**fields: Any) -> dict[str, Any]:
    return {"recipients": [ADA], "content": CONTENT, **fields}


def send(api: Api, **fields: Any) -> str:
    """Send to one recipient; return the transmission's id."""
    return str(api.call("POST", "/transmissions", request(**fields))["id"])


def messages(api: Api) -> list[Message]:
    return list(api.account.messages.oldest())


def message(api: Api, **fields: Any) -> Message:
    """Return the one message of a transmission with these fields."""
    send(api, **fields)
    (captured,) = messages(api)
    return captured


def events(api: Api, *types: str) -> list[dict[str, Any]]:
    """Return the data of the events of these types, oldest first."""
    return [event.json() for event in api.account.events.oldest() if event.type in types]


def refuse(api: Api, **fields: Any) -> dict[str, Any]:
    """Return the one error of a refused transmission; check that nothing was sent."""
    response = api.send("POST", "/transmissions", request(**fields))
    (row,) = response.json()["errors"]
    assert messages(api) == []
    return {"status": response.status_code, **row}
