"""Mail as message/rfc822: what is built is read back, and no text becomes a header."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.messages import Attachment, Message
from sparkbox.mail import parse as mails
from sparkbox.mail.build import build, mailbox, media_type, safe
from sparkbox.mail.message import MailMessage
from tests.mail.standard_parser import parse

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)
ODD = st.sampled_from(
    [
        "a\r\nBcc: spy@example.com", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\nX-Evil: 1", "a\u2028X-Evil: 1",
        "a\x85X-Evil: 1", "a\x0bX-Evil: 1", "a\0b", "=?utf-8?q?a=0D=0AX-Evil:_1?=", "x" * 2000, "é" * 300,
        "a" + " " * 200 + "X-Evil: 1", "a" + "\u2003" * 60 + "X-Evil: 1", '"', "\\", "<", "a,b;c:", "(", "@", "a@",
        "é@example.com", "a@é.example", "multipart/mixed", "text/plain; charset=utf-8", "--=_mixed_1", "",
    ]
)  # fmt: skip
ANY = TEXT | ODD
NAMES = ANY | st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Cc",
        "Reply-To",
        "Content-Type",
        "MIME-Version",
        "X-One",
        "X-One: b",
    ]
)
FILES = st.builds(
    Attachment,
    name=ANY,
    type=ANY | st.sampled_from(["text/plain", "image/png", "message/rfc822", "application/pdf; name=a.pdf"]),
    data=st.binary(max_size=200),
    content_id=st.none() | ANY,
)
MAILS = st.builds(
    Message,
    channel=st.just("email"),
    number=st.integers(1, 10**6),
    time=st.floats(0, 4e9),
    vendor_id=ANY,
    sender=ANY,
    sender_name=ANY,
    to=ANY,
    to_name=ANY,
    header_to=ANY,
    subject=ANY,
    text=st.none() | ANY,
    html=st.none() | ANY,
    amp_html=st.none() | ANY,
    reply_to=ANY,
    headers=st.lists(st.tuples(NAMES, ANY), max_size=5).map(tuple),
    attachments=st.lists(FILES, max_size=3).map(tuple),
)
ADDRESS = "ada@example.com"


def mail(**fields: object) -> MailMessage:
    settings = {"number": 1, "sender": "post@example.com", "to": ADDRESS, "text": "hello", **fields}
    return MailMessage(**settings)  # type: ignore[arg-type]


def read(message: Message) -> EmailMessage:
    """Return the mail as the strict parser of the standard library reads it."""
    found = BytesParser(policy=default).parsebytes(build(message))
    assert isinstance(found, EmailMessage)
    return found


def shown(message: Message) -> mails.Mail:
    """Return what a mail program shows of it."""
    return mails.read(build(message))


def texts(message: Message) -> tuple[str | None, str | None]:
    found = shown(message)
    return found.text, found.html


def normal(text: str) -> str:
    return "\n".join(re.split("\r\n|\r|\n", text))


def squeezed(text: str) -> str:
    """Make one space of several, as Python's parser does in an encoded word."""
    return " ".join(text.split())


# Headers.


