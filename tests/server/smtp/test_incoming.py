"""A mail while it arrives: dots, sizes, and the budget that all mails share."""

from __future__ import annotations

import smtplib
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.server.smtp.incoming import BODY_BUDGET_EXCEEDED, END, TOO_LONG, Incoming

PIECES = st.lists(
    st.sampled_from(
        [b".", b"..", b"\r\n", b"\r\n.", b"\r\n..", b"a", b".a", b"\r", b"\n", b"\n.", b"x" * 100, b"\xff"]
    ),
    max_size=20,
)
MAILS = PIECES.map(b"".join).map(lambda data: data if data.endswith(b"\r\n") or not data else data + b"\r\n")


def arrived(chunks: list[bytes], most: int = 1000) -> Incoming:
    incoming = Incoming(BodyBudget(10_000), most)
    for chunk in chunks:
        incoming.add(chunk)
    return incoming


def stuffed(data: bytes) -> bytes:
    """What a client sends (RFC 5321, 4.5.2)."""
    return (b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:]


@given(MAILS, st.lists(st.integers(0, 300), max_size=6))
@settings(max_examples=300, deadline=None)
def test_mail_in_any_chunks_is_what_its_sender_wrote(data: bytes, cuts: list[int]) -> None:
    sent = stuffed(data) + b".\r\n"
    assert (b"\r\n" + sent).count(END) == 1
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    chunks = [sent[begin:end] for begin, end in pairwise(edges)]
    incoming = arrived(chunks, 10_000)
    assert (incoming.content(), incoming.problem) == (data, "")


@given(st.text(alphabet=st.sampled_from("a.\r\n é"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_mail_from_smtplib_is_read(text: str) -> None:
    # What SMTP.data() puts on the wire.
    fixed = smtplib._fix_eols(text).encode()  # type: ignore[attr-defined]
    sent: bytes = smtplib._quote_periods(fixed)  # type: ignore[attr-defined]
    sent = (sent if sent.endswith(b"\r\n") else sent + b"\r\n") + b".\r\n"
    wanted = fixed if fixed.endswith(b"\r\n") else fixed + b"\r\n"
    assert arrived([sent], 10_000).content() == wanted


def test_mail_up_to_the_limit_is_accepted() -> None:
    assert arrived([b"a" * 998 + b"\r\n.\r\n"]).problem == ""
    incoming = arrived([b"a" * 500 + b"\r\n", b"a" * 498, b"\r\n.\r\n"])
    assert incoming.problem == "552 5.3.4 Message size exceeds the limit of 1000 bytes"
    assert incoming.content() == b""


def test_mail_that_is_too_large_is_not_kept() -> None:
    budget = BodyBudget(10_000)
    incoming = Incoming(budget, 1000)
    for _ in range(4):
        incoming.add(b"a" * 1000)
        assert not incoming.endless
    incoming.add(b"a")
    assert incoming.endless
    assert budget.take(10_000)


def test_line_length_is_measured_without_its_dot() -> None:
    assert arrived([b".." + b"a" * 997 + b"\r\n.\r\n"], 10_000).content() == b"." + b"a" * 997 + b"\r\n"
    incoming = arrived([b".." + b"a" * 998 + b"\r\n.\r\n"], 10_000)
    assert (incoming.content(), incoming.problem) == (b"", TOO_LONG)


def test_budget_is_shared_and_returned() -> None:
    budget = BodyBudget(100)
    first, second = Incoming(budget, 1000), Incoming(budget, 1000)
    first.add(b"a" * 60)
    second.add(b"a" * 60)
    assert (first.problem, second.problem) == ("", BODY_BUDGET_EXCEEDED)
    first.close()
    second.close()
    assert budget.take(100)
    assert not budget.take(1)
