"""Reading a mail agrees with the standard library, and never fails."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.messages import Attachment
from sparkbox.mail.entities import DEEPEST, LARGEST_HEADS, MOST_PARTS
from sparkbox.mail.headers import LARGEST_HEAD, decoded, fields_in, split
from sparkbox.mail.parse import mailboxes, read
from tests.mail.test_build import HOSTILE

LINES = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=200,
)
LINE = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60).map(str.strip)
ENCODINGS = st.sampled_from(["base64", "quoted-printable"])
FILES = st.lists(st.tuples(st.binary(max_size=300), LINE), max_size=2)


def written(
    subject: str, text: str, encoding: str, html: str | None, image: bool, files: list[tuple[bytes, str]]
) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = subject
    mail.set_content(text, cte=encoding)
    if html is not None:
        mail.add_alternative(html, subtype="html", cte=encoding)
        if image:
            mail.get_payload()[1].add_related(b"\x89", "image", "png", cid="<logo>")  # type: ignore[index, union-attr]
    for data, name in files:
        mail.add_attachment(data, "application", "x-thing", filename=name)
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}")
    return mail.as_bytes()


def lines(part: MIMEPart | None) -> str | None:
    return None if part is None else part.get_content().replace("\r\n", "\n")


@given(LINE, LINES, ENCODINGS, st.none() | LINES, st.booleans(), FILES)
@settings(max_examples=300, deadline=None)
def test_parse_agrees_with_the_standard_library(
    subject: str, text: str, encoding: str, html: str | None, image: bool, files: list[tuple[bytes, str]]
) -> None:
    source = written(subject, text, encoding, html, image, files)
    theirs = BytesParser(policy=email.policy.default).parsebytes(source)
    ours = read(source)
    assert ours.header("subject") == theirs["Subject"]
    assert ours.text == lines(theirs.get_body(("plain",)))
    assert ours.html == lines(theirs.get_body(("html",)))
    wanted = [part for part in theirs.walk() if part.get_content_maintype() in ("image", "application")]
    assert [(file.type, file.data, file.name) for file in ours.attachments] == [
        (part.get_content_type(), part.get_content(), part.get_filename() or "") for part in wanted
    ]


@given(HOSTILE)
@settings(max_examples=500, deadline=None)
def test_parse_never_fails(source: bytes) -> None:
    mail = read(source)
    for text in (mail.text or "", mail.html or "", *(value for _, value in mail.headers)):
        assert text.encode().decode() == text
    assert all(isinstance(file.data, bytes) for file in mail.attachments)


@given(HOSTILE)
@settings(max_examples=200, deadline=None)
def test_split_gives_headers_and_body(source: bytes) -> None:
    head, body = split(source)
    assert source in (head + b"\r\n" + body, head + b"\n" + body, head)


def test_unknown_charset_is_read_as_utf_8() -> None:
    source = b"Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\xc3\xa9"
    assert read(source).text == "café"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("plain", "plain"),
        (" folded\r\n  header ", "folded  header"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus =?ISO-8859-1?B?S/ZsbiE=?=", "Grüße aus Köln!"),
        ("=?utf-8?b?w?= =?utf-8?b?7w?=", "=?utf-8?b?w?= =?utf-8?b?7w?="),
        ("=?utf-8?q?caf=C3?=\r\n =?utf-8?q?=A9?=", "café"),
        ("=?utf-8*de?q?f=C3=BCr?=", "für"),
        ("=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"),
        ("=?klingon?q?=C3=A9?=", "é"),
        ("caf\udcc3\udca9", "café"),
        ("=?", "=?"),
    ],
)
def test_header_encoded_words_are_decoded(header: str, text: str) -> None:
    assert decoded(header) == text


def test_header_fields_are_listed_as_written() -> None:
    head = b"A: 1\r\nB:  two\r\n words\r\nno header\r\nA: 3\r\n"
    assert fields_in(head) == [("A", " 1"), ("B", "  two\r\n words"), ("A", " 3")]


def test_attached_mail_is_one_attachment() -> None:
    source = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n"
        b"--b\nContent-Type: text/plain\n\nouter\n--b--\n"
    )
    mail = read(source)
    assert mail.text == "outer"
    assert mail.attachments == (Attachment("", "message/rfc822", b"Subject: in\n\ninner"),)


def test_text_related_to_another_part_is_an_attachment() -> None:
    source = (
        b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>\n"
        b"--b\nContent-Type: text/plain\nContent-ID: <note>\n\nnote\n--b--\n"
    )
    mail = read(source)
    assert (mail.text, mail.html) == (None, "<p>")
    assert mail.attachments == (Attachment("", "text/plain", b"note", "note"),)


def test_base64_without_padding_is_decoded() -> None:
    assert read(b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8").text == "hello"


def test_parts_deeper_than_the_limit_are_left_unread() -> None:
    layer = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    deep = b"".join(layer % (number, number) for number in range(DEEPEST * 50)) + b"\nhello"
    assert read(deep).text is None
    assert read(b"".join(layer % (number, number) for number in range(DEEPEST)) + b"\nhello").text == "hello"


def test_parts_are_read_up_to_a_limit() -> None:
    part = b"--b\nContent-Disposition: attachment\n\nx\n"
    source = b"Content-Type: multipart/mixed; boundary=b\n\n" + part * (MOST_PARTS + 10)
    assert len(read(source).attachments) == MOST_PARTS


def test_headers_are_read_up_to_a_limit() -> None:
    source = b"A: b\r\n" * LARGEST_HEAD + b"\r\nhello"
    mail = read(source)
    assert len(mail.headers) <= LARGEST_HEAD / 6 + 1
    assert mail.text == "hello"


ATOMS = st.from_regex(r"[A-Za-z0-9_.=-]{1,8}", fullmatch=True).filter(lambda text: "=?" not in text)
BOXES = st.tuples(
    st.lists(ATOMS, max_size=3).map(" ".join),
    st.builds("{}@{}".format, ATOMS.filter(lambda text: ".." not in text and text.strip(".") == text), ATOMS),
)


@given(st.lists(BOXES, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_mailboxes_agree_with_the_standard_library(boxes: list[tuple[str, str]]) -> None:
    line = ", ".join(f"{name} <{address}>" if name else address for name, address in boxes)
    assert mailboxes([("X", "1"), ("To", f" {line}")], "to") == getaddresses([line])


@pytest.mark.parametrize(
    ("line", "boxes"),
    [
        ('"Flintstone, Wilma" <w@f.example>', [("Flintstone, Wilma", "w@f.example")]),
        ("w@f.example (Wilma)", [("Wilma", "w@f.example")]),
        ("The Bedrock: w@f.example, fred@f.example;", [("", "w@f.example"), ("", "fred@f.example")]),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= <w@f.example>", [("Grüße", "w@f.example")]),
        ("w@f.example,\r\n fred@f.example", [("", "w@f.example"), ("", "fred@f.example")]),
        ("undisclosed-recipients:;", []),
        ("nobody", []),
        ("(" * 50_000, []),
        ("", []),
    ],
)
def test_mailboxes_have_names_and_addresses(line: str, boxes: list[tuple[str, str]]) -> None:
    assert mailboxes([("To", line)], "to") == boxes


@pytest.mark.parametrize("evil", [b';"' * 950, b" ;" * 950, b';a="' * 480])
def test_content_headers_are_read_up_to_a_limit_for_all_parts(evil: bytes) -> None:
    part = b"--b\nContent-Type: text/x" + evil + b"\nContent-Disposition: attachment" + evil + b"\n\nx\n"
    found = read(b"Content-Type: multipart/mixed; boundary=b\n\n" + part * MOST_PARTS)
    # Parts whose headers are not read are plain texts, which are not shown.
    assert 0 < len(found.attachments) <= LARGEST_HEADS / len(evil)
