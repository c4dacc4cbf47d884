"""Test recipients and their outcomes: https://support.sparkpost.com/docs/faq/using-sink-server.

A real account sends to the vendor's sink server only. Outcomes of its open-source version and tracked links are tested
against the sandbox only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import api_error, error, results
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World

SINK = "sink.sparkpostmail.com"
HTML = (
    '<p><a href="https://shop.example/a">A</a> <a href="https://shop.example/out" data-msys-unsubscribe="1">B</a></p>'
)

Send = Callable[..., str]


@pytest.fixture
def send(api: httpx.Client, account: Sparkpost) -> Send:
    """``send("ada@oob.sink…")`` sends with tracking and returns the transmission's id."""

    def fetch(email: str, **options: Any) -> str:
        body = {
            "recipients": [{"address": email}],
            "content": {"from": account.sender, "subject": "Hello outcomes", "html": HTML},
            "options": {"open_tracking": True, "click_tracking": True, **options},
        }
        return str(results(api.post("/api/v1/transmissions", json=body))["id"])

    return fetch


def events_of(api: httpx.Client, transmission: str) -> list[dict[str, Any]]:
    """The events of a transmission, oldest first."""
    rows = results(api.get("/api/v1/events/message", params={"transmissions": transmission}))
    return list(reversed(rows))


def suppressed(api: httpx.Client, email: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = results(api.get(f"/api/v1/suppression-list/{email}"))
    return rows


@pytest.mark.documented("create_transmission", "search_events")
def test_mail_to_test_recipients_is_counted(
    api: httpx.Client, send: Send, name: Callable[[str], str], eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    id = send(f"{name('ada')}@mail.example.{SINK}")
    injected = eventually(lambda: [event for event in events_of(api, id) if event["type"] == "injection"])
    assert [event["recipient_domain"] for event in injected] == [f"mail.example.{SINK}"]


@pytest.mark.documented("search_events")
@pytest.mark.sandbox_only
def test_mail_to_bouncing_test_recipients_bounces(api: httpx.Client, send: Send, world: World) -> None:
    id = send(f"ada@mail.example.{SINK}")
    world.clock.advance(1)
    assert [event["type"] for event in events_of(api, id)] == ["injection", "bounce"]


@pytest.mark.parametrize(
    ("label", "expected", "source"),
    [
        ("accept", ["injection", "delivery"], None),
        ("oob", ["injection", "delivery", "out_of_band"], "Bounce Rule"),
        ("fbl", ["injection", "delivery", "spam_complaint"], "Spam Complaint"),
    ],
)
@pytest.mark.documented("search_events")
@pytest.mark.sandbox_only
def test_domain_label_chooses_the_outcome(
    api: httpx.Client, send: Send, world: World, label: str, expected: list[str], source: str | None
) -> None:
    for email in (f"ada@{label}.{SINK}", f"ada@{label}.fred.wilma.bouncy-sink.trymsys.net"):
        id = send(email)
        world.clock.advance(60)
        assert [event["type"] for event in events_of(api, id)] == expected
        if source is not None:
            assert [entry["source"] for entry in suppressed(api, email)] == [source]


@pytest.mark.documented("search_events")
@pytest.mark.sandbox_only
def test_open_click_mail_is_opened_and_its_links_followed(api: httpx.Client, send: Send, world: World) -> None:
    id = send(f"ada@openclick.{SINK}")
    world.clock.advance(60)
    types = [event["type"] for event in events_of(api, id)]
    assert types == ["injection", "delivery", "initial_open", "open", "click", "link_unsubscribe"]


@pytest.mark.observed("create_transmission:generation_rejected")
@pytest.mark.sandbox_only
def test_hard_bounce_suppresses_the_next_mail(api: httpx.Client, account: Sparkpost, send: Send, world: World) -> None:
    send("ada@bounce.sink.test")
    world.clock.advance(1)
    body = {
        "recipients": [{"address": "ada@bounce.sink.test"}],
        "content": {"from": account.sender, "subject": "Hello again", "text": "Hi"},
    }
    response = api.post("/api/v1/transmissions", json=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["description"] == "recipient address was suppressed due to customer policy"


@pytest.mark.assumed("follow_link", "load_pixel", "show_unsubscription", "unsubscribe")
@pytest.mark.sandbox_only
def test_tracked_links_pixels_and_headers_work(
    api: httpx.Client, send: Send, world: World, tls: Any, account: Sparkpost
) -> None:
    id = send("ada@mail.example")
    (message,) = [each for each in world.messages if each.vendor_id == id]
    pixels = re.findall(r'<img [^>]*src="([^"]+)"', message.html or "")
    link = re.findall(r'href="([^"]+)"', message.html or "")[0]
    one_click = re.findall(r"<(http[^>]+)>", dict(message.headers)["List-Unsubscribe"])[0]
    assert link.startswith(account.url)
    with httpx.Client(verify=tls) as anybody:
        assert [anybody.get(url).headers["content-type"] for url in pixels] == ["image/gif", "image/gif"]
        assert anybody.get(link).headers["location"] == "https://shop.example/a"
        assert "Unsubscribe" in anybody.get(one_click).text
        assert anybody.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    types = [event["type"] for event in events_of(api, id)]
    assert types == ["injection", "initial_open", "open", "click", "list_unsubscribe"]
    assert [entry["source"] for entry in suppressed(api, "ada@mail.example")] == ["List Unsubscribe"]


@pytest.mark.assumed("follow_link:invalid_uri")
@pytest.mark.sandbox_only
def test_unknown_tracking_link_gets_a_404(api: httpx.Client) -> None:
    assert api.get("/f/b/nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "code"),
    [
        case("create_transmission:hourly_limit", "hourly", "2101", sandbox_only=True),
        case("create_transmission:daily_limit", "daily", "2102", sandbox_only=True),
        case("create_transmission:monthly_limit", "monthly", "2105", sandbox_only=True),
    ],
)
def test_nothing_is_sent_beyond_a_sending_limit(
    api: httpx.Client, account: Sparkpost, world: World, name: str, code: str
) -> None:
    world.simulate("sparkpost", "sending-limits", **{name: 1})
    body = {
        "recipients": [{"address": f"ada@accept.{SINK}"}, {"address": f"bob@accept.{SINK}"}],
        "content": {"from": account.sender, "subject": "Hello limits", "text": "Hi"},
    }
    status, row = api_error(api.post("/api/v1/transmissions", json=body))
    assert (status, row) == (420, error(f"Exceed Sending Limit ({name})", code))
    assert world.messages == []