def test_built_mail_has_the_usual_headers() -> None:
    found = read(mail(sender_name="The Post", to_name="Ada", subject="Hello", time=1_772_366_400.0, vendor_id="v7"))
    assert found["From"] == "The Post <post@example.com>"
    assert found["To"] == "Ada <ada@example.com>"
    assert found["Subject"] == "Hello"
    assert found["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert found["Message-ID"] == "<v7.1@example.com>"
    assert found["Reply-To"] is None


@given(MAILS)
@settings(max_examples=300, deadline=None)
def test_built_mail_never_turns_text_into_a_header(message: Message) -> None:
    head = build(message).partition(b"\r\n\r\n")[0]
    given_names = {name.lower() for name, _ in message.headers}
    ours = {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "reply-to",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
    for line in head.split(b"\r\n"):
        assert b"\n" not in line
        assert b"\r" not in line
        if not line.startswith(b" "):
            name = line.partition(b":")[0].decode("ascii").lower()
            assert name in ours or name in given_names
    names = [name.lower() for name in read(message).keys()]  # noqa: SIM118
    for once in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type"):
        assert names.count(once) == 1


def test_inline_text_without_html_is_an_attachment() -> None:
    note = Attachment(name="", type="text/plain", data=b"a note", content_id="note")
    found = shown(mail(text=None, amp_html="<p>hello</p>", attachments=(note,)))
    assert found.text is None
    assert [file.data for file in found.attachments] == [b"a note"]


@given(MAILS)
@settings(max_examples=200, deadline=None)
def test_built_mail_can_always_be_parsed(message: Message) -> None:
    found = parse(build(message))
    assert all(isinstance(value, str) for _, value in found.items())
    read_back = shown(message)
    text, html, files = read_back.text, read_back.html, read_back.attachments
    if message.text is not None:
        assert text == normal(message.text)
    if message.html is not None:
        assert html == normal(message.html)
    assert sorted(file.data for file in files) == sorted(file.data for file in message.attachments)
    assert not any(part.defects for part in found.walk())


@given(MAILS)
@settings(max_examples=50, deadline=None)
def test_built_mail_is_the_same_each_time(message: Message) -> None:
    assert build(message) == build(message)


@given(ANY)
@settings(deadline=None)
def test_built_subject_is_read_back(subject: str) -> None:
    assert squeezed(read(mail(subject=subject))["Subject"]) == squeezed(safe(subject))


@given(ANY)
@settings(deadline=None)
def test_built_display_name_is_read_back(name: str) -> None:
    [address] = read(mail(to_name=name))["To"].addresses
    assert (squeezed(address.display_name), address.addr_spec) == (squeezed(safe(name)), ADDRESS)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "ada@example.com"),
        ("Ada", "Ada <ada@example.com>"),
        ("Ada L.", '"Ada L." <ada@example.com>'),
        ("Lovelace, Ada", '"Lovelace, Ada" <ada@example.com>'),
        ('Ada "A"', '"Ada \\"A\\"" <ada@example.com>'),
        ("Adá", "=?utf-8?b?QWTDoQ==?= <ada@example.com>"),
    ],
)
def test_mailbox_quotes_or_encodes_the_name_where_necessary(name: str, written: str) -> None:
    assert mailbox(ADDRESS, name) == written


def test_built_to_header_may_differ_from_the_recipient() -> None:
    found = read(mail(to="hidden@example.com", header_to='"Zoë" <zoe@example.com>, ada@example.com'))
    assert [(one.display_name, one.addr_spec) for one in found["To"].addresses] == [
        ("Zoë", "zoe@example.com"),
        ("", "ada@example.com"),
    ]
    assert b"hidden" not in build(mail(to="hidden@example.com", header_to=ADDRESS))


def test_built_date_and_message_id_are_the_senders() -> None:
    headers = (("date", "Mon, 02 Mar 2026 00:00:00 +0000"), ("MESSAGE-ID", "<mine@example.com>"))
    found = read(mail(headers=headers))
    assert found.get_all("Date") == ["Mon, 02 Mar 2026 00:00:00 +0000"]
    assert found.get_all("Message-ID") == ["<mine@example.com>"]


def test_built_from_to_and_content_headers_are_not_the_senders() -> None:
    headers = tuple((name, "x@evil.example") for name in ("From", "to", "Subject", "Content-Type", "MIME-Version"))
    found = read(mail(subject="Hello", headers=headers))
    assert found.get_all("From") == ["post@example.com"]
    assert found.get_all("To") == [ADDRESS]
    assert found.get_all("Subject") == ["Hello"]
    assert found.get_content_type() == "text/plain"


def test_built_mail_repeats_headers_of_the_sender() -> None:
    found = read(mail(headers=(("X-Tag", "a"), ("X-Tag", "b"), ("Cc", "c@example.com"), ("Cc", "d@example.com"))))
    assert found.get_all("X-Tag") == ["a", "b"]
    assert found.get_all("Cc") == ["c@example.com"]


@pytest.mark.parametrize("name", ["", "X A", "X-A:", "X-A\r\nBcc", "é", "X" * 77])
def test_built_mail_leaves_out_invalid_header_names(name: str) -> None:
    assert len(read(mail(headers=((name, "1"),)))) == len(read(mail()))


def test_built_header_lines_are_folded() -> None:
    message = mail(
        subject="word " * 100, sender_name="Ada " * 100, headers=(("X-Long", "x" * 1500), ("X-Other", "é" * 200))
    )
    assert max(map(len, build(message).split(b"\r\n"))) <= 78


