"""The reader of addresses: what it accepts and refuses, and that what is written is read back."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.mail.addresses import (
    LONGEST,
    MOST_BOXES,
    MOST_TOKENS,
    domain_of,
    gather,
    is_address,
    is_domain,
    read,
    read_all,
    read_path,
)
from sparkbox.mail.build import build, mailbox, quoted, safe
from sparkbox.mail.headers import decoded
from sparkbox.mail.message import MailMessage
from tests.mail.standard_parser import parse

LOCAL = "a" * 64
DOMAIN = ".".join(["d" * 63, "d" * 63, "d" * 63, "d" * 63])

BARE = [
    "a@b",
    "wilma.flintstone+news@example.com",
    "o'neil@mail.example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    "用户@例え.jp",
    "info@डाटामेल.भारत",
    "a@xn--bcher-kva.example",
    f"{LOCAL}@example.com",
    f"{LOCAL}@{DOMAIN}",
]
NO_ADDRESS = [
    "",
    "wilma",
    "@example.com",
    "wilma@",
    "wilma@@example.com",
    "wil ma@example.com",
    "wilma @example.com",
    "wilma@example.com ",
    "wilma@-example.com",
    "wilma@example-.com",
    "wilma@example..com",
    "wilma@example.com.",
    "wilma@.example.com",
    ".wilma@example.com",
    "wilma.@example.com",
    "wil..ma@example.com",
    "wilma@example.com,fred@example.com",
    "wilma@example.com\n",
    "wil\0ma@example.com",
    "wil\x7fma@example.com",
    "wil\u2028ma@example.com",
    "wil\u202ema@example.com",
    "wil\xa0ma@example.com",
    "wil\ud800ma@example.com",
    "<wilma@example.com",
    "wilma@example.com>",
    "wil(ma)@example.com",
    "wil[ma@example.com",
    "wil\\ma@example.com",
    '"wilma@example.com',
    '""@example.com',
    "=?utf-8?q?wilma?=@example.com",
    f"{LOCAL}a@example.com",
    f"{'é' * 33}@example.com",
    f"wilma@{'d' * 64}.com",
    f"wilma@d.{DOMAIN}",
    f"wilma@{'a.' * LONGEST}com",
]


@pytest.mark.parametrize("text", BARE)
def test_bare_address_is_accepted(text: str) -> None:
    assert is_address(text)
    assert read_path(text) == text
    assert read(text) == (text, "")
    assert domain_of(text) == text.partition("@")[2].lower()


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_invalid_address_is_not_accepted(text: str) -> None:
    assert not is_address(text)
    assert read_path(text) is None
    assert domain_of(text) is None
    if text == text.strip(" "):
        assert read(f"Wilma <{text}>") is None


@pytest.mark.parametrize(
    ("text", "email", "name"),
    [
        ("fred@example.com", "fred@example.com", ""),
        (" Fred <fred@example.com> ", "fred@example.com", "Fred"),
        ("Fred<fred@example.com>", "fred@example.com", "Fred"),
        ("Fred < fred@example.com >", "fred@example.com", "Fred"),
        ("<fred@example.com>", "fred@example.com", ""),
        ("Mustermann GmbH & Co. KG <a@b.example>", "a@b.example", "Mustermann GmbH & Co. KG"),
        ('"Flintstone, Fred" <fred@example.com>', "fred@example.com", "Flintstone, Fred"),
        ('"Fred \\"F\\" \\\\" <fred@example.com>', "fred@example.com", 'Fred "F" \\'),
        ('Fred "F" <fred@example.com>', "fred@example.com", "Fred F"),
        ("J.R. Dobbs <jr@example.com>", "jr@example.com", "J.R. Dobbs"),
        ("=?utf-8?b?w4lyaWM=?= <eric@example.com>", "eric@example.com", "=?utf-8?b?w4lyaWM=?="),
        ("Société X <x@example.com>", "x@example.com", "Société X"),
        ("\U0001f600 <x@example.com>", "x@example.com", "\U0001f600"),
        ("fred@example.com (Fred)", "fred@example.com", "Fred"),
        ("(a (nested) \\( one) Fred <fred@example.com>", "fred@example.com", "Fred"),
        ('"fred f"@example.com', '"fred f"@example.com', ""),
        ('Fred <"fred\\" f"@example.com>', '"fred\\" f"@example.com', "Fred"),
        ('"fred"@example.com', "fred@example.com", ""),
    ],
)  # fmt: skip
def test_mailbox_is_read(text: str, email: str, name: str) -> None:
    assert read(text) == (email, name)
    assert read_all(text) == gather(text) == [(email, name)]


@pytest.mark.parametrize(
    "text",
    [
        "Ann <ann@acme.example>, Ben <ben@acme.example>",
        "ann@acme.example, ben@acme.example",
        "Ann <ann@acme.example> <ben@acme.example>",
        "Ann <ann@acme.example> Ben",
        "Ann <ann@acme.example",
        "Ann ann@acme.example",
        "Ann <ann@acme.example>>",
        "Doe, John <john@example.com>",
        "Team: ann@acme.example;",
        "Ann @ Acme <ann@acme.example>",
        "Ann [Acme] <ann@acme.example>",
        '"Ann <ann@acme.example>',
        "Ann (Acme <ann@acme.example>",
        ". Ann <ann@acme.example>",
        "Ann <@relay.example:ann@acme.example>",
        "Ann <>",
        "Ann\r\nBcc: x <ann@acme.example>",
        '"Ann\nBcc: x" <ann@acme.example>',
        "ann@acme.example\x00",
        "(" * 50_000,
        "a " * (MOST_TOKENS + 10) + "<ann@acme.example>,",
    ],
)
def test_invalid_mailbox_is_not_read(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("ann@acme.example,Ben <ben@acme.example>", ["ann@acme.example", "ben@acme.example"]),
        ("Team: a@acme.example, b@acme.example;, c@d.example", ["a@acme.example", "b@acme.example", "c@d.example"]),
        ("undisclosed-recipients:;", []),
        ("ann@acme.example, nobody", None),
        ("ann@acme.example,", None),
        (", ann@acme.example", None),
        ("Team: ann@acme.example", None),
        ("ann@acme.example;", None),
        ("Team: Other: ann@acme.example;;", None),
        (": ann@acme.example;", None),
        ("", None),
    ],
)  # fmt: skip
def test_mailbox_list_is_read_as_a_whole_or_not_at_all(text: str, emails: list[str] | None) -> None:
    found = read_all(text)
    assert (None if found is None else [box.email for box in found]) == emails


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("Doe, John <john@example.com>", [("john@example.com", "John")]),
        ("Ann [Acme] <ann@acme.example>, b@c.example", [("ann@acme.example", "Ann [Acme]"), ("b@c.example", "")]),
        ("wil..ma@flintstone.example", [("wil..ma@flintstone.example", "")]),
        ('"Ann <ann@acme.example>; ben@acme.example', [("ann@acme.example", "Ann"), ("ben@acme.example", "")]),
        ("Ann <ann@[192.0.2.1]>", [("ann@[192.0.2.1]", "Ann")]),
        ("nobody, , <>, a b@c, <a@b> <c>", []),
    ],
)  # fmt: skip
def test_gather_returns_the_readable_mailboxes(text: str, boxes: list[tuple[str, str]]) -> None:
    assert gather(text) == boxes


def test_gather_reads_up_to_a_limit() -> None:
    assert len(gather(", ".join(["a@b.example"] * (MOST_BOXES + 10)))) == MOST_BOXES
    assert len(gather("<" * 100_000 + ", a@b.example" * 3)) == 3


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("@relay.example:wilma@example.com", "wilma@example.com"),
        ("@a.example,@b.example:wilma@example.com", "wilma@example.com"),
        ('"w i l m a"@example.com', '"w i l m a"@example.com'),
        ('"wilma"@example.com', "wilma@example.com"),
        ("wilma@[192.0.2.1]", "wilma@[192.0.2.1]"),
        ("wilma@[IPv6:2001:db8::1]", "wilma@[IPv6:2001:db8::1]"),
        ("wilma@[2001:db8::1]", None),
        ("wilma@[IPv6:192.0.2.1]", None),
        ("wilma@[192.0.2.256]", None),
        ("wilma@[example.com]", None),
        ("wilma@[]", None),
        ("@relay.example", None),
        ("@relay.example:", None),
        ("@:wilma@example.com", None),
        ("@relay..example:wilma@example.com", None),
    ],
)
def test_smtp_path_is_an_address_with_or_without_a_route(text: str, address: str | None) -> None:
    assert read_path(text) == address


@pytest.mark.parametrize("text", ["wilma@[192.0.2.1]", "@relay.example:wilma@example.com"])
def test_address_literal_has_no_domain(text: str) -> None:
    assert domain_of(text) is None


def test_domain_consists_of_labels() -> None:
    assert is_domain("localhost")
    assert is_domain(DOMAIN)
    assert not is_domain(f"d.{DOMAIN}")
    assert not is_domain("")


# Written addresses are read back.

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LABELS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?|é[a-z]|例え", fullmatch=True)
DOMAINS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ATOMS = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~é例-]{1,9}", fullmatch=True)
LOCALS = st.lists(ATOMS, min_size=1, max_size=3).map(".".join).filter(lambda text: "=?" not in text) | st.text(
    'ab .,@<>()\\"', min_size=1
).map(quoted)
EMAILS = st.builds("{}@{}".format, LOCALS, DOMAINS).filter(lambda text: read_path(text) is not None)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def seen(header: str, **fields: str) -> list[str]:
    """Return the addresses that Python's parser reads in a header of a built mail."""
    message = MailMessage(**{"sender": "shop@acme.example", "to": "ada@x.example", **fields})  # type: ignore[arg-type]
    return [as_written(one.addr_spec) for one in parse(build(message))[header].addresses]


