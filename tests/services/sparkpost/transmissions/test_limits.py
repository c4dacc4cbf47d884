"""Limits of a transmission: sizes, sending domains, the sandbox domain, suspension."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import ADA, CONTENT, events, messages, refuse, request, send

# Limits


@pytest.mark.parametrize(
    ("fields", "code", "description"),
    [
        (
            {"campaign_id": "x" * 65},
            "1300",
            "field 'campaign_id' is of length '65', but needs to be of max length '64'",
        ),
        (
            {"campaign_id": "é" * 33},
            "1300",
            "field 'campaign_id' is of length '66', but needs to be of max length '64'",
        ),
        (
            {"description": "x" * 1025},
            "1300",
            "field 'description' is of length '1025', but needs to be of max length '1024'",
        ),
        (
            {"metadata": {"x": "y" * 10_000}},
            "2007",
            "Transmission-level metadata must be less than 10000 bytes",
        ),
        (
            {"substitution_data": {"x": "y" * 100_000}},
            "2002",
            "Transmission-level substitution data must be less than 100000 bytes",
        ),
        ({"return_path": "nobody"}, "1300", "return_path 'nobody' is not a valid email address"),
        ({"metadata": {"n": 10**30}}, "1300", "field 'metadata' holds a value that is too large"),
        (
            {"substitution_data": {"n": 10**30}},
            "1300",
            "field 'substitution_data' holds a value that is too large",
        ),
    ],
)
def test_oversized_fields_are_refused(api: Api, fields: dict[str, Any], code: str, description: str) -> None:
    row = refuse_raw(api, fields)
    assert (row["status"], row["code"], row["description"]) == (422, code, description)


@pytest.mark.parametrize(
    "more", [{"text": "x" * 20_000_001}, {"attachments": [{"name": "a", "type": "a/b", "data": "eHh4" * 6_666_668}]}]
)
def test_content_of_more_than_20_mb_is_refused(api: Api, more: dict[str, Any]) -> None:
    assert refuse_raw(api, {"content": CONTENT | more}) == {
        "status": 413,
        "message": "Request Entity Too Large",
        "description": "The estimated message size is above the 20 MB message size limit",
    }


def refuse_raw(api: Api, fields: dict[str, Any]) -> dict[str, Any]:
    """:func:`refuse` for what orjson will not write."""
    response = api.send("POST", "/transmissions", content=json.dumps(request(**fields)).encode())
    (row,) = response.json()["errors"]
    assert messages(api) == []
    return {"status": response.status_code, **row}


def test_transmission_at_the_size_limits_is_sent(api: Api) -> None:
    send(
        api,
        campaign_id="x" * 64,
        description="x" * 1024,
        metadata={"x": "y" * 9_900},
        substitution_data={"x": "y" * 99_900},
    )
    assert len(messages(api)) == 1


def test_eleventh_tag_is_ignored(api: Api) -> None:
    send(api, recipients=[ADA | {"tags": [str(number) for number in range(11)]}])
    assert events(api, "injection")[0]["rcpt_tags"] == [str(number) for number in range(10)]


# Sending domains, the sandbox, suspension


def test_strict_profile_requires_a_verified_domain(strict: Api) -> None:
    row = refuse(strict, content=CONTENT | {"from": "news@other.example"})
    assert row == {
        "status": 400,
        "message": "Invalid domain",
        "description": "Unconfigured or unverified sending domain.",
        "code": "7001",
    }
    send(strict)


def test_sending_domain_is_that_of_the_rendered_sender(strict: Api) -> None:
    content = CONTENT | {"from": "news@{{domain}}"}
    assert refuse(strict, content=content, substitution_data={"domain": "other.example"})["code"] == "7001"
    send(strict, content=content, substitution_data={"domain": "shop.example"})


def test_the_sandbox_domain_sends_five_messages_of_one_template(api: Api) -> None:
    sandbox = {"options": {"sandbox": True}, "content": {"template_id": "my-first-email"}}
    for _ in range(5):
        send(api, **sandbox)
    assert {m.sender for m in messages(api)} == {"support@sparkpostbox.com"}
    assert messages(api)[0].text == "Congratulations, Ada: your first email has arrived."
    response = api.send("POST", "/transmissions", request(**sandbox))
    assert (response.status_code, response.json()["errors"]) == (
        420, [{"message": "Exceed Sending Limit (sandbox)", "code": "2103"}],
    )  # fmt: skip
    assert len(messages(api)) == 5


def test_transmission_beyond_the_sandbox_limit_sends_nothing(api: Api) -> None:
    row = refuse(api, recipients=[ADA] * 6, options={"sandbox": True}, content={"template_id": "my-first-email"})
    assert (row["status"], row["code"]) == (420, "2103")


def test_sandbox_option_allows_one_template_only(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    row = refuse(api, options={"sandbox": True}, content={"template_id": "t"})
    assert (row["status"], row["code"], row["message"]) == (422, "2106", "Invalid Template ID (sandbox)")
    row = refuse(api, options={"sandbox": True})
    assert (row["status"], row["code"]) == (422, "3051")


def test_the_sandbox_domain_needs_the_sandbox_option(api: Api) -> None:
    row = refuse(api, content=CONTENT | {"from": "sandbox@sparkpostbox.com"})
    assert row == {
        "status": 400,
        "message": "Message generation rejected",
        "description": "Sending domain sandbox option mismatch",
        "code": "1902",
    }


def test_a_suspended_account_sends_nothing(api: Api) -> None:
    api.account.suspended = True
    row = refuse(api)
    assert (row["status"], row["message"]) == (403, "Forbidden.")
    assert api.call("GET", "/transmissions") == []
