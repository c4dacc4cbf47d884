"""The parts of a mail: the tree, its limits, and the Content headers."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message as Parsed

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.messages import Attachment
from sparkbox.mail.build import build
from sparkbox.mail.entities import DEEPEST, LARGEST_HEADS, MOST_PARTS, Entity, tree
from sparkbox.mail.headers import LARGEST_HEAD
from sparkbox.mail.message import MailMessage

INVITE = (
    b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\npreamble\r\n"
    b'--outer\r\nContent-Type: multipart/alternative;\r\n boundary="in ner"\r\n\r\n'
    b"--in ner\r\n\r\nplain\r\n"
    b'--in ner\r\nContent-Type: TEXT/Calendar; method=REQUEST; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nQkVHSU4=\r\n"
    b"--in ner--\r\n\r\n"
    b'--outer\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename="old.eml"\r\n\r\n'
    b"Subject: old\r\nContent-Type: text/html\r\n\r\n<p>old</p>\r\n"
    b"--outer-- \r\nepilogue\r\n"
)


def shape(part: Entity) -> list[tuple[str, str, bytes | None]]:
    return [(path, each.kind, None if each.parts else each.data) for path, each in part.walk()]


def test_entity_tree_has_all_parts() -> None:
    root = tree(INVITE)
    assert shape(root) == [
        ("1", "multipart/mixed", None),
        ("1.1", "multipart/alternative", None),
        ("1.1.1", "text/plain", b"plain"),
        ("1.1.2", "text/calendar", b"BEGIN"),
        ("1.2", "message/rfc822", None),
        ("1.2.1", "text/html", b"<p>old</p>"),
    ]
    parts = dict(root.walk())
    assert parts["1.1.2"].parameters == {"method": "REQUEST", "charset": "utf-8"}
    assert (parts["1.2"].disposition, parts["1.2"].file_name) == ("attachment", "old.eml")
    assert parts["1.2.1"].fields[0] == ("Subject", " old")
    assert root.complete
    assert [path for path, _ in tree(INVITE, messages=False).walk()] == ["1", "1.1", "1.1.1", "1.1.2", "1.2"]


@pytest.mark.parametrize(
    ("value", "kind", "parameters"),
    [
        ("text/html", "text/html", {}),
        ("Text/HTML ; Charset = utf-8 ; format=flowed", "text/html", {"charset": "utf-8", "format": "flowed"}),
        ('a/b; x="a;b\\"c"; y=2', "a/b", {"x": 'a;b"c', "y": "2"}),
        ("a/b; name*=utf-8'de'gr%C3%BC%C3%9Fe", "a/b", {"name": "grüße"}),
        ("a/b; name*0*=iso-8859-1''gr%FC; name*1=b; name*2*=%DFe", "a/b", {"name": "grübße"}),
        ("a/b; name*1=b; name*0=a", "a/b", {"name": "ab"}),
        ("a/b; name*=klingon''%C3%A9", "a/b", {"name": "é"}),
        ("a/b; x=1; x=2", "a/b", {"x": "1"}),
        ('a/b; x="open', "a/b", {"x": "open"}),
        ('a/b; x="\\', "a/b", {"x": "\\"}),
        ("a/b;;; x", "a/b", {}),
        ("text", "text/plain", {}),
        ("", "text/plain", {}),
        ("a/b/c", "text/plain", {}),
    ],
)
def test_content_type_parameters_are_decoded(value: str, kind: str, parameters: dict[str, str]) -> None:
    root = tree(f"Content-Type: {value}\n\nx".encode())
    assert (root.kind, root.parameters) == (kind, parameters)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        (b"Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", []),
        (b"Content-Type: multipart/mixed; boundary=b\n\nno delimiter", []),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny", [b"x", b"y"]),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--bb\n--b--", [b"", b"--bb"]),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b", [b""]),
        (b"Content-Type: multipart/mixed; boundary=b", []),
    ],
)
def test_broken_boundary_is_tolerated(source: bytes, parts: list[bytes]) -> None:
    assert [part.data for part in tree(source).parts] == parts


def test_digest_has_mails_as_parts() -> None:
    root = tree(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: s\n\nx\n--b--")
    assert [each.kind for _, each in root.walk()] == ["multipart/digest", "message/rfc822", "text/plain"]


def test_entity_tree_beyond_its_limits_is_incomplete() -> None:
    many = tree(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (MOST_PARTS + 1))
    assert (len(many.parts), many.complete) == (MOST_PARTS, False)
    layer = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    deep = tree(b"".join(layer % (number, number) for number in range(DEEPEST + 5)) + b"\nhello")
    assert (len(list(deep.walk())), deep.complete) == (DEEPEST + 1, False)
    mails = tree(b"Content-Type: message/rfc822\n\n" * (DEEPEST + 5) + b"hello")
    assert (len(list(mails.walk())), mails.complete) == (DEEPEST + 1, False)


def test_headers_are_read_up_to_a_limit_for_all_parts() -> None:
    head = b"A: " + b"x" * (LARGEST_HEAD // 2) + b"\n"
    root = tree(b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n" + head + b"\nx\n") * 5 + b"--b--")
    assert sum(len(value) for _, each in root.walk() for _, value in each.fields) <= LARGEST_HEADS
    assert [part.data for part in root.parts] == [b"x"] * 5


FILES = st.lists(
    st.builds(
        Attachment,
        st.text(max_size=12),
        st.sampled_from(["text/calendar; method=REQUEST", "image/png", "x", "text/plain"]),
        st.binary(max_size=60),
        st.none() | st.just("one"),
    ),
    max_size=4,
)
TEXTS = st.none() | st.text(max_size=40)


@given(TEXTS, TEXTS, TEXTS, FILES)
@settings(max_examples=200, deadline=None)
def test_built_mail_has_the_parts_that_the_standard_library_finds(
    text: str | None, html: str | None, amp: str | None, files: list[Attachment]
) -> None:
    message = MailMessage(to="a@b.example", text=text, html=html, amp_html=amp, attachments=tuple(files))
    source = build(message)
    expected: list[Parsed] = list(message_from_bytes(source).walk())
    found = [part for _, part in tree(source).walk()]
    assert [part.kind for part in found] == [part.get_content_type() for part in expected]
    assert [part.data for part in found if not part.parts] == [
        part.get_payload(decode=True) for part in expected if not part.is_multipart()
    ]