# Bodies.


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"text": None}, ["text/plain"]),
        ({"text": None, "html": "h"}, ["text/html"]),
        ({"html": "h"}, ["multipart/alternative", "text/plain", "text/html"]),
        (
            {"html": "h", "amp_html": "a"},
            ["multipart/alternative", "text/plain", "text/x-amp-html", "text/html"],
        ),
        (
            {"html": "h", "attachments": (Attachment("i.png", "image/png", b"i", "i"),)},
            ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"],
        ),
        (
            {"attachments": (Attachment("i.png", "image/png", b"i", "i"), Attachment("f", "", b"f"))},
            ["multipart/mixed", "text/plain", "image/png", "application/octet-stream"],
        ),
    ],
)
def test_built_mail_has_the_parts_that_it_needs(fields: dict[str, object], shape: list[str]) -> None:
    assert [part.get_content_type() for part in read(mail(**fields)).walk()] == shape


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\r\nb\rc\n\n", " trailing \n.\n", "x" * 5000, "é" * 2000, "a\0b"])
def test_built_text_is_read_back(text: str) -> None:
    assert shown(mail(text=text)).text == normal(text)
    assert texts(mail(text=text, html=text)) == (normal(text), normal(text))
    assert max(map(len, build(mail(text=text)).split(b"\r\n"))) <= 998


def test_built_text_like_a_boundary_does_not_end_its_part() -> None:
    text = "\n".join(f"--=_{kind}_{number}" for kind in ("alternative", "mixed") for number in range(1, 12))
    message = mail(text=text, html=text, attachments=(Attachment("a", "text/plain", b"a"),))
    assert texts(message) == (text, text)


@given(st.lists(FILES, max_size=3))
@settings(max_examples=100, deadline=None)
def test_built_attachments_are_read_back(files: list[Attachment]) -> None:
    found = shown(mail(attachments=tuple(files))).attachments
    wanted = [file for file in files if file.content_id is not None] + [
        file for file in files if file.content_id is None
    ]
    assert [file.data for file in found] == [file.data for file in wanted]
    assert [file.type for file in found] == ["".join(media_type(file.type)) for file in wanted]


@pytest.mark.parametrize(
    "name", ["a.txt", "a b.txt", 'a"b.txt', "a\\b.txt", "übel.txt", "📮.png", "a;b=c.txt", "a'b%20.txt"]
)
def test_built_attachment_keeps_its_name(name: str) -> None:
    [part] = read(mail(attachments=(Attachment(name, "text/plain", b""),))).iter_attachments()
    assert part.get_filename() == name


def test_built_image_is_found_by_its_content_id() -> None:
    message = mail(html='<img src="cid:my logo">', attachments=(Attachment("l.png", "image/png", b"l", "my logo"),))
    [image] = shown(message).attachments
    assert image == Attachment("l.png", "image/png", b"l", "my logo")


@pytest.mark.parametrize(
    ("text", "kind", "charset"),
    [
        ("text/plain; charset=latin-1", "text/plain", "latin-1"),
        ('TEXT/PLAIN;charset="utf-8"', "text/plain", "utf-8"),
        ("text/plain; charset=a b", "text/plain", None),
        ("text/plain; x=\r\nX-Evil: 1", "text/plain", None),
        ("multipart/mixed; boundary=x", "application/octet-stream", None),
        ("nonsense", "application/octet-stream", None),
        ("", "application/octet-stream", None),
    ],
)
def test_built_attachment_keeps_a_valid_type(text: str, kind: str, charset: str | None) -> None:
    [part] = read(mail(attachments=(Attachment("a", text, b""),))).iter_attachments()
    assert (part.get_content_type(), part.get_content_charset()) == (kind, charset)


# Reading mail of others.

LINES = rb"""
From:
To: @
To: <a@b
Cc: group: a@b;
Subject: =?utf-8?q?=ff?=
Subject: =?x?b?!?=
Content-Type: multipart/mixed; boundary=b
Content-Type: ;
Content-Type: text/plain; charset=base64
Content-Type: text/html; charset=idna
Content-Type: text/plain; charset*=x''%ff
Content-Transfer-Encoding: base64
Content-Transfer-Encoding: x-uuencode
Content-Disposition: attachment; filename*=idna''%ff
Content-Disposition: ;=
Date: x
Date: , 99
Message-ID: <
MIME-Version: x.y
 folded
no colon
--b
--b--
aGVsbG8
begin 644 x
=ZZ
""".split(b"\n")
HOSTILE = st.lists(
    st.sampled_from([*LINES, b"Content-ID: <\xff>", b"\xff\xfe", b"\0"]) | st.binary(max_size=40),
    max_size=14,
).map(b"\r\n".join)


@given(HOSTILE)
@settings(max_examples=500, deadline=None)
def test_parse_never_fails(source: bytes) -> None:
    found = parse(source)
    for name in found.keys():  # noqa: SIM118
        assert isinstance(found[name], str)


def test_standard_parser_reads_an_odd_header_as_text() -> None:
    assert parse(b"To: a@b <,;\r\nSubject: hello\r\n\r\nhello")["Subject"] == "hello"
    assert parse(b"From: <@\r\n\r\n")["From"] in ("<@", "<>")  # "<>" since Python 3.13
