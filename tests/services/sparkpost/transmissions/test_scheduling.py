"""Scheduled transmissions: sent later with the stored template and list of that time, or deleted."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparkpost.transmissions import models
from tests.services.sparkpost.api import Api
from tests.services.view import NOW

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": {"email": "ada@mail.example", "name": "Ada"}}
TOMORROW = "2026-03-02T13:00:00+01:00"
DAY = 86_400.0


def schedule(api: Api, start: str = TOMORROW, **fields: Any) -> str:
    body = {"options": {"start_time": start}, "recipients": [ADA], "content": CONTENT, **fields}
    return str(api.call("POST", "/transmissions", body)["id"])


def subjects(api: Api) -> list[str]:
    return [message.subject for message in api.account.messages.oldest()]


def state(api: Api, id: str) -> Any:
    return api.call("GET", f"/transmissions/{id}")["transmission"]


def test_scheduled_transmission_is_sent_at_its_start(api: Api) -> None:
    id = schedule(api, metadata={"a": 1})
    api.account.clock.advance(DAY - 1)
    assert subjects(api) == []
    assert state(api, id)["state"] == "submitted"
    api.account.clock.advance(2)
    (message,) = api.account.messages.oldest()
    assert (message.vendor_id, message.time, message.status) == (id, NOW + DAY, "delivered")
    sent = state(api, id)
    assert (sent["state"], sent["num_generated"], sent["metadata"]) == ("Success", 1, {"a": 1})
    assert sent["generation_start_time"] == "2026-03-02T12:00:00+00:00"
    assert api.account.events.newest().__next__().json()["scheduled_time"] == str(int(NOW + DAY))


@pytest.mark.parametrize("start", ["now", "", None, "2026-03-01T12:00:00Z", "2026-03-01T11:59:30+00:00"])
def test_start_time_now_sends_at_once(api: Api, start: Any) -> None:
    schedule(api, start)
    assert subjects(api) == ["Hello"]


@pytest.mark.parametrize(
    ("start", "description"),
    [
        ("tomorrow", "Error parsing scheduled start_time"),
        ("2026-02-30T12:00:00Z", "Error parsing scheduled start_time"),
        ("2026-03-01T11:00:00Z", "options.start_time must be in the future"),
        ("2026-03-04T12:00:01Z", "options.start_time cannot be more than 3 days in the future"),
    ],
)
def test_invalid_start_time_is_refused(api: Api, start: str, description: str) -> None:
    body = {"options": {"start_time": start}, "recipients": [ADA], "content": CONTENT}
    assert api.refuse("POST", "/transmissions", body) == (422, "1300", "invalid data format/type", description)


def test_transmission_can_be_scheduled_for_three_days(api: Api) -> None:
    schedule(api, "2026-03-04T12:00:00Z")
    api.account.clock.advance(3 * DAY)
    assert subjects(api) == ["Hello"]


def test_content_is_checked_when_it_is_scheduled(api: Api) -> None:
    body = {"options": {"start_time": TOMORROW}, "recipients": [ADA], "content": CONTENT | {"subject": "{{"}}
    assert api.send("POST", "/transmissions", body).status_code == 422
    assert api.call("GET", "/transmissions") == []


def test_scheduled_transmission_uses_the_template_at_its_start(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    schedule(api, content={"template_id": "t"})
    api.send("PUT", "/templates/t?update_published=true", {"content": CONTENT | {"subject": "Changed"}})
    api.account.clock.advance(DAY)
    assert subjects(api) == ["Changed"]
    assert api.call("GET", "/templates/t")["last_use"] == "2026-03-02T12:00:00+00:00"


def test_scheduled_transmission_uses_the_list_at_its_start(api: Api) -> None:
    api.call("POST", "/recipient-lists", {"id": "l", "recipients": [ADA]})
    id = schedule(api, recipients={"list_id": "l"})
    assert api.refuse("DELETE", "/recipient-lists/l") == (
        409, "1602", "resource conflict", "List 'l' is in use by msg generation",
    )  # fmt: skip
    api.call("PUT", "/recipient-lists/l", {"recipients": [ADA, {"address": "grace@mail.example"}]})
    api.account.clock.advance(DAY - 599)
    assert api.refuse("PUT", "/recipient-lists/l", {"name": "x"})[:2] == (409, "1602")
    api.account.clock.advance(600)
    assert [message.to for message in api.account.messages.oldest()] == ["ada@mail.example", "grace@mail.example"]
    assert state(api, id)["num_rcpts"] == 2
    assert api.send("DELETE", "/recipient-lists/l").status_code == 204


def test_scheduled_transmission_finds_its_subaccounts_template_and_list(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True}, subaccount=7)
    api.call("POST", "/recipient-lists", {"id": "l", "recipients": [ADA]}, subaccount=7)
    body = {
        "options": {"start_time": TOMORROW},
        "recipients": {"list_id": "l"},
        "content": {"template_id": "t"},
    }
    api.call("POST", "/transmissions", body, subaccount=7)
    api.account.clock.advance(DAY)
    assert subjects(api) == ["Hello"]
    assert [event.json()["subaccount_id"] for event in api.account.events.oldest()] == ["7"]


def test_scheduled_transmission_that_fails_has_events(api: Api) -> None:
    api.account.profile = "strict"
    api.call("POST", "/sending-domains", {"domain": "shop.example"})
    api.call("POST", "/sending-domains/shop.example/verify", {"dkim_verify": True})
    id = schedule(api)
    assert api.send("DELETE", "/sending-domains/shop.example").status_code == 204
    api.account.clock.advance(DAY)
    assert subjects(api) == []
    (failure,) = api.account.events.oldest()
    assert (failure.type, failure.json()["reason"]) == (
        "generation_failure", "Unconfigured or unverified sending domain.",
    )  # fmt: skip
    assert (state(api, id)["num_generated"], state(api, id)["num_failed_gen"]) == (0, 1)


def test_scheduled_sandbox_messages_beyond_the_limit_fail(api: Api) -> None:
    for _ in range(2):
        options = {"start_time": TOMORROW, "sandbox": True}
        schedule(api, options=options, recipients=[ADA] * 3, content={"template_id": "my-first-email"})
    api.account.clock.advance(DAY)
    assert len(subjects(api)) == 3
    failures = [event for event in api.account.events.oldest() if event.type == "generation_failure"]
    assert [failure.json()["reason"] for failure in failures] == ["Exceed Sending Limit (sandbox)"] * 3


def test_a_scheduled_transmission_can_be_deleted(api: Api) -> None:
    id = schedule(api)
    assert api.send("DELETE", f"/transmissions/{id}", []).status_code == 204
    assert api.send("GET", f"/transmissions/{id}").status_code == 404
    api.account.clock.advance(2 * DAY)
    assert subjects(api) == []


def test_transmission_cannot_be_deleted_ten_minutes_before_its_start(api: Api) -> None:
    id = schedule(api)
    api.account.clock.advance(DAY - 599)
    assert api.refuse("DELETE", f"/transmissions/{id}") == (
        409,
        "2003",
        "too close to generation time to delete transmission",
        "Deletion time window (660 seconds) doesn't permit transmission deletion",
    )


def test_sent_transmission_cannot_be_deleted(api: Api) -> None:
    id = schedule(api, "now")
    assert api.refuse("DELETE", f"/transmissions/{id}") == (
        409,
        "2006",
        "transmission database record is in an invalid state for deletion",
        "Unable to delete a transmission that has completed (state=Success)",
    )


def test_scheduled_transmissions_can_be_cancelled_by_campaign(api: Api) -> None:
    schedule(api, campaign_id="autumn")
    schedule(api, campaign_id="autumn", recipients=[ADA, {"address": "grace@mail.example"}])
    kept = schedule(api, campaign_id="winter")
    assert api.send("DELETE", "/transmissions?campaign_id=autumn").status_code == 204
    assert [row["id"] for row in api.call("GET", "/transmissions")] == [kept]
    result = [
        (event.type, event.json()["reason"], event.json()["campaign_id"]) for event in api.account.events.oldest()
    ]
    assert result == [("bounce", "554 5.7.1 [internal] Campaign cancelled", "autumn")] * 3
    api.account.clock.advance(2 * DAY)
    assert len(subjects(api)) == 1


def test_campaign_is_cancelled_by_its_own_subaccount_only(api: Api) -> None:
    body = {"options": {"start_time": TOMORROW}, "campaign_id": "autumn", "recipients": [ADA], "content": CONTENT}
    api.call("POST", "/transmissions", body, subaccount=7)
    api.send("DELETE", "/transmissions?campaign_id=autumn")
    assert len(api.call("GET", "/transmissions", subaccount=7)) == 1
    api.send("DELETE", "/transmissions?campaign_id=autumn", subaccount=7)
    assert api.call("GET", "/transmissions", subaccount=7) == []


def test_cancelling_needs_a_campaign(api: Api) -> None:
    assert api.refuse("DELETE", "/transmissions") == (
        400, "1401", "required query parameter is missing", "campaign_id is required",
    )  # fmt: skip


def test_cancelled_transmission_that_cannot_be_rendered_has_bounces(api: Api) -> None:
    schedule(api, campaign_id="autumn", content=CONTENT | {"text": "{{order.id}}"})
    api.send("DELETE", "/transmissions?campaign_id=autumn")
    (event,) = api.account.events.oldest()
    assert (event.type, event.json()["rcpt_to"]) == ("bounce", "ada@mail.example")


def test_scheduled_transmissions_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MOST_SCHEDULED", 1)
    schedule(api)
    body = {"options": {"start_time": TOMORROW}, "recipients": [ADA], "content": CONTENT}
    response = api.send("POST", "/transmissions", body)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "1502")


def test_scheduled_bytes_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MOST_SCHEDULED_BYTES", 100)
    body = {"options": {"start_time": TOMORROW}, "recipients": [ADA], "content": CONTENT}
    assert api.send("POST", "/transmissions", body).json()["errors"][0]["code"] == "1502"


def test_transmission_is_not_scheduled_if_the_clock_is_full(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.core.state.jobs.MOST_JOBS", 0)
    body = {"options": {"start_time": TOMORROW}, "recipients": [ADA], "content": CONTENT}
    assert api.send("POST", "/transmissions", body).json()["errors"][0]["code"] == "1502"
