"""Properties of mail: by HTTP or SMTP, what is captured is what was sent."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkbox import World
from sparkbox.core.logs.messages import Message
from tests.server.smtp.wire import NEWS, WILMA, Wire, as_sent

PROPERTY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" ")
WORDS = st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(bool)
LINES = st.lists(st.text(LETTERS, max_size=90) | st.sampled_from([".", "..", ".a", "From x"]), min_size=1, max_size=8)
BODIES = LINES.map(lambda lines: "".join(f"{line}\n" for line in lines))
FILES = st.lists(st.tuples(WORDS, st.binary(max_size=200)), max_size=2)


def composed(subject: str, name: str, text: str, html: str | None, files: list[tuple[str, bytes]]) -> bytes:
    """A mail as the standard library writes it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = NEWS, WILMA
    mail["Subject"], mail["X-Name"] = subject, name
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for title, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=title)
    return mail.as_bytes()


def by_http(world: World, source: bytes) -> Message:
    body = {
        "recipients": [{"address": WILMA}],
        "content": {"email_rfc822": source.decode()},
        "options": {"open_tracking": False, "click_tracking": False},
    }
    place = world.sparkpost
    httpx.post(
        f"{place.url}/api/v1/transmissions", headers=place.headers, json=body, trust_env=False, verify=False, timeout=60
    ).raise_for_status()
    return world.messages[-1]


def by_smtp(world: World, wire: Wire, source: bytes) -> Message:
    assert wire.mail(source).startswith("250 ")
    return world.messages[-1]


def shown(message: Message) -> dict[str, Any]:
    """What a captured message shows of its mail."""
    names = ("sender", "sender_name", "to", "to_name", "rcpt_type", "subject", "text", "html", "headers", "attachments")
    fields = {name: getattr(message, name) for name in (*names, "reply_to", "channel", "metadata")}
    # The address in it is the message's own.
    return {**fields, "headers": [(name, value) for name, value in message.headers if name != "List-Unsubscribe"]}


@given(WORDS, WORDS, BODIES, st.none() | BODIES, FILES)
@PROPERTY
def test_captured_mail_is_what_a_standard_parser_reads(
    sparkpost: Wire,
    sparkbox: World,
    subject: str,
    name: str,
    text: str,
    html: str | None,
    files: list[tuple[str, bytes]],
) -> None:
    source = composed(subject, name, text, html, files)
    message = by_smtp(sparkbox, sparkpost, source)
    raw = httpx.get(f"{sparkbox.url}/_mock/messages/{message.number}/raw", trust_env=False, timeout=60).content
    assert (raw, as_sent(message)) == (message.source, source)
    read = message_from_bytes(raw, policy=SMTP)
    assert isinstance(read, EmailMessage)
    plain, rich = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert (read["Subject"], plain.get_content().splitlines()) == (subject, text.splitlines())
    assert (message.subject, (message.text or "").splitlines()) == (subject, text.splitlines())
    assert (rich is None) == (html is None) == (message.html is None)
    assert (message.html or "").splitlines() == (html or "").splitlines()
    attached = [(part.get_filename(), part.get_payload(decode=True)) for part in read.iter_attachments()]
    assert [(file.name, file.data) for file in message.attachments] == attached == files


@given(WORDS, WORDS, BODIES, st.none() | BODIES, FILES)
@PROPERTY
def test_mail_by_http_and_by_smtp_is_captured_alike(
    sparkpost: Wire,
    sparkbox: World,
    subject: str,
    name: str,
    text: str,
    html: str | None,
    files: list[tuple[str, bytes]],
) -> None:
    # The template language works only by HTTP; text without braces is the same in both.
    subject, name, text = (part.replace("{", "(") for part in (subject, name, text))
    source = composed(subject, name, text, html and html.replace("{", "("), files)
    assert shown(by_smtp(sparkbox, sparkpost, source)) == shown(by_http(sparkbox, source))


PLAIN = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.text(PLAIN | st.characters(codec="utf-8"), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(PLAIN, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(PLAIN, min_size=1, max_size=10), VALUES, max_size=4), st.sampled_from([" ", "\t", "   "])
)
@PROPERTY
def test_x_msys_api_header_may_be_folded_anywhere(
    sparkpost: Wire, sparkbox: World, metadata: dict[str, Any], fold: str
) -> None:
    # Folded between tokens, with escapes outside ASCII, as the vendor documents it.
    text = json.dumps({"metadata": metadata}, indent=1).replace("\n ", f"\r\n{fold}").replace("\n}", f"\r\n{fold}}}")
    mail = f"X-MSYS-API: {text}\r\nFrom: {NEWS}\r\nTo: {WILMA}\r\nSubject: s\r\n\r\nHello\r\n".encode()
    message = by_smtp(sparkbox, sparkpost, mail)
    assert json.loads(message.metadata) == metadata
    assert b"X-MSYS-API" not in message.source
