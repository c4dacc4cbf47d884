"""Transmissions to suppressed recipients, and those that fail to render."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.core.state.config import Profile
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import ADA, CONTENT, events, messages, refuse, request, send

# Suppression


def suppress(api: Api, type: str = "non_transactional", **fields: Any) -> None:
    api.call("PUT", "/suppression-list/ada@mail.example", {"type": type, **fields})


def test_a_suppressed_recipient_is_accepted_and_bounces(api: Api) -> None:
    suppress(api)
    results = api.call("POST", "/transmissions", request(recipients=[ADA, {"address": "grace@mail.example"}]))
    assert results["total_accepted_recipients"] == 2
    api.account.clock.advance(5)
    assert [m.to for m in messages(api)] == ["grace@mail.example"]
    (bounce,) = events(api, "bounce")
    assert (bounce["rcpt_to"], bounce["error_code"], bounce["bounce_class"]) == ("ada@mail.example", "554", "25")
    assert bounce["reason"] == "554 5.7.1 recipient address was suppressed due to customer policy"
    assert [event["rcpt_to"] for event in events(api, "delivery")] == ["grace@mail.example"]


@pytest.mark.parametrize(
    ("type", "transactional", "arrives"),
    [
        ("non_transactional", False, False),
        ("non_transactional", True, True),
        ("transactional", True, False),
        ("transactional", False, True),
    ],
)
def test_suppression_applies_to_its_type_of_mail(api: Api, type: str, transactional: bool, arrives: bool) -> None:
    suppress(api, type)
    response = api.send("POST", "/transmissions", request(options={"transactional": transactional}))
    assert (response.status_code == 200, bool(messages(api))) == (arrives, arrives)


def test_suppression_of_a_mailing_list_applies_to_its_mail_only(api: Api) -> None:
    suppress(api, list_id="weekly.shop.example")
    send(api)
    send(api, override={"list_id": "<daily.shop.example>"})
    assert len(messages(api)) == 2
    weekly = request(override={"list_id": "<weekly.shop.example>"})
    assert api.send("POST", "/transmissions", weekly).json()["errors"][0]["code"] == "1902"
    assert len(messages(api)) == 2


def test_suppression_can_be_skipped(api: Api) -> None:
    suppress(api)
    send(api, options={"skip_suppression": True})
    assert len(messages(api)) == 1


def test_suppressions_of_a_subaccount_are_its_own(api: Api) -> None:
    suppress(api)
    api.call("POST", "/transmissions", request(), subaccount=7)
    assert len(messages(api)) == 1


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_transmission_to_one_suppressed_recipient_is_refused(strict: Api, profile: Profile) -> None:
    strict.account.profile = profile
    suppress(strict)
    response = strict.send("POST", "/transmissions", request())
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "message": "Message generation rejected",
            "description": "recipient address was suppressed due to customer policy",
            "code": "1902",
        }
    ]
    assert response.json()["results"]["total_accepted_recipients"] == 1
    assert messages(strict) == []
    (rejection,) = events(strict, "generation_rejection")
    assert rejection["transmission_id"] == response.json()["results"]["id"]


# Failures while mail is made


def test_failure_of_the_only_recipient_is_the_response(api: Api) -> None:
    row = refuse(api, content=CONTENT | {"text": "{{order.id}}"})
    assert (row["status"], row["code"], row["part"], row["line"]) == (422, "3001", "text", 1)


def test_failing_recipients_have_generation_failures(api: Api) -> None:
    with_order = {"address": "grace@mail.example", "substitution_data": {"order": {"id": 7}}}
    content = CONTENT | {"text": "{{order.id}}"}
    results = api.call("POST", "/transmissions", request(recipients=[ADA, with_order], content=content))
    assert results["total_accepted_recipients"] == 2
    assert [(m.to, m.text) for m in messages(api)] == [("grace@mail.example", "7")]
    (failure,) = events(api, "generation_failure")
    assert failure["rcpt_to"] == "ada@mail.example"
    assert failure["reason"].startswith("Error while rendering part text: line 1: ")
    transmission = api.call("GET", f"/transmissions/{results['id']}")["transmission"]
    assert (transmission["num_generated"], transmission["num_failed_gen"]) == (1, 1)
