"""Tracked links, pixels and List-Unsubscribe headers of the SMTP service's mail: no part of the vendor's API."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable

import httpx
import pytest

from contract_tests.sendpulse.responses import result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

HTML = "PGEgaHJlZj0iaHR0cHM6Ly9zaG9wLmV4YW1wbGUvYSI+QTwvYT4="
"""A link to https://shop.example/a, in base64."""


@pytest.mark.assumed("follow_tracked_link", "load_tracking_pixel", "show_unsubscribe_page", "unsubscribe_by_one_click")
@pytest.mark.sandbox_only
def test_tracked_links_pixels_and_headers_work(
    api: httpx.Client, address: Callable[[str], str], world: World, tls: ssl.SSLContext, account: Sendpulse
) -> None:
    world.simulate("sendpulse", "smtp-tracking")
    email = {
        "subject": "Hello",
        "text": "A",
        "html": HTML,
        "from": {"name": "Acme", "email": account.sender},
        "to": [{"email": address("tracked")}],
    }
    id = result(api.post("/smtp/emails", json={"email": email}))["id"]
    (message,) = [each for each in world.messages if each.vendor_id == id]
    (link,) = re.findall(r'href="([^"]+)"', message.html or "")
    (pixel,) = re.findall(r'src="([^"]+)"', message.html or "")
    one_click = dict(message.headers)["List-Unsubscribe"].strip("<>")
    assert link.startswith(account.url)
    with httpx.Client(verify=tls) as anybody:
        assert anybody.get(pixel).headers["content-type"] == "image/gif"
        assert anybody.get(link).headers["location"] == "https://shop.example/a"
        assert message.to in anybody.get(one_click).text
        assert anybody.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    tracking = result(api.get(f"/smtp/emails/{id}"))["tracking"]
    assert (tracking["open"], tracking["click"]) == (1, 1)
    assert result(api.get("/smtp/unsubscribe/search", params={"email": message.to})) == {"result": True}
