"""A mail's parts, as the control API shows them."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.core.logs.messages import Attachment
from tests.control.harness import Harness
from tests.mail.test_entities import INVITE

CALENDAR = Attachment("invite.ics", "text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR")
DOT = Attachment("dot.gif", "image/gif", b"GIF89a", "dot")


def flat(parts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        found |= {part["path"]: part, **flat(part["parts"])}
    return found


def test_the_parts_of_a_mail_that_was_handed_over_whole(harness: Harness) -> None:
    id = harness.capture(source=INVITE)
    [root] = harness.get(f"messages/{id}")["parts"]
    found = flat([root])
    assert list(found) == ["1", "1.1", "1.1.1", "1.1.2", "1.2", "1.2.1"]
    assert root["headers"][0] == ["From", "a@b.example"]
    assert root["parameters"] == {"boundary": "outer"}
    assert found["1.1.2"] == {
        "path": "1.1.2",
        "content_type": "text/calendar",
        "parameters": {"method": "REQUEST", "charset": "utf-8"},
        "disposition": None,
        "file_name": None,
        "content_id": None,
        "size": 5,
        "headers": [
            ["Content-Type", 'TEXT/Calendar; method=REQUEST; charset="utf-8"'],
            ["Content-Transfer-Encoding", "base64"],
        ],
        "complete": True,
        "parts": [],
    }
    assert found["1.2"]["file_name"] == "old.eml"
    assert harness.call("GET", f"/_mock/messages/{id}/parts/1.1.2").content == b"BEGIN"
    assert harness.call("GET", f"/_mock/messages/{id}/parts/1.2.1").content == b"<p>old</p>"


def test_the_parts_of_a_mail_that_was_put_together_here(harness: Harness) -> None:
    id = harness.capture(text="t", html="<img src=cid:dot>", amp_html="a", attachments=(DOT, CALENDAR))
    found = flat(harness.get(f"messages/{id}")["parts"])
    assert {path: part["content_type"] for path, part in found.items()} == {
        "1": "multipart/mixed",
        "1.1": "multipart/alternative",
        "1.1.1": "text/plain",
        "1.1.2": "text/x-amp-html",
        "1.1.3": "multipart/related",
        "1.1.3.1": "text/html",
        "1.1.3.2": "image/gif",
        "1.2": "text/calendar",
    }
    assert found["1.2"]["parameters"] == {"method": "REQUEST", "charset": "utf-8"}
    assert (found["1.2"]["disposition"], found["1.2"]["file_name"]) == ("attachment", "invite.ics")
    image = found["1.1.3.2"]
    assert (image["disposition"], image["content_id"], image["size"]) == ("inline", "dot", 6)


def test_a_part_is_downloaded_and_not_shown(harness: Harness) -> None:
    id = harness.capture(source=INVITE)
    response = harness.call("GET", f"/_mock/messages/{id}/parts/1.2.1")
    assert response.headers["content-type"] == "text/html"
    assert response.headers["content-disposition"].startswith('attachment; filename="part-1.2.1"')
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["0", "2", "1.3", "1.1.2.1", "x", "1.", "%2e%2e"])
def test_a_path_that_leads_nowhere_is_not_found(harness: Harness, path: str) -> None:
    id = harness.capture(source=INVITE)
    assert harness.call("GET", f"/_mock/messages/{id}/parts/{path}").status_code == 404


def test_other_channels_have_no_parts(harness: Harness) -> None:
    id = harness.capture(channel="sms", text="hello")
    assert harness.get(f"messages/{id}")["parts"] == []
    assert harness.refused("GET", f"messages/{id}/parts/1")[:2] == (404, "not_found")