def gathered(header: str, **fields: str) -> list[str]:
    """The same by Python's older reader: the newer one fails on some names of letters and dots."""
    message = MailMessage(**{"sender": "shop@acme.example", "to": "ada@x.example", **fields})  # type: ignore[arg-type]
    mail = message_from_bytes(build(message))
    return [as_written(email) for _, email in getaddresses([dict(mail.raw_items())[header]]) if email]


def as_written(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode()


@given(EMAILS, NAMES)
@settings(max_examples=300, deadline=None)
def test_written_mailbox_is_read_back(email: str, name: str) -> None:
    box = read(mailbox(email, name))
    assert box is not None
    assert (box.email, squeezed(decoded(box.name))) == (read_path(email), squeezed(safe(name)))


@given(st.lists(st.tuples(EMAILS, NAMES), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_written_mailbox_list_is_read_back(boxes: list[tuple[str, str]]) -> None:
    line = ", ".join([mailbox(email, name) for email, name in boxes])
    emails = [read_path(email) for email, _ in boxes]
    assert [box.email for box in read_all(line) or []] == [box.email for box in gather(line)] == emails


PIECES = st.sampled_from(
    [*'@.<>",:;()\\ ', "Ann", "Mr.", "é", "a@x.example", "<b@y.example>", '"q, r"', '"q r"@z.example', "(c)",
     "=?utf-8?q?=C3=A9?="]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=7).map("".join))
@settings(max_examples=1500, deadline=None)
def test_accepted_address_is_read_alike_by_the_standard_library(text: str) -> None:
    box = read(text)
    if box is not None:
        assert seen("From", sender=box.email, sender_name=decoded(box.name)) == [box.email]
        assert seen("To", to=box.email, to_name=decoded(box.name)) == [box.email]
    boxes = read_all(text)
    if boxes:
        emails = [box.email for box in boxes]
        assert gathered("Reply-To", reply_to=text) == gathered("To", header_to=text) == emails
