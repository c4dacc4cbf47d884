"""How a service's errors read in an SMTP reply."""

from __future__ import annotations

import pytest

from sparkbox.core.declare.errors import Error
from sparkbox.core.declare.relay import Rejected, one_line, reject


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (400, "550 5.7.1 no"),
        (403, "550 5.7.1 no"),
        (422, "550 5.7.1 no"),
        (420, "451 4.3.0 no"),
        (429, "451 4.3.0 no"),
        (500, "451 4.3.0 no"),
        (503, "451 4.3.0 no"),
    ],
)
def test_an_error_is_for_good_unless_trying_again_may_help(status: int, reply: str) -> None:
    rejected = reject(Error("nope", status, "no")())
    assert (rejected.reply, rejected.error) == (reply, "nope")


def test_a_description_says_more_than_a_message() -> None:
    assert reject(Error("nope", 400, "no", description="because of {x}")(x="y")).reply == "550 5.7.1 because of y"


def test_a_reply_is_one_line_of_ascii() -> None:
    assert one_line("a\r\nRCPT é" + "x" * 1000) == "a??RCPT ?" + "x" * 391


def test_a_rejection_without_an_error_is_named_after_its_code() -> None:
    assert Rejected("552 5.3.4 too large").error == "smtp_552"
