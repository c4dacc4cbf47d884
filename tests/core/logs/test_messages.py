"""Captured messages: what they weigh, how they are shown."""

from __future__ import annotations

import orjson
import pytest

from sparkbox.core.logs.messages import Attachment, Message, details, summary
from sparkbox.mail.message import MailMessage

MAIL = MailMessage(
    number=7,
    service="post",
    account="mock-a",
    time=1_772_366_400.0,
    vendor_id="v7",
    sender="post@example.com",
    sender_name="The Post",
    to="ada@example.com",
    to_name="Ada",
    subject="Hello",
    text="hello",
    html="<p>hello</p>",
    reply_to="reply@example.com",
    headers=(("X-One", "1"),),
    attachments=(Attachment("a.txt", "text/plain", b"abc"), Attachment("b.png", "image/png", b"12345", "b")),
    metadata=b'{"campaign": "spring"}',
)


def test_a_summary_has_no_contents() -> None:
    assert summary(MAIL) == {
        "id": "7",
        "time": "2026-03-01T12:00:00.000Z",
        "channel": "email",
        "service": "post",
        "account": "mock-a",
        "vendor_id": "v7",
        "from": "post@example.com",
        "from_name": "The Post",
        "to": "ada@example.com",
        "to_name": "Ada",
        "rcpt_type": "to",
        "subject": "Hello",
        "preview": "hello",
        "status": "accepted",
        "attachments": 2,
    }


@pytest.mark.parametrize(
    ("text", "preview"),
    [
        (None, ""),
        ("Your code is\r\n\t 834 201.\n", "Your code is 834 201."),
        ("x" * 300, "x" * 100),
        (" " * 150 + "late" + " " * 1000, "late"),
    ],
)
def test_a_summary_shows_how_the_text_begins(text: str | None, preview: str) -> None:
    assert summary(Message(channel="sms", text=text))["preview"] == preview


def test_details_have_the_contents_but_for_the_files_data() -> None:
    shown = details(MAIL)
    assert {name: shown[name] for name in ("text", "html", "amp_html", "reply_to", "header_to")} == {
        "text": "hello",
        "html": "<p>hello</p>",
        "amp_html": None,
        "reply_to": "reply@example.com",
        "header_to": "ada@example.com",
    }
    assert shown["metadata"] == {"campaign": "spring"}
    assert shown["attachments"] == [
        {"name": "a.txt", "type": "text/plain", "size": 3, "content_id": None},
        {"name": "b.png", "type": "image/png", "size": 5, "content_id": "b"},
    ]
    orjson.dumps(shown)


@pytest.mark.parametrize("field", ["text", "html", "amp_html", "subject", "sender_name", "to_name"])
def test_a_message_weighs_what_is_written_in_it(field: str) -> None:
    light, heavy = Message(channel="sms"), Message(channel="sms", **{field: "x" * 5000})  # type: ignore[arg-type]
    assert heavy.size - light.size == 5000


def test_files_sources_headers_and_metadata_weigh_too() -> None:
    light = MailMessage().size
    assert MailMessage(attachments=(Attachment("a", "b", b"x" * 5000),)).size - light == 5000
    assert MailMessage(source=b"x" * 5000).size - light == 5000
    assert MailMessage(headers=(("X" * 1000, "x" * 4000),)).size - light == 5000
    assert MailMessage(metadata=b"{" + b" " * 5000 + b"}").size - light == 5000


def test_only_mail_has_a_source() -> None:
    assert Message(channel="sms", text="hello").raw == b""
    assert b"Subject: Hello" in MAIL.raw


def test_the_source_that_was_handed_over_stays_as_it_is() -> None:
    assert MailMessage(subject="Other", source=b"Subject: Mine\r\n\r\n").raw == b"Subject: Mine\r\n\r\n"
