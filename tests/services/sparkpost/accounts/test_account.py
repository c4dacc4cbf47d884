"""The account: what it says of itself, what can be changed, how much it has sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost.accounts import account, volume
from sparkbox.services.sparkpost.events import recorder
from tests.services.sparkpost.api import Api
from tests.services.view import NOW

DEFAULTS = {
    "smtp_tracking_default": False,
    "rest_tracking_default": True,
    "transactional_unsub": False,
    "transactional_default": False,
    "initial_open_pixel_tracking": True,
    "click_tracking": True,
}


def usage(api: Api) -> Any:
    return api.call("GET", "/account?include=usage")["usage"]


def send(api: Api, messages: int = 1, *, domain: str = "shop.example") -> None:
    """Count messages from a domain as transmissions do."""
    for _ in range(messages):
        volume.count(api.ctx, domain)


def unix(*date: int) -> float:
    return datetime(*date, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


def test_account_shows_its_details(api: Api) -> None:
    assert api.call("GET", "/account") == {
        "customer_id": recorder.CUSTOMER_ID,
        "company_name": "Sandbox, Inc.",
        "country_code": "US",
        "anniversary_date": "2015-01-01T00:00:00.000Z",
        "created": "2015-01-01T00:00:00.000Z",
        "updated": "2015-01-01T00:00:00.000Z",
        "status": "active",
        "status_updated": "2015-01-01T00:00:00.000Z",
        "status_reason_category": "",
        "tfa_required": False,
        "service_level": "standard",
        "subscription": {
            "name": "1M",
            "code": "1M-0817",
            "plan_volume": 1_000_000,
            "effective_date": "2015-01-01T00:00:00.000Z",
            "self_serve": True,
            "type": "default",
        },
        "options": DEFAULTS,
        "support": {"phone": False, "online": True},
    }


def test_suspended_account_shows_its_status(api: Api) -> None:
    api.account.suspended = True
    assert api.call("GET", "/account")["status"] == "suspended"


def test_update_changes_only_its_fields(api: Api) -> None:
    before = api.call("GET", "/account")
    body = {"company_name": "Example, Inc.", "tfa_required": True}
    assert api.call("PUT", "/account", body) == {"message": "Account has been updated"}
    assert api.call("GET", "/account") == {**before, **body, "updated": "2026-03-01T12:00:00.000Z"}


def test_options_are_merged(api: Api) -> None:
    api.call("PUT", "/account", {"options": {"smtp_tracking_default": True, "inline_seeds": False}})
    api.call("PUT", "/account", {"options": {"click_tracking": False, "smtp_tracking_default": None}})
    changed = {**DEFAULTS, "smtp_tracking_default": True, "inline_seeds": False, "click_tracking": False}
    assert api.call("GET", "/account")["options"] == changed
    assert account.options(api.ctx) == changed


def test_unknown_fields_and_nulls_are_ignored(api: Api) -> None:
    body = {"company_name": None, "options": {"colour": "red"}, "country_code": "FR", "customer_id": 1}
    api.call("PUT", "/account", body)
    fields = api.call("GET", "/account")
    assert (fields["company_name"], fields["country_code"], fields["options"]) == ("Sandbox, Inc.", "US", DEFAULTS)


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"tfa_required": "yes"}, "field 'tfa_required' is of type 'string', but needs to be of type 'boolean'"),
        ({"options": []}, "field 'options' is of type 'json_array', but needs to be of type 'json_object'"),
        (
            {"options": {"click_tracking": 1}},
            "field 'options.click_tracking' is of type 'number', but needs to be of type 'boolean'",
        ),
    ],
)
def test_fields_of_the_wrong_type_are_refused(api: Api, body: Any, description: str) -> None:
    assert api.refuse("PUT", "/account", body) == (422, "1300", "invalid data format/type", description)


# Usage.


@pytest.mark.parametrize("query", ["", "?include=", "?include=billing"])
def test_usage_is_included_on_request(api: Api, query: str) -> None:
    assert "usage" not in api.call("GET", f"/account{query}")
    assert "usage" in api.call("GET", "/account?include=billing,usage")


def test_usage_of_a_new_account_is_zero(api: Api) -> None:
    assert usage(api) == {
        "timestamp": "2026-03-01T12:00:00.000Z",
        "day": {
            "used": 0,
            "limit": 1_000_000,
            "start": "2026-02-28T12:15:00.000Z",
            "end": "2026-03-01T12:15:00.000Z",
        },
        "month": {
            "used": 0,
            "limit": 1_000_000,
            "start": "2026-03-01T00:00:00.000Z",
            "end": "2026-04-01T00:00:00.000Z",
        },
        "sandbox": {"used": 0, "limit": 5},
    }


def test_usage_counts_messages_of_the_day_and_the_month(api: Api) -> None:
    send(api, 3)
    send(api)
    api.account.clock.advance(3600)
    send(api, 10)
    assert (usage(api)["day"]["used"], usage(api)["month"]["used"]) == (14, 14)


def test_usage_forgets_messages_after_a_day_and_a_month(api: Api) -> None:
    send(api)
    seen = []
    for at in (NOW + 86_400 - 900, NOW + 86_400, unix(2026, 3, 31, 23, 59, 59), unix(2026, 4, 1)):
        api.account.clock.set(at, frozen=True)
        seen.append((usage(api)["day"]["used"], usage(api)["month"]["used"]))
    assert seen == [(1, 1), (0, 1), (0, 1), (0, 0)]


def test_usage_months_are_calendar_months(api: Api) -> None:
    for at, start, end in [
        (unix(2025, 12, 31, 23), "2025-12-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        (unix(2028, 2, 29), "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"),
    ]:
        api.account.clock.set(at, frozen=True)
        assert (usage(api)["month"]["start"], usage(api)["month"]["end"]) == (start, end)


def test_sandbox_usage_counts_for_life(api: Api) -> None:
    send(api, 2, domain="sparkpostbox.com")
    api.account.clock.advance(400 * 86_400)
    send(api, domain="sparkpostbox.com")
    assert usage(api)["sandbox"] == {"used": 3, "limit": 5}
    assert usage(api)["day"]["used"] == 1


def test_counting_keeps_a_bounded_number_of_records(api: Api) -> None:
    for _ in range(4_000):
        api.account.clock.advance(volume.QUARTER)
        send(api)
    assert len(api.ctx.store[volume.Quarter]) <= 3_300
    assert usage(api)["day"]["used"] == 96


def test_reset_clears_account_settings_and_usage(api: Api) -> None:
    api.call("PUT", "/account", {"company_name": "Example, Inc.", "options": {"click_tracking": False}})
    send(api, 2, domain="sparkpostbox.com")
    api.account.reset()
    fields = api.call("GET", "/account?include=usage")
    assert (fields["company_name"], fields["options"]) == ("Sandbox, Inc.", DEFAULTS)
    assert (fields["usage"]["month"]["used"], fields["usage"]["sandbox"]["used"]) == (0, 0)


def test_documented_examples_get_the_documented_responses(api: Api) -> None:
    for operation in ("update_account", "retrieve_account"):
        api.replay(f"accounts/{operation}")


@settings(max_examples=30, deadline=None)
@given(sent=st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 50)), max_size=20))
def test_usage_of_the_day_matches_any_history(sent: list[tuple[int, int]]) -> None:
    api = Api()
    times = []
    for seconds, messages in sent:
        api.account.clock.advance(seconds)
        send(api, messages)
        times.append((api.account.clock.now(), messages))
    start, end = volume.day(api.ctx)
    assert start <= api.account.clock.now() < end
    assert volume.sent_since(api.ctx, start) == sum(messages for at, messages in times if at >= start)


@settings(max_examples=40, deadline=None)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["company_name", "tfa_required", "options", *DEFAULTS]), inner)
        ),
        max_leaves=6,
    )
)
def test_any_body_gets_a_response_in_the_envelope(body: Any) -> None:
    response = Api().send("PUT", "/account", content=json.dumps(body).encode())
    assert response.status_code in (200, 422)
    assert ("results" in response.json()) == (response.status_code == 200)
    assert ("errors" in response.json()) == (response.status_code != 200)
