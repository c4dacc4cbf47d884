"""Tracked links, pixels and List-Unsubscribe headers of the SMTP service's mail."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from sparkbox.core.declare.relay import Submission
from sparkbox.core.request.http import Request
from sparkbox.core.state.steps import complete
from sparkbox.services.sendpulse.smtp.relay import submit
from tests.services.sendpulse.api import Api, encode

HTML = (
    '<html><body><p>Hi</p><a class="x" href="https://shop.example/?a=1&amp;b=2">Buy</a>'
    ' <a href="mailto:a@b.example">M</a></body></html>'
)
SIMULATION = "http://localhost/_mock/services/sendpulse/simulations/smtp-tracking?account=mock-key"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def track(api: Api, **what: bool) -> Any:
    response = api.http.post(SIMULATION, json=what)
    assert response.status_code == 200, response.text
    return response.json()


def get(api: Api, url: str, method: str = "GET", **more: Any) -> httpx.Response:
    """Request what stands in a mail as a mail program does: without a credential."""
    headers = {"User-Agent": FIREFOX, "Authorization": ""}
    return api.http.request(method, url, headers=headers, follow_redirects=False, **more)


def links(html: str | None) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(r'(?:href|src)="([^"]+)"', html or "")]


def header(api: Api, name: str) -> str:
    return next((value for known, value in api.messages[-1].headers if known == name), "")


def test_mail_is_unchanged_without_tracking(api: Api) -> None:
    api.mail(html=encode(HTML))
    assert (api.messages[0].html, api.messages[0].headers) == (HTML, ())
    assert track(api) == {"opens": True, "clicks": True, "unsubscribe": True}
    api.mail(html=encode(HTML))
    assert len(links(api.messages[1].html)) == 3
    assert track(api, opens=False, clicks=False, unsubscribe=False)["opens"] is False
    api.mail(html=encode(HTML))
    assert (api.messages[2].html, api.messages[2].headers) == (HTML, ())


def test_opens_clicks_and_unsubscribing_are_tracked_separately(api: Api) -> None:
    track(api, clicks=False)
    api.mail(html=encode(HTML))
    shop, _, pixel = links(api.messages[0].html)
    assert shop == "https://shop.example/?a=1&b=2"
    assert "/smtp/track/open/" in pixel


def test_tracked_link_redirects_and_emits_clicked(api: Api) -> None:
    track(api)
    id = api.mail(html=encode(HTML))
    link, mailto, pixel = links(api.messages[0].html)
    assert mailto == "mailto:a@b.example"
    response = get(api, link)
    assert (response.status_code, response.headers["location"]) == (302, "https://shop.example/?a=1&b=2")
    assert get(api, pixel).headers["content-type"] == "image/gif"
    tracking = api.call("GET", f"/smtp/emails/{id}")["tracking"]
    assert (tracking["click"], tracking["open"]) == (1, 1)
    assert tracking["link"][0]["url"] == "https://shop.example/?a=1&b=2"
    assert {tracking["link"][0][name] for name in ("browser", "os")} == {"Firefox", "Linux"}
    clicked = api.events[0].json()
    assert (clicked["event"], clicked["browser_ver"], clicked["open_device"]) == ("clicked", "133.0", "Desktop")


def test_head_request_is_no_click(api: Api) -> None:
    track(api)
    api.mail(html=encode(HTML))
    for url in links(api.messages[0].html)[::2]:
        assert get(api, url, "HEAD").status_code in (200, 302)
    assert api.events == []


def test_unsubscribe_page_asks_and_one_click_unsubscribes(api: Api) -> None:
    track(api)
    api.mail("ann@example.org")
    url = header(api, "List-Unsubscribe").strip("<>")
    assert header(api, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert "ann@example.org" in get(api, url).text
    assert api.call("GET", "/smtp/unsubscribe") == []
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = api.http.post(url, content="List-Unsubscribe=One-Click", headers=form | {"Authorization": ""})
    assert response.status_code == 200
    (row,) = api.call("GET", "/smtp/unsubscribe")
    assert (row["email"], row["unsubscribe_by_link"]) == ("ann@example.org", 1)
    api.mail("ann@example.org")
    assert len(api.messages) == 1


def test_each_recipient_has_links_of_their_own(api: Api) -> None:
    track(api)
    api.mail(to=[{"email": "ann@example.org"}, {"email": "bob@example.org"}], html=encode(HTML))
    get(api, links(api.messages[1].html)[0])
    assert [event.json()["recipient"] for event in api.events] == ["bob@example.org"]


def test_clicking_recipient_follows_the_senders_link(api: Api) -> None:
    track(api)
    api.mail("click@mock.test", html=encode(HTML))
    api.clock.advance(3600)
    assert api.events[-1].json()["link_url"] == "https://shop.example/?a=1&b=2"


@pytest.mark.parametrize("spoil", [lambda url: url[:-1] + "x", lambda url: url.rpartition("/")[0] + "/e30.x"])
def test_forged_tracking_link_is_not_found(api: Api, spoil: Any) -> None:
    track(api)
    api.mail(html=encode(HTML))
    assert get(api, spoil(links(api.messages[0].html)[0])).status_code == 404
    assert api.events == []


def test_tracking_token_is_valid_for_one_kind_only(api: Api) -> None:
    track(api)
    api.mail(html=encode(HTML))
    assert get(api, links(api.messages[0].html)[0].replace("/click/", "/unsubscribe/"), "POST").status_code == 404


def test_link_is_gone_with_its_account(api: Api) -> None:
    track(api)
    api.mail(html=encode(HTML))
    url = links(api.messages[0].html)[0]
    api.account.reset()
    assert get(api, url).status_code == 404


def test_mail_by_smtp_is_tracked_alike(api: Api) -> None:
    track(api)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sender@example.com", "ann@example.org", "Grüße"
    mail.set_content("Hi")
    mail.add_alternative(HTML, subtype="html")
    ctx = api.ctx
    ctx.request = Request("SMTP", "/", base_url="https://api.sendpulse.com")
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    (message,) = api.messages
    assert len(links(message.html)) == 3
    raw = message_from_bytes(message.raw, policy=policy.default)
    assert (raw["Subject"], raw["List-Unsubscribe"].strip()) == ("Grüße", header(api, "List-Unsubscribe"))
    body = raw.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == (message.html or "").strip()
    get(api, links(message.html)[0])
    assert [event.type for event in api.events] == ["clicked"]


def test_tracking_replaces_the_senders_unsubscribe_header(api: Api) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sender@example.com", "ann@example.org", "s"
    mail["List-Unsubscribe"] = "<mailto:bye@example.com>"
    mail.set_content("Hi")
    ctx = api.ctx
    ctx.request = Request("SMTP", "/", base_url="https://api.sendpulse.com")
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    assert header(api, "List-Unsubscribe") == "<mailto:bye@example.com>"
    track(api)
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    values = [value for name, value in api.messages[-1].headers if name == "List-Unsubscribe"]
    assert [value.startswith("<https://api.sendpulse.com/smtp/track/unsubscribe/") for value in values] == [True]
    assert api.messages[-1].raw.count(b"List-Unsubscribe:") == 1
