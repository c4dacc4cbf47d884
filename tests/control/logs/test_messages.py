"""What was sent, as the control API shows it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from sparkbox.core.logs.messages import Attachment
from tests.control.harness import NOON, A, B, Harness


def ids(harness: Harness, query: str) -> list[str]:
    return [row["id"] for row in harness.get(f"messages?{query}")["messages"]]


def test_messages_are_listed_newest_first_with_their_total(harness: Harness) -> None:
    for to in ("one@example.com", "two@example.com", "three@example.com"):
        harness.send(to)
    found = harness.get("messages?limit=2")
    assert [row["to"] for row in found["messages"]] == ["three@example.com", "two@example.com"]
    assert found["total"] == 3
    rest = harness.get("messages?limit=2&offset=2")
    assert [row["to"] for row in rest["messages"]] == ["one@example.com"]
    assert harness.get("messages?limit=0") == {"messages": [], "total": 3}


def test_messages_of_one_account_or_of_all(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    assert [row["account"] for row in harness.get("messages")["messages"]] == [B, A]
    assert [row["account"] for row in harness.get(f"messages?account={A}")["messages"]] == [A]


@pytest.mark.parametrize(
    "query",
    [
        "service=post",
        "channel=sms",
        "to=%2B15550100",
        "from=Shop",
        "from=shop",
        "subject=your ORDER",
        "text=parcel",
        "text=PARCEL",
        "text=bold",
        "status=queued",
        "rcpt_type=bcc",
        "vendor_id=v-1",
        "metadata=order",
        "metadata=order:17",
        "metadata=tag:red:blue",
        "metadata=gift:true",
        "since=1",
        "channel=sms&status=queued&text=parcel",
    ],
)
def test_filters_pick_messages(harness: Harness, query: str) -> None:
    harness.capture(to="+155501000", subject="Hello", text="no", sender="Shopper")
    wanted = harness.capture(
        channel="sms",
        to="+15550100",
        sender="Shop",
        subject="About your order",
        text="The Parcel is here",
        html="<b>Bold</b>",
        status="queued",
        rcpt_type="bcc",
        vendor_id="v-1",
        metadata=b'{"order": 17, "tag": "red:blue", "gift": true}',
    )
    expected = [wanted, "1"] if query == "service=post" else [wanted]
    assert ids(harness, query) == expected


@pytest.mark.parametrize(
    "query", ["service=pos", "channel=push", "to=example.com", "subject=bye", "metadata=order:1", "since=1", "text=x"]
)
def test_filters_that_fit_nothing_pick_nothing(harness: Harness, query: str) -> None:
    harness.capture(to="you@example.com", subject="Hello", metadata=b'{"order": 17}')
    assert ids(harness, query) == []


@pytest.mark.parametrize("query", ["channel=carrier-pigeon", "rcpt_type=copy", "since=yesterday", "since=-1"])
def test_a_filter_that_makes_no_sense_is_refused(harness: Harness, query: str) -> None:
    assert harness.refused("GET", f"messages?{query}")[:2] == (422, "invalid")


def test_a_message_is_shown_with_its_contents_and_its_story_in_order(harness: Harness) -> None:
    harness.send()
    harness.send()
    harness.post("clock", {"advance": 60})
    message = harness.get("messages/1")
    assert (message["id"], message["text"], message["status"]) == ("1", "hello", "delivered")
    assert [(event["type"], event["message"]) for event in message["events"]] == [("accepted", "1"), ("delivered", "1")]


def test_a_message_shows_what_its_attachments_are(harness: Harness) -> None:
    picture = Attachment("dot.gif", "image/gif", b"GIF89a", "dot")
    id = harness.capture(attachments=(picture,), metadata=b'{"a": [1]}', headers=(("X-A", "1"),))
    message = harness.get(f"messages/{id}")
    assert message["attachments"] == [{"name": "dot.gif", "type": "image/gif", "size": 6, "content_id": "dot"}]
    assert (message["metadata"], message["headers"]) == ({"a": [1]}, {"X-A": "1"})


def test_a_mail_is_shown_raw(harness: Harness) -> None:
    id = harness.capture(sender="a@example.com", to="b@example.com", subject="Grüße", text="Hallo", html="<p>Hallo</p>")
    response = harness.call("GET", f"/_mock/messages/{id}/raw")
    mail = message_from_bytes(response.content, policy=default)
    assert response.headers["content-type"] == "message/rfc822"
    assert (mail["From"], mail["To"], mail["Subject"]) == ("a@example.com", "b@example.com", "Grüße")


def test_a_mail_that_was_handed_over_whole_is_shown_as_it_came(harness: Harness) -> None:
    id = harness.capture(source=b"Subject: x\r\n\r\n\xff\x00")
    assert harness.call("GET", f"/_mock/messages/{id}/raw").content == b"Subject: x\r\n\r\n\xff\x00"


def test_html_is_shown_so_that_it_runs_nothing_and_loads_the_sandboxs_images_alone(harness: Harness) -> None:
    html = "<script>alert(1)</script><p>Grüße</p>"
    response = harness.call("GET", f"/_mock/messages/{harness.capture(html=html)}/html")
    policy = response.headers["content-security-policy"]
    assert response.text == html
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    directives = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    assert directives["sandbox"].split() == ["allow-popups", "allow-popups-to-escape-sandbox"]
    assert directives["default-src"] == directives["form-action"] == "'none'"
    assert directives["img-src"] == "'self' data:"
    assert "script-src" not in directives


def test_text_is_shown_as_text(harness: Harness) -> None:
    response = harness.call("GET", f"/_mock/messages/{harness.capture(text='<b>Grüße</b>')}/text")
    assert response.text == "<b>Grüße</b>"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_an_attachment_is_downloaded_under_its_name(harness: Harness) -> None:
    id = harness.capture(attachments=(Attachment("a.txt", "text/plain", b"a"), Attachment("b.bin", "", b"\x00\xff")))
    first, second = (harness.call("GET", f"/_mock/messages/{id}/attachments/{index}") for index in (0, 1))
    assert (first.content, first.headers["content-type"]) == (b"a", "text/plain")
    assert first.headers["content-disposition"] == "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"
    assert (second.content, second.headers["content-type"]) == (b"\x00\xff", "application/octet-stream")


@pytest.mark.parametrize(
    ("name", "plain", "encoded"),
    [
        ("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
        ('a"; filename="b.exe', "a'; filename='b.exe", "a%22%3B%20filename%3D%22b.exe"),
        ("a\r\nSet-Cookie: x=1", "a__Set-Cookie: x=1", "a__Set-Cookie%3A%20x%3D1"),
        ("Grüße.pdf", "Gr__e.pdf", "Gr%C3%BC%C3%9Fe.pdf"),
        ("C:\\temp\\x", "C:_temp_x", "C%3A_temp_x"),
        ("", "attachment-0", "attachment-0"),
        ("..", "attachment", "attachment"),
    ],
)
def test_an_attachments_name_is_made_safe(harness: Harness, name: str, plain: str, encoded: str) -> None:
    id = harness.capture(attachments=(Attachment(name, "text/html", b"<script>"),))
    response = harness.call("GET", f"/_mock/messages/{id}/attachments/0")
    expected = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    assert response.headers["content-disposition"] == expected
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize("type", ["text/html\r\nX-Bad: 1", "nonsense", "multipart/mixed", "text/héllo", ""])
def test_an_attachments_type_is_made_safe(harness: Harness, type: str) -> None:
    id = harness.capture(attachments=(Attachment("a", type, b"a"),))
    response = harness.call("GET", f"/_mock/messages/{id}/attachments/0")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/octet-stream")
    assert "x-bad" not in response.headers


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("raw", "The message 1 has no raw form: it is no mail but sms."),
        ("html", "The message 1 has no HTML."),
        ("text", "The message 1 has no plain text."),
        ("attachments/0", "The message 1 has no attachment 0: it has 0."),
    ],
)
def test_a_part_that_a_message_does_not_have_is_refused(harness: Harness, part: str, words: str) -> None:
    harness.capture(channel="sms")
    assert harness.refused("GET", f"messages/1/{part}") == (404, "not_found", words)


def test_a_message_that_was_dropped_is_told_from_one_that_never_was() -> None:
    with Harness(most_messages=2) as harness:
        for _ in range(3):
            harness.send()
        gone = "The message 1 is gone: it was deleted, cleared by a reset, or dropped to make room for newer ones."
        assert harness.refused("GET", "messages/1") == (404, "not_found", gone)
        assert harness.refused("GET", "messages/4") == (
            404,
            "not_found",
            "There was no message 4 yet; the newest one is 3.",
        )
        assert harness.refused("DELETE", "messages/1")[:2] == (404, "not_found")


@pytest.mark.parametrize("id", ["x", "-1", "1.5", "%00", "9" * 30, "1%2F2"])
def test_an_id_that_is_no_number_is_refused(harness: Harness, id: str) -> None:
    harness.send()
    status, code, message = harness.refused("GET", f"messages/{id}")
    assert (status, code) == (404, "not_found")
    assert "they are whole numbers" in message


def test_a_message_of_another_account_is_refused(harness: Harness) -> None:
    harness.send(key=A)
    harness.account(B)
    assert harness.get(f"messages/1?account={A}")["account"] == A
    words = "The message 1 is not one of the account 'mock-b'."
    assert harness.refused("GET", f"messages/1?account={B}") == (404, "not_found", words)


def test_one_message_is_deleted(harness: Harness) -> None:
    harness.send()
    harness.send()
    assert harness.delete("messages/1") == {"deleted": 1}
    assert ids(harness, "") == ["2"]
    assert harness.refused("DELETE", "messages/1")[:2] == (404, "not_found")


def test_messages_of_one_account_or_of_all_are_deleted(harness: Harness) -> None:
    for key in (A, A, B):
        harness.send(key=key)
    assert harness.delete(f"messages?account={A}") == {"deleted": 2}
    assert [row["account"] for row in harness.get("messages")["messages"]] == [B]
    assert harness.delete("messages") == {"deleted": 1}


def test_a_messages_time_is_its_accounts(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    row: dict[str, Any] = harness.get("messages/1")
    assert row["time"] == "2026-03-01T12:00:00.000Z"


def test_due_jobs_have_run_before_messages_are_shown(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    # Nothing else would run this job: a frozen clock has no alarm.
    harness.context().call_in(0, _mark, 1)
    assert harness.get("messages")["messages"][0]["status"] == "marked"


def _mark(ctx: Any, number: int) -> None:
    ctx.mark(number, "marked")
