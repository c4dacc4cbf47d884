"""What becomes of mail to the addresses for tests, from the injection to the suppression list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.state.ids import Ids
from sparkbox.mail.outcomes import HARD, REASONS, TEST_DOMAINS, Outcome
from sparkbox.services.sparkpost.events.event_types import TYPES
from sparkbox.services.sparkpost.transmissions import outcomes
from tests.services.sparkpost.api import Api

HTML = '<p><a href="https://shop.example/a">A</a> <a href="https://shop.example/b?x=1&amp;y=2">B</a></p>'
CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "html": HTML}
WEEK = 7 * 86_400.0


def send(api: Api, email: str, *, subaccount: int | None = None, **fields: Any) -> None:
    body = {"recipients": [{"address": email}], "content": CONTENT, **fields}
    api.call("POST", "/transmissions", body, subaccount=subaccount)


def events_of(api: Api, *types: str) -> list[dict[str, Any]]:
    """The events of these types, oldest first; of all types without any."""
    return [event.json() for event in api.account.events.oldest() if not types or event.type in types]


def types(api: Api, email: str, **fields: Any) -> list[str]:
    """Sends, lets a week pass, and says what happened."""
    send(api, email, **fields)
    api.account.clock.advance(WEEK)
    return [event.type for event in api.account.events.oldest()]


def status(api: Api) -> str:
    (message,) = api.account.messages.oldest()
    return message.status


def suppressions(api: Api, email: str, **more: Any) -> list[dict[str, Any]]:
    response = api.send("GET", f"/suppression-list/{email}", **more)
    return [] if response.status_code == 404 else response.json()["results"]


# The ways


@pytest.mark.parametrize(
    ("label", "expected", "last"),
    [
        ("accept", ["delivery"], "delivered"),
        ("bounce", ["bounce"], "bounced"),
        ("mail.example", ["bounce"], "bounced"),
        ("delay", ["delay", "delivery"], "delivered"),
        ("delay-3", ["delay", "delay", "delay", "delivery"], "delivered"),
        ("expire", ["delay"] * 8 + ["bounce"], "bounced"),
        ("oob", ["delivery", "out_of_band"], "bounced"),
        ("fbl", ["delivery", "spam_complaint"], "delivered"),
        ("open", ["delivery", "initial_open", "open"], "delivered"),
        ("openclick", ["delivery", "initial_open", "open", "click", "click"], "delivered"),
        ("unsubscribe", ["delivery", "list_unsubscribe"], "delivered"),
        ("linkunsubscribe", ["delivery", "link_unsubscribe"], "delivered"),
        ("resubscribe", ["delivery", "list_unsubscribe"], "delivered"),
        ("delay.bounce", ["delay", "bounce"], "bounced"),
        ("delay-2.fbl", ["delay", "delay", "delivery", "spam_complaint"], "delivered"),
    ],
)
def test_test_recipient_has_its_outcome(api: Api, label: str, expected: list[str], last: str) -> None:
    assert types(api, f"ada@{label}.sink.test") == ["injection", *expected]
    assert status(api) == last


def test_delayed_message_has_the_status_delayed(api: Api) -> None:
    send(api, "ada@delay-2.sink.test")
    api.account.clock.advance(1)
    assert status(api) == "delayed"
    api.account.clock.advance(1200 + 2399)
    assert [event["num_retries"] for event in events_of(api, "delay")] == ["0", "1"]
    api.account.clock.advance(1)
    (delivery,) = events_of(api, "delivery")
    assert (delivery["num_retries"], delivery["queue_time"]) == ("2", "3601000")


@pytest.mark.parametrize("number", REASONS)
def test_bounce_has_the_class_in_the_test_address(api: Api, number: int) -> None:
    email = f"ada@bounce-{number}.sink.test"
    assert types(api, email) == ["injection", "bounce"]
    (bounce,) = events_of(api, "bounce")
    assert bounce["bounce_class"] == str(number)
    assert bounce["reason"].startswith(f"{bounce['error_code']} ")
    assert f" <{email}> " in bounce["raw_reason"]
    assert bool(suppressions(api, email)) == (number in HARD)


def test_test_domain_bounces_other_addresses(api: Api) -> None:
    types(api, "ada@mail.example.sink.sparkpostmail.com")
    (bounce,) = events_of(api, "bounce")
    assert (bounce["bounce_class"], bounce["error_code"]) == ("25", "554")
    assert suppressions(api, "ada@mail.example.sink.sparkpostmail.com") == []


def test_events_have_only_the_fields_of_their_type(api: Api) -> None:
    for label in ("delay", "bounce", "oob", "fbl", "openclick", "unsubscribe", "linkunsubscribe"):
        send(api, f"ada@{label}.sink.test", campaign_id="autumn")
    api.account.clock.advance(WEEK)
    for event in events_of(api):
        assert set(event) <= set(TYPES[event["type"]].fields), event["type"]
    seen = {event["type"] for event in events_of(api)}
    assert {"delay", "bounce", "out_of_band", "spam_complaint", "click", "list_unsubscribe", "link_unsubscribe"} < seen


def test_click_event_has_the_name_of_its_link(api: Api) -> None:
    types(api, "ada@openclick.sink.test")
    urls = [event["target_link_url"] for event in events_of(api, "click")]
    assert urls == ["https://shop.example/a", "https://shop.example/b?x=1&y=2"]
    assert {event["target_link_name"] for event in events_of(api, "click")} == {"Raw URL"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"open_tracking": False, "click_tracking": False}, []),
        ({"open_tracking": False, "click_tracking": True}, ["click", "click"]),
        ({"click_tracking": False}, ["initial_open", "open"]),
        ({"initial_open": False, "click_tracking": False}, ["open"]),
    ],
)
def test_untracked_mail_has_no_opens_or_clicks(api: Api, options: dict[str, bool], expected: list[str]) -> None:
    assert types(api, "ada@openclick.sink.test", options=options) == ["injection", "delivery", *expected]


def test_mail_without_html_has_no_opens(api: Api) -> None:
    content = {"from": "news@shop.example", "subject": "Hello", "text": "See https://shop.example/"}
    assert types(api, "ada@openclick.sink.test", content=content) == ["injection", "delivery"]


def test_one_transmission_may_have_all_outcomes(api: Api) -> None:
    recipients = [{"address": email} for email in ("ada@mail.example", "eve@bounce.sink.test", "bob@oob.sink.test")]
    api.call("POST", "/transmissions", {"recipients": recipients, "content": CONTENT})
    api.account.clock.advance(WEEK)
    assert [message.status for message in api.account.messages.oldest()] == ["delivered", "bounced", "bounced"]


def test_scheduled_message_has_its_outcome_after_its_start(api: Api) -> None:
    send(api, "ada@bounce.sink.test", options={"start_time": "2026-03-01T13:00:00Z"})
    api.account.clock.advance(3600)
    assert [event["type"] for event in events_of(api)] == ["injection"]
    api.account.clock.advance(1)
    assert status(api) == "bounced"


# The suppression list


@pytest.mark.parametrize(
    ("label", "source", "description"),
    [
        ("bounce", "Bounce Rule", "550 5.1.1 no such user"),
        ("oob-90", "Bounce Rule", "550 5.0.0 unsubscribe"),
        ("fbl", "Spam Complaint", "Recipient complained about spam"),
        ("unsubscribe", "List Unsubscribe", "Unsubscribed using list unsubscribe header"),
        ("linkunsubscribe", "Unsubscribe Link", "Unsubscribed using unsubscribe link"),
    ],
)
@pytest.mark.parametrize("transactional", [False, True])
def test_outcome_suppresses_the_next_mail(
    api: Api, label: str, source: str, description: str, transactional: bool
) -> None:
    api.call("PUT", "/account", {"options": {"transactional_unsub": True}})
    email, options = f"ada@{label}.sink.test", {"transactional": transactional}
    types(api, email, options=options)
    (entry,) = suppressions(api, email)
    kind = "transactional" if transactional else "non_transactional"
    assert (entry["type"], entry["source"], entry["description"]) == (kind, source, description)
    policy = "554 5.7.1 recipient address was suppressed due to customer policy"
    body = {"recipients": [{"address": email}], "content": CONTENT, "options": options}
    assert api.send("POST", "/transmissions", body).json()["errors"][0]["code"] == "1902"
    last = events_of(api)[-1]
    assert (last["type"], last["reason"]) == ("generation_rejection", policy)
    api.call("POST", "/transmissions", {**body, "recipients": [{"address": email}, {"address": email}]})
    last = events_of(api)[-1]
    assert (last["type"], last["bounce_class"], last["reason"]) == ("bounce", "25", policy)
    assert len(api.account.messages) == 1
    send(api, email, options={"transactional": not transactional})
    assert len(api.account.messages) == 2


def test_soft_bounce_does_not_suppress(api: Api) -> None:
    types(api, "ada@bounce-22.sink.test")
    assert suppressions(api, "ada@bounce-22.sink.test") == []


def test_unsubscription_applies_to_the_mailing_list(api: Api) -> None:
    types(api, "ada@unsubscribe.sink.test", override={"list_id": "News <weekly.shop.example>"})
    (entry,) = suppressions(api, "ada@unsubscribe.sink.test")
    assert entry["list_id"] == "weekly.shop.example"


def test_bounce_of_a_subaccount_is_on_its_suppression_list(api: Api) -> None:
    send(api, "ada@bounce.sink.test", subaccount=7)
    api.account.clock.advance(1)
    (entry,) = suppressions(api, "ada@bounce.sink.test", subaccount=7)
    assert entry["subaccount_id"] == "7"
    send(api, "ada@bounce.sink.test")
    assert len(api.account.messages) == 2


# The mix


def test_the_mix_is_the_same_for_the_same_seed() -> None:
    ways = [[outcomes.happenings(Outcome("mix"), Ids(seed)) for seed in range(50)] for _ in range(2)]
    assert ways[0] == ways[1]
    assert len({tuple(happening.event for happening in way) for way in ways[0]}) > 4


def test_the_mix_has_about_its_shares() -> None:
    ids = Ids("mix")
    ends = [outcomes.happenings(Outcome("mix"), ids)[-1].event for _ in range(4000)]
    assert abs(ends.count("bounce") / 4000 - 0.08) < 0.02
    assert abs(ends.count("click") / 4000 - 0.10) < 0.02


# Properties

LABELS = ["accept", "bounce", "bounce-22", "delay", "delay-7", "expire", "oob", "fbl", "open", "openclick",
          "unsubscribe", "linkunsubscribe", "resubscribe", "delay.oob", "mix", "mail.example"]  # fmt: skip
ENDS = {"delivery": "delivered", "bounce": "bounced", "out_of_band": "bounced"}
addresses = st.one_of(
    st.builds("{}@{}.{}".format, st.sampled_from("abc"), st.sampled_from(LABELS), st.sampled_from(TEST_DOMAINS)),
    st.just("ada@mail.example"),
)


@given(st.lists(addresses, min_size=1, max_size=6), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_every_message_ends_once_and_its_events_are_in_order(emails: list[str], seed: int) -> None:
    api = Api(seed=seed)
    api.call("POST", "/transmissions", {"recipients": [{"address": email} for email in emails], "content": CONTENT})
    api.account.clock.advance(WEEK)
    events = list(api.account.events.oldest())
    assert [event.time for event in events] == sorted(event.time for event in events)
    for message in api.account.messages.oldest():
        way = [event.type for event in events if event.message == message.number]
        ends = [type for type in way if type in ENDS]
        assert ends in (["delivery"], ["bounce"], ["delivery", "out_of_band"])
        assert message.status == ENDS[ends[-1]]
        before, after = way[: way.index(ends[0])], way[way.index(ends[0]) + 1 :]
        assert before == ["injection"] + ["delay"] * (len(before) - 1)
        assert "bounce" not in way or after == []
        assert "click" not in after or after.index("open") < after.index("click")
    assert api.account.clock.waiting == 0
