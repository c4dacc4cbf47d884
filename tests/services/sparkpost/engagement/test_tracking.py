"""Tracking: tracked mail, clicks and opens."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.request.http import Request
from sparkbox.core.state.config import Profile
from sparkbox.mail import user_agents
from sparkbox.services.sparkpost.events.event_types import TYPES
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.engagement.calls import (
    BASE,
    CONTENT,
    FIREFOX,
    HTML,
    TRACKED,
    UNTRACKED,
    events_of,
    hrefs,
    one_click,
    pixels,
    send,
    tracked,
    visit,
)


@pytest.mark.parametrize("profile", ["easy", "strict"])
@pytest.mark.parametrize("options", [None, {}, {"open_tracking": None}, {"transactional": False}])
def test_mail_is_tracked_by_default_in_either_profile(
    api: Api, options: dict[str, bool] | None, profile: Profile
) -> None:
    api.call("POST", "/sending-domains", {"domain": "shop.example"})
    api.call("POST", "/sending-domains/shop.example/verify", {"dkim_verify": True})
    api.account.profile = profile
    message = send(api, options=options)
    assert len(pixels(message)) == 2
    assert hrefs(message)[0].startswith(f"{BASE}/f/a/")
    assert set(dict(message.headers)) == {"List-Unsubscribe", "List-Unsubscribe-Post"}


def test_untracked_transactional_mail_is_unchanged(api: Api) -> None:
    message = send(api, options={**UNTRACKED, "transactional": True})
    assert message.html == re.sub(r' data-msys-\w+="[^"]*"', "", HTML)
    assert (message.text, message.headers) == (CONTENT["text"], ())


def test_untracked_mail_has_list_unsubscribe(api: Api) -> None:
    message = send(api, options=UNTRACKED)
    assert message.html == re.sub(r' data-msys-\w+="[^"]*"', "", HTML)
    visit(api, one_click(message), "POST")
    assert len(events_of(api, "list_unsubscribe")) == 1


@pytest.mark.parametrize("options", [{"open_tracking": True}, {"click_tracking": True}])
def test_open_and_click_tracking_default_separately(api: Api, options: dict[str, bool]) -> None:
    message = send(api, options=options)
    assert len(pixels(message)) == 2
    assert hrefs(message)[0].startswith(f"{BASE}/f/a/")


def test_account_options_can_turn_tracking_on(api: Api) -> None:
    api.call("PUT", "/account", {"options": {"rest_tracking_default": True}})
    assert hrefs(send(api))[0].startswith(f"{BASE}/f/a/")
    api.call("PUT", "/account", {"options": {"rest_tracking_default": False}})
    assert hrefs(send(api))[0] == "https://shop.example/a?x=1&y=2"


def test_template_options_can_turn_tracking_on(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "published": True, "content": CONTENT, "options": TRACKED})
    assert len(pixels(send(api, content={"template_id": "t"}))) == 2


def test_the_strict_profile_tracks_as_the_vendor_does() -> None:
    api = Api(profile="strict")
    api.call("POST", "/sending-domains", {"domain": "shop.example"})
    api.call("POST", "/sending-domains/shop.example/verify", {"dkim_verify": True})
    assert len(pixels(send(api))) == 2
    untracked = send(api, options={"open_tracking": False, "click_tracking": False})
    assert (pixels(untracked), hrefs(untracked)[0]) == ([], "https://shop.example/a?x=1&y=2")


def test_a_scheduled_transmission_is_tracked_as_well(api: Api) -> None:
    body = {"recipients": [{"address": "ada@mail.example"}], "content": CONTENT}
    api.call("POST", "/transmissions", body | {"options": TRACKED | {"start_time": "2026-03-01T13:00:00Z"}})
    api.account.clock.advance(3600)
    (message,) = api.account.messages.oldest()
    assert visit(api, hrefs(message)[0]).status_code == 302


def test_tracked_links_contain_the_prefix(api: Api) -> None:
    response = visit(
        api,
        "http://127.0.0.1:8025/sparkpost/api/v1/transmissions",
        "POST",
        headers={"Authorization": api.account.credential},
        json={"recipients": [{"address": "ada@mail.example"}], "content": CONTENT, "options": TRACKED},
    )
    assert response.status_code == 200
    message = next(api.account.messages.newest())
    assert hrefs(message)[0].startswith("http://127.0.0.1:8025/sparkpost/f/a/")
    assert visit(api, hrefs(message)[0]).status_code == 302


# Clicks


def test_tracked_link_redirects_and_records_a_click(api: Api) -> None:
    response = visit(api, hrefs(tracked(api))[0])
    assert (response.status_code, response.headers["location"]) == (302, "https://shop.example/a?x=1&y=2")
    (click,) = events_of(api, "click")
    assert (click["target_link_name"], click["target_link_url"]) == ("first", "https://shop.example/a?x=1&y=2")
    assert (click["rcpt_to"], click["ip_address"], click["user_agent"]) == ("ada@mail.example", "192.0.2.7", FIREFOX)
    assert (click["user_agent_parsed"]["agent_family"], click["user_agent_parsed"]["os_family"]) == ("Firefox", "Linux")
    assert set(click) <= set(TYPES["click"].fields)
    assert api.call("GET", "/events/message?events=click")[0]["target_link_name"] == "first"


def test_links_in_text_are_tracked_up_to_the_full_stop(api: Api) -> None:
    text = tracked(api).text or ""
    url = text.removeprefix("See ").removesuffix(".")
    assert text.endswith(".")
    assert visit(api, url).headers["location"] == "https://shop.example/t"
    assert [click["target_link_name"] for click in events_of(api, "click")] == ["Raw URL"]


def test_link_can_be_exempt_from_tracking(api: Api) -> None:
    assert hrefs(tracked(api))[2] == "https://shop.example/plain"


def test_links_are_unchanged_without_click_tracking(api: Api) -> None:
    message = tracked(api, options={"open_tracking": True, "click_tracking": False})
    assert hrefs(message)[:2] == ["https://shop.example/a?x=1&y=2", "https://shop.example/out"]
    assert len(pixels(message)) == 2


def test_tracked_link_contains_its_sub_path(api: Api) -> None:
    html = '<a href="https://shop.example/" data-msys-sublink="autumn/sale now">A</a>'
    url = hrefs(tracked(api, content=CONTENT | {"html": html}))[0]
    assert url.startswith(f"{BASE}/f/autumn%2Fsale%20now/")
    assert visit(api, url).headers["location"] == "https://shop.example/"


def test_tracked_links_differ_by_recipient(api: Api) -> None:
    recipients = [{"address": "ada@mail.example"}, {"address": "bob@mail.example"}]
    api.call("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, "options": TRACKED})
    for message in reversed(list(api.account.messages.oldest())):
        visit(api, hrefs(message)[0])
    assert [click["rcpt_to"] for click in events_of(api, "click")] == ["bob@mail.example", "ada@mail.example"]


def test_suppressed_and_failed_recipients_do_not_shift_the_links(api: Api) -> None:
    api.call("PUT", "/suppression-list/eve@mail.example", {"type": "non_transactional"})
    recipients = [
        {"address": "eve@mail.example"},
        {"address": "bad@mail.example", "substitution_data": {"n": "x"}},
        {"address": "ada@mail.example", "substitution_data": {"n": "1"}},
    ]
    content = CONTENT | {
        "html": '<a href="https://shop.example/{{n}}">A</a>{{if n == "x"}}{{render_dynamic_content(q)}}{{end}}'
    }
    api.call("POST", "/transmissions", {"recipients": recipients, "content": content, "options": TRACKED})
    for message in api.account.messages.oldest():
        visit(api, hrefs(message)[0])
    clicked = [(click["rcpt_to"], click["target_link_url"]) for click in events_of(api, "click")]
    assert clicked[-1] == ("ada@mail.example", "https://shop.example/1")
    assert [rcpt_to for rcpt_to, _ in clicked] == [message.to for message in api.account.messages.oldest()]


def test_rfc822_mail_is_tracked(api: Api) -> None:
    source = (
        "From: news@shop.example\r\nTo: ada@mail.example\r\nSubject: Hello\r\n"
        'Content-Type: text/html; charset=utf-8\r\n\r\n<p><a href="https://shop.example/{{n}}">A</a></p>\r\n'
    )
    message = tracked(api, content={"email_rfc822": source}, substitution_data={"n": 7})
    assert visit(api, hrefs(message)[0]).headers["location"] == "https://shop.example/7"
    assert len(pixels(message)) == 2
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message.source
    assert visit(api, one_click(message), "POST").status_code == 200


def test_test_recipient_follows_tracked_links(api: Api) -> None:
    tracked(api, to="ada@openclick.sink.test")
    api.account.clock.advance(60)
    assert [event["target_link_name"] for event in events_of(api, "click")] == ["first", "Raw URL"]
    (unsubscription,) = events_of(api, "link_unsubscribe")
    assert unsubscription["target_link_url"] == "https://shop.example/out"


def test_test_recipient_follows_the_unsubscribe_link(api: Api) -> None:
    tracked(api, to="ada@linkunsubscribe.sink.test")
    api.account.clock.advance(60)
    assert [event["target_link_url"] for event in events_of(api, "link_unsubscribe")] == ["https://shop.example/out"]


def test_redirect_escapes_invalid_header_characters(api: Api) -> None:
    html = '<a href="https://shop.example/&#13;&#10;X-Evil:1/ü">A</a>'
    response = visit(api, hrefs(tracked(api, content=CONTENT | {"html": html}))[0])
    assert response.headers["location"] == "https://shop.example/%0D%0AX-Evil:1/%C3%BC"
    assert "x-evil" not in response.headers


# Opens


def test_pixels_are_at_the_top_and_at_the_end(api: Api) -> None:
    html = tracked(api).html or ""
    assert re.search(r"<body><img [^>]+><h1>", html)
    assert re.search(r"<img [^>]+></body></html>$", html)


def test_html_fragment_gets_pixels_around_it(api: Api) -> None:
    html = tracked(api, content=CONTENT | {"html": "<p>Hi</p>"}).html or ""
    assert re.fullmatch(r"<img [^>]+><p>Hi</p><img [^>]+>", html)


def test_pixels_record_opens(api: Api) -> None:
    for url in pixels(tracked(api)):
        response = visit(api, url)
        assert (response.status_code, response.headers["content-type"], response.content[:6]) == (
            200,
            "image/gif",
            b"GIF89a",
        )
    assert [event["type"] for event in events_of(api, "open", "initial_open")] == ["initial_open", "open"]
    (opened,) = events_of(api, "open")
    assert opened["user_agent_parsed"]["agent_family"] == "Firefox"
    assert set(opened) <= set(TYPES["open"].fields)


@pytest.mark.parametrize(
    ("options", "count"),
    [({"open_tracking": False, "click_tracking": True}, 0), ({"open_tracking": True, "initial_open": False}, 1)],
)
def test_pixels_depend_on_options(api: Api, options: dict[str, bool], count: int) -> None:
    assert len(pixels(tracked(api, options=options))) == count


def test_amp_has_events_of_its_own(api: Api) -> None:
    amp = '<!doctype html><html amp4email><head></head><body><a href="https://shop.example/amp">A</a></body></html>'
    body = tracked(api, content=CONTENT | {"amp_html": amp}).amp_html or ""
    for url in re.findall(r'<amp-pixel src="([^"]+)"', body):
        assert visit(api, url).status_code == 200
    visit(api, re.findall(r'href="([^"]+)"', body)[0])
    kinds = [event["type"] for event in events_of(api, "amp_initial_open", "amp_open", "amp_click")]
    assert kinds == ["amp_initial_open", "amp_open", "amp_click"]


def test_head_and_options_record_no_open(api: Api) -> None:
    message = tracked(api)
    for url in (*pixels(message), hrefs(message)[0]):
        visit(api, url, "HEAD")
    assert events_of(api, "open", "initial_open", "click") == []


# Invalid links


def test_changed_tracking_link_gets_a_404(api: Api) -> None:
    url = hrefs(tracked(api))[0]
    head, _, token = url.rpartition("/")
    body, _, mac = token.partition(".")
    values = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    values[1] = "https://evil.example/"
    forged = base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()
    for path in (f"{head}/{forged}.{mac}", f"{head}/{forged}", f"{head}/x", f"{BASE}/q/{token}", f"{BASE}/u/{token}"):
        response = visit(api, path)
        assert (response.status_code, "location" in response.headers) == (404, False)
    assert events_of(api, "click", "open") == []


def test_link_of_a_forgotten_message_gets_a_404(api: Api) -> None:
    url = hrefs(tracked(api))[0]
    api.app.sandbox.accounts.reset(api.account)
    assert visit(api, url).status_code == 404


@given(st.text(max_size=60), st.sampled_from(["/f/a/{}", "/q/{}", "/u/{}"]))
@settings(max_examples=200, deadline=None)
def test_arbitrary_tracking_token_gets_a_404(token: str, path: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in token.encode("utf-8", "replace"))
    assert SHARED.dispatcher.respond(Request("GET", path.format(encoded))).status == 404


SHARED = Api()


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
@settings(max_examples=100, deadline=None)
def test_arbitrary_token_content_gets_a_404(values: Any) -> None:
    body = base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode() if _small(values) else "x"
    assert SHARED.dispatcher.respond(Request("GET", f"/f/a/{body}.0123456789abcdef")).status == 404


def _small(values: Any) -> bool:
    if isinstance(values, list):
        return all(map(_small, values))
    return not isinstance(values, int) or abs(values) < 2**63


# Programs


@pytest.mark.parametrize(
    ("user_agent", "family", "system", "version", "mobile"),
    [
        (FIREFOX, "Firefox", "Linux", "", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Safari/604.1",
         "Safari", "iOS", "17.4", True),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
         "Edge", "Windows", "10.0", False),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
         "Chrome", "Android", "14", True),
        ("curl/8.5.0", "curl", "Other", "", False),
        ("", "Other", "Other", "", False),
    ],
)  # fmt: skip
def test_user_agents_are_parsed(user_agent: str, family: str, system: str, version: str, mobile: bool) -> None:
    parsed = user_agents.parse(user_agent)
    assert (parsed["agent_family"], parsed["os_family"], parsed["os_version"], parsed["is_mobile"]) == (
        family, system, version, mobile,
    )  # fmt: skip


def test_tracked_link_is_an_address_of_the_sandbox(api: Api) -> None:
    message = tracked(api)
    assert {urlsplit(url).netloc for url in (*pixels(message), *hrefs(message)[:2])} == {"api.sparkpost.com"}
