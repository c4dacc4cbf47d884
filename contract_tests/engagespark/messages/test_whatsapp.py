"""WhatsApp: https://openapi.engagespark.com/#tag/WhatsApp. Tests have no registered number on a real account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.engagespark.target import RECIPIENT, Engagespark

FROM = "639189990000"


def message(account: Engagespark, **fields: Any) -> dict[str, Any]:
    return {"orgId": account.organization, "from": FROM, "message": "Hi", "fullPhoneNumber": account.recipient} | fields


@pytest.mark.sandbox_only
@pytest.mark.documented("send_whatsapp", "get_whatsapp", "list_whatsapp")
def test_message_is_sent_delivered_and_read(
    api: httpx.Client, org: str, account: Engagespark, pass_time: Callable[[float], object]
) -> None:
    sent = api.post("/v1/whatsapp/contact", json=message(account)).raise_for_status().json()
    assert (sent["to"], sent["message"], sent["messageId"][:4]) == (RECIPIENT, "Hi", "WAIN")
    pass_time(30)
    shown = api.get(f"{org}/whatsapp/{sent['messageId']}/").raise_for_status().json()
    assert (shown["done"], shown["deliveredToPhone"], shown["read"]) == (True, "confirmed", True)
    listed = api.get(f"{org}/whatsapp/", params={"dir": "outbound"}).json()
    assert [each["id"] for each in listed["messages"]] == [sent["messageId"]]


@pytest.mark.sandbox_only
@pytest.mark.documented("send_whatsapp", "get_whatsapp", "upload_files")
def test_files_and_templates_go_along(api: httpx.Client, org: str, account: Engagespark) -> None:
    api.post(f"{org}/files/", params={"category": "uploads"}, files={"upload": ("cat.jpg", b"x")}).raise_for_status()
    body = message(
        account,
        message="To {{contact.fullPhoneNumber}}",
        image="cat.jpg",
        content={"to": "{{contact.fullPhoneNumber}}"},
    )
    sent = api.post("/v1/whatsapp/contact", json=body).raise_for_status().json()
    assert (sent["message"], sent["content"]) == (f"To {RECIPIENT}", {"to": RECIPIENT})
    shown = api.get(f"{org}/whatsapp/{sent['messageId']}/").raise_for_status().json()
    assert shown["imageFiles"] == ["cat.jpg"]
    assert shown["fullFilePaths"] == [f"{org}/files/cat.jpg"]
    assert api.get(shown["fullFilePaths"][0]).content == b"x"


@pytest.mark.sandbox_only
@pytest.mark.assumed("send_whatsapp:whatsapp_too_long")
def test_text_that_is_too_long_is_an_error(api: httpx.Client, account: Engagespark) -> None:
    assert api.post("/v1/whatsapp/contact", json=message(account, message="x" * 1600)).status_code == 200
    assert api.post("/v1/whatsapp/contact", json=message(account, message="x" * 1601)).status_code == 400


@pytest.mark.documented("list_whatsapp")
def test_list_is_paged(api: httpx.Client, org: str) -> None:
    assert api.get(f"{org}/whatsapp/", params={"page": 1, "size": 1}).raise_for_status().json()["paged"] is True


@pytest.mark.documented("send_whatsapp:unknown_sender")
def test_sender_must_be_registered(api: httpx.Client, account: Engagespark) -> None:
    response = api.post("/v1/whatsapp/contact", json=message(account, **{"from": "ACME"}))
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.sandbox_only
@pytest.mark.observed("send_whatsapp:invalid_number")
def test_invalid_number_is_an_error(api: httpx.Client, account: Engagespark) -> None:
    assert api.post("/v1/whatsapp/contact", json=message(account, fullPhoneNumber="6305")).status_code == 400


@pytest.mark.sandbox_only
@pytest.mark.documented("send_whatsapp:insufficient_funds")
def test_nothing_is_sent_without_funds(api: httpx.Client, account: Engagespark, simulate: Callable[..., None]) -> None:
    simulate("balance", balanceMicro=0)
    assert api.post("/v1/whatsapp/contact", json=message(account)).status_code == 402


@pytest.mark.sandbox_only
@pytest.mark.documented("list_whatsapp")
def test_incoming_message_is_listed(api: httpx.Client, org: str, simulate: Callable[..., None]) -> None:
    simulate("inbound-whatsapp", **{"from": RECIPIENT, "message": "Hello yourself"})
    listed = api.get(f"{org}/whatsapp/", params={"dir": "inbound"}).raise_for_status().json()["messages"]
    assert [(each["direction"], each["sender"], each["message"]) for each in listed] == [
        ("ingress", RECIPIENT, "Hello yourself")
    ]
