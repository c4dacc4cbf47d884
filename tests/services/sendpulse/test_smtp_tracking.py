"""What is tracked in the SMTP service's mails, and where it leads."""

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
from tests.services.sendpulse.room import Room, encode

HTML = (
    '<html><body><p>Hi</p><a class="x" href="https://shop.example/?a=1&amp;b=2">Buy</a>'
    ' <a href="mailto:a@b.example">M</a></body></html>'
)
SIMULATION = "http://localhost/_mock/services/sendpulse/simulations/smtp-tracking?account=mock-key"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def track(room: Room, **what: bool) -> Any:
    answer = room.http.post(SIMULATION, json=what)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(room: Room, url: str, method: str = "GET", **more: Any) -> httpx.Response:
    """Requests what stands in a mail as a mail program does: without a credential."""
    headers = {"User-Agent": FIREFOX, "Authorization": ""}
    return room.http.request(method, url, headers=headers, follow_redirects=False, **more)


def links(html: str | None) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(r'(?:href|src)="([^"]+)"', html or "")]


def header(room: Room, name: str) -> str:
    return next((value for known, value in room.messages[-1].headers if known == name), "")


def test_mail_is_as_it_was_written_until_tracking_is_asked_for(room: Room) -> None:
    room.mail(html=encode(HTML))
    assert (room.messages[0].html, room.messages[0].headers) == (HTML, ())
    assert track(room) == {"opens": True, "clicks": True, "unsubscribe": True}
    room.mail(html=encode(HTML))
    assert len(links(room.messages[1].html)) == 3
    assert track(room, opens=False, clicks=False, unsubscribe=False)["opens"] is False
    room.mail(html=encode(HTML))
    assert (room.messages[2].html, room.messages[2].headers) == (HTML, ())


def test_what_is_tracked_may_be_chosen(room: Room) -> None:
    track(room, clicks=False)
    room.mail(html=encode(HTML))
    shop, _, pixel = links(room.messages[0].html)
    assert shop == "https://shop.example/?a=1&b=2"
    assert "/smtp/track/open/" in pixel


def test_a_link_leads_on_and_is_told(room: Room) -> None:
    track(room)
    id = room.mail(html=encode(HTML))
    link, mailto, pixel = links(room.messages[0].html)
    assert mailto == "mailto:a@b.example"
    answer = get(room, link)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/?a=1&b=2")
    assert get(room, pixel).headers["content-type"] == "image/gif"
    tracking = room.call("GET", f"/smtp/emails/{id}")["tracking"]
    assert (tracking["click"], tracking["open"]) == (1, 1)
    assert tracking["link"][0]["url"] == "https://shop.example/?a=1&b=2"
    assert {tracking["link"][0][name] for name in ("browser", "os")} == {"Firefox", "Linux"}
    clicked = room.events[0].json()
    assert (clicked["event"], clicked["browser_ver"], clicked["open_device"]) == ("clicked", "133.0", "Desktop")


def test_looking_at_a_link_is_no_click(room: Room) -> None:
    track(room)
    room.mail(html=encode(HTML))
    for url in links(room.messages[0].html)[::2]:
        assert get(room, url, "HEAD").status_code in (200, 302)
    assert room.events == []


def test_one_click_unsubscribes_and_the_page_only_asks(room: Room) -> None:
    track(room)
    room.mail("ann@example.org")
    url = header(room, "List-Unsubscribe").strip("<>")
    assert header(room, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert "ann@example.org" in get(room, url).text
    assert room.call("GET", "/smtp/unsubscribe") == []
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = room.http.post(url, content="List-Unsubscribe=One-Click", headers=form | {"Authorization": ""})
    assert answer.status_code == 200
    (row,) = room.call("GET", "/smtp/unsubscribe")
    assert (row["email"], row["unsubscribe_by_link"]) == ("ann@example.org", 1)
    room.mail("ann@example.org")
    assert len(room.messages) == 1


def test_each_recipient_has_links_of_their_own(room: Room) -> None:
    track(room)
    room.mail(to=[{"email": "ann@example.org"}, {"email": "bob@example.org"}], html=encode(HTML))
    get(room, links(room.messages[1].html)[0])
    assert [event.json()["recipient"] for event in room.events] == ["bob@example.org"]


def test_an_address_that_clicks_follows_the_senders_own_link(room: Room) -> None:
    track(room)
    room.mail("click@mock.test", html=encode(HTML))
    room.clock.advance(3600)
    assert room.events[-1].json()["link_url"] == "https://shop.example/?a=1&b=2"


@pytest.mark.parametrize("spoil", [lambda url: url[:-1] + "x", lambda url: url.rpartition("/")[0] + "/e30.x"])
def test_a_forged_link_leads_nowhere(room: Room, spoil: Any) -> None:
    track(room)
    room.mail(html=encode(HTML))
    assert get(room, spoil(links(room.messages[0].html)[0])).status_code == 404
    assert room.events == []


def test_a_link_of_one_kind_is_none_of_another(room: Room) -> None:
    track(room)
    room.mail(html=encode(HTML))
    assert get(room, links(room.messages[0].html)[0].replace("/click/", "/unsubscribe/"), "POST").status_code == 404


def test_a_link_is_forgotten_with_its_account(room: Room) -> None:
    track(room)
    room.mail(html=encode(HTML))
    url = links(room.messages[0].html)[0]
    room.account.reset()
    assert get(room, url).status_code == 404


def test_mail_by_smtp_is_tracked_alike(room: Room) -> None:
    track(room)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sender@example.com", "ann@example.org", "Grüße"
    mail.set_content("Hi")
    mail.add_alternative(HTML, subtype="html")
    ctx = room.ctx
    ctx.request = Request("SMTP", "/", base_url="https://api.sendpulse.com")
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    (message,) = room.messages
    assert len(links(message.html)) == 3
    raw = message_from_bytes(message.raw, policy=policy.default)
    assert (raw["Subject"], raw["List-Unsubscribe"].strip()) == ("Grüße", header(room, "List-Unsubscribe"))
    assert raw.get_body(("html",)).get_content().strip() == (message.html or "").strip()
    get(room, links(message.html)[0])
    assert [event.type for event in room.events] == ["clicked"]


def test_the_senders_own_unsubscribe_header_is_replaced_where_the_service_has_one(room: Room) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sender@example.com", "ann@example.org", "s"
    mail["List-Unsubscribe"] = "<mailto:bye@example.com>"
    mail.set_content("Hi")
    ctx = room.ctx
    ctx.request = Request("SMTP", "/", base_url="https://api.sendpulse.com")
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    assert header(room, "List-Unsubscribe") == "<mailto:bye@example.com>"
    track(room)
    complete(submit(ctx, Submission("sender@example.com", ("ann@example.org",), mail.as_bytes())))
    values = [value for name, value in room.messages[-1].headers if name == "List-Unsubscribe"]
    assert [value.startswith("<https://api.sendpulse.com/smtp/track/unsubscribe/") for value in values] == [True]
    assert room.messages[-1].raw.count(b"List-Unsubscribe:") == 1
