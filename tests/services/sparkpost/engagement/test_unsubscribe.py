"""Unsubscribing by link, by header and by one click."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparkpost.events.event_types import TYPES
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.engagement.calls import (
    CONTENT,
    TRACKED,
    UNTRACKED,
    events_of,
    hrefs,
    one_click,
    send,
    tracked,
    visit,
)

# Unsubscribing


def test_an_unsubscribe_link_unsubscribes(api: Api) -> None:
    response = visit(api, hrefs(tracked(api))[1])
    assert response.headers["location"] == "https://shop.example/out"
    (event,) = events_of(api, "link_unsubscribe")
    assert event["target_link_url"] == "https://shop.example/out"
    assert set(event) <= set(TYPES["link_unsubscribe"].fields)
    assert events_of(api, "click") == []
    (entry,) = api.call("GET", "/suppression-list/ada@mail.example")
    assert (entry["source"], entry["type"]) == ("Unsubscribe Link", "non_transactional")


def test_one_click_unsubscribes(api: Api) -> None:
    message = tracked(api)
    headers = dict(message.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<mailto:unsubscribe@unsub.sparkpostmail.com?subject=unsubscribe:")
    response = visit(api, one_click(message), "POST", data={"List-Unsubscribe": "One-Click"})
    assert (response.status_code, "ada@mail.example is unsubscribed" in response.text) == (200, True)
    (event,) = events_of(api, "list_unsubscribe")
    assert (event["mailfrom"], set(event) <= set(TYPES["list_unsubscribe"].fields)) == ("ada@mail.example", True)
    (entry,) = api.call("GET", "/suppression-list/ada@mail.example")
    assert (entry["source"], entry["type"]) == ("List Unsubscribe", "non_transactional")
    body = {"recipients": [{"address": "ada@mail.example"}], "content": CONTENT}
    assert api.send("POST", "/transmissions", body).json()["errors"][0]["code"] == "1902"


def test_unsubscribe_page_does_not_unsubscribe(api: Api) -> None:
    response = visit(api, one_click(tracked(api)))
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert '<form method="post">' in response.text
    assert events_of(api, "list_unsubscribe") == []


def test_transactional_mail_has_the_header_if_the_account_says_so(api: Api) -> None:
    options = TRACKED | {"transactional": True}
    assert "List-Unsubscribe" not in dict(tracked(api, options=options).headers)
    api.call("PUT", "/account", {"options": {"transactional_unsub": True}})
    message = tracked(api, options=options)
    visit(api, one_click(message), "POST")
    (entry,) = api.call("GET", "/suppression-list/ada@mail.example")
    assert entry["type"] == "transactional"


OWN = {"List-Unsubscribe": "<mailto:bye@shop.example>", "List-unsubscribe-post": "List-Unsubscribe=One-Click"}
WHOLE = "\r\n".join(
    ["From: news@shop.example", "Subject: s", *[f"{name}: {value}" for name, value in OWN.items()], "", "Hi"]
)


@pytest.mark.parametrize("options", [{}, UNTRACKED, {"transactional": True}, {**UNTRACKED, "transactional": True}])
@pytest.mark.parametrize(
    "content",
    [
        {**CONTENT, "headers": OWN},
        {"template_id": "t"},
        {"email_rfc822": WHOLE},
        {"email_rfc822": f"X-Name: {{{{a}}}}\r\n{WHOLE}"},
    ],
    ids=["inline", "template", "whole", "filled in"],
)
def test_senders_list_unsubscribe_stays_in_transactional_mail_only(
    api: Api, content: dict[str, Any], options: dict[str, bool]
) -> None:
    stored = {"id": "t", "published": True, "content": CONTENT | {"headers": OWN}}
    api.call("POST", "/templates", stored)
    message = send(api, content=content, options=options)
    theirs = [(name, value) for name, value in message.headers if name.lower().startswith("list-unsub")]
    if options.get("transactional"):
        assert theirs == list(OWN.items())
        assert b"unsub.sparkpostmail.com" not in message.source
    else:
        assert [name for name, _ in theirs] == ["List-Unsubscribe", "List-Unsubscribe-Post"]
        assert theirs[0][1].startswith("<mailto:unsubscribe@unsub.sparkpostmail.com?")
        assert b"bye@shop.example" not in message.source
        assert message.source.lower().count(b"list-unsubscribe-post:") == bool(message.source)


@pytest.mark.parametrize(
    ("transactional", "header", "account", "happens"),
    [
        (False, False, False, True),
        (False, True, False, True),
        (True, False, False, False),
        (True, True, False, False),
        (True, False, True, True),
    ],
)
def test_unsubscribing_test_recipient_needs_the_services_own_header(
    api: Api, transactional: bool, header: bool, account: bool, happens: bool
) -> None:
    api.call("PUT", "/account", {"options": {"transactional_unsub": account}})
    content = CONTENT | ({"headers": OWN} if header else {})
    send(api, to="ada@unsubscribe.sink.test", content=content, options={"transactional": transactional})
    api.account.clock.advance(60)
    assert bool(events_of(api, "list_unsubscribe")) is happens
    assert bool(api.send("GET", "/suppression-list/ada@unsubscribe.sink.test").status_code == 200) is happens
