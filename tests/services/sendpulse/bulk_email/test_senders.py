"""Senders and their activation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.api import Api, encode

OWN = {"name": "Mock Sender", "email": "sender@example.com", "status": "Active", "is_allowed_for_smtp": True}


def add(api: Api, email: str = "me@example.net", name: str = "Me") -> None:
    assert api.call("POST", "/senders", {"email": email, "name": name}) == {"result": True}


def code_for(api: Api, email: str = "me@example.net") -> str:
    message = next(message for message in reversed(api.messages) if message.to == email)
    code: str = json.loads(message.metadata)["activation_code"]
    assert code in (message.text or "").splitlines()
    return code


def test_new_account_has_one_active_sender(api: Api) -> None:
    assert api.call("GET", "/senders") == [OWN]
    assert api.call("GET", "/smtp/senders") == ["sender@example.com"]


def test_new_sender_is_inactive(api: Api) -> None:
    add(api, " Me@Example.net ")
    added = {"name": "Me", "email": "me@example.net", "status": "Inactive", "is_allowed_for_smtp": True}
    assert api.call("GET", "/senders") == [OWN, added]
    assert api.call("GET", "/smtp/senders") == ["sender@example.com"]


def test_first_activation_code_activates_the_sender(api: Api) -> None:
    add(api)
    response = api.call("POST", "/senders/me@example.net/code", {"code": code_for(api)})
    assert response == {"result": True, "email": "me@example.net"}
    assert api.call("GET", "/senders")[1]["status"] == "Active"
    assert api.call("GET", "/smtp/senders") == ["sender@example.com", "me@example.net"]


def test_requested_activation_code_replaces_the_first(api: Api) -> None:
    add(api)
    first = code_for(api)
    assert api.call("GET", "/senders/Me@example.net/code") == {"result": True, "email": "me@example.net"}
    api_error = (422, 422, "Argument code is invalid")
    assert api.refuse("POST", "/senders/me@example.net/code", {"code": first}) == api_error
    assert api.call("POST", "/senders/me@example.net/code", {"code": f" {code_for(api)} "})["result"] is True


def test_activation_code_is_sent_once_in_15_minutes(api: Api) -> None:
    add(api)
    api.call("GET", "/senders/me@example.net/code")
    api.clock.advance(15 * 60 - 1)
    api_error = (422, 1004, "The activation code has been sent. Wait 15 minutes to retry")
    assert api.refuse("GET", "/senders/me@example.net/code") == api_error
    assert len(api.messages) == 2
    api.clock.advance(1)
    assert api.call("GET", "/senders/me@example.net/code")["result"] is True


def test_unreachable_sender_gets_no_activation_code(api: Api) -> None:
    add(api, "me@example.invalid")
    assert api.messages == []
    assert api.refuse("GET", "/senders/me@example.invalid/code") == (422, 1005, "Error sending confirmation")


def test_active_sender_cannot_be_activated_again(api: Api) -> None:
    api_error = (422, 21, "No such email address awaiting activation")
    assert api.refuse("GET", "/senders/sender@example.com/code") == api_error
    assert api.refuse("POST", "/senders/sender@example.com/code", {"code": "x"}) == api_error


@pytest.mark.parametrize("body", [{}, {"code": None}, {"code": ""}, {"code": " "}])
def test_activating_a_sender_needs_the_code(api: Api, body: Any) -> None:
    add(api)
    assert api.refuse("POST", "/senders/me@example.net/code", body) == (422, 1104, "Activation code not specified")


@pytest.mark.parametrize(
    ("email", "code", "message"),
    [
        ("%20", 1101, "Email address not specified"),
        ("nobody", 906, "Email address syntax error"),
        ("you@example.net", 1003, "The specified sender doesn’t exist"),
    ],
)
def test_unknown_sender_has_no_activation_code(api: Api, email: str, code: int, message: str) -> None:
    assert api.refuse("GET", f"/senders/{email}/code") == (422, code, message)
    assert api.refuse("POST", f"/senders/{email}/code", {"code": "x"}) == (422, code, message)


def test_sender_is_deleted(api: Api) -> None:
    add(api)
    assert api.call("DELETE", "/senders", {"email": "Me@example.net"}) == {"result": True}
    assert api.call("GET", "/senders") == [OWN]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, 903, "Sender email address not specified"),
        ({"email": " "}, 903, "Sender email address not specified"),
        ({"email": "nobody"}, 906, "Email address syntax error"),
        ({"email": ["x"]}, 906, "Email address syntax error"),
        ({"email": "you@example.net"}, 1003, "The specified sender doesn’t exist"),
    ],
)
def test_deleting_a_sender_is_validated(api: Api, body: Any, code: int, message: str) -> None:
    assert api.refuse("DELETE", "/senders", body) == (422, code, message)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"name": "Me"}, 422, "Argument email missing"),
        ({"email": 5, "name": "Me"}, 422, "Argument email is invalid"),
        ({"email": "nobody", "name": "Me"}, 422, "Argument email is invalid"),
        ({"email": " ", "name": "Me"}, 903, "Sender email address not specified"),
        ({"email": "me@example.net"}, 422, "Argument name missing"),
        ({"email": "me@example.net", "name": 5}, 422, "Argument name is invalid"),
        ({"email": "me@example.net", "name": " "}, 901, "Sender name not specified"),
        ({"email": "sender@example.com", "name": "Me"}, 902, "Email already in use"),
        ({"email": "spam@example.net", "name": "Me"}, 904, "This email in blacklist"),
        (
            {"email": "me@gmail.com", "name": "Me"},
            97,
            "Invalid email address type. Using free email services is not allowed.",
        ),
        (
            {"email": "me@dmarc.example.net", "name": "Me"},
            422,
            "DMARC policy error. Please, use another sender domain.",
        ),
    ],
)
def test_new_sender_is_validated(api: Api, body: Any, code: int, message: str) -> None:
    api.call("POST", "/blacklist", {"emails": encode("spam@example.net")})
    assert api.refuse("POST", "/senders", body) == (422, code, message)
    assert api.call("GET", "/senders") == [OWN]


def test_number_of_senders_is_limited_by_the_plan(api: Api) -> None:
    for number in range(49):
        add(api, f"me{number}@example.net")
    body = {"email": "me@example.net", "name": "Me"}
    assert api.refuse("POST", "/senders", body) == (422, 905, "Sender address quota reached")
    plans.change(api.ctx, category="standard")
    assert api.call("POST", "/senders", body) == {"result": True}
