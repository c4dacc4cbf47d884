"""Tokens in tracked addresses, and the headers by which a reader unsubscribes."""

from __future__ import annotations

import pytest

from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.state.account import Account
from sparkbox.core.state.signing import Signer
from sparkbox.core.state.steps import complete
from sparkbox.mail.message import MailMessage
from sparkbox.mail.tracking import Tokens, unsubscribe_headers, without_unsubscribe
from tests.core.office import Office

GONE = Error("gone", 404, "gone")
TOKENS = Tokens(lambda sandbox, number: sandbox.logs.messages.get(number))


@pytest.fixture
def office() -> Office:
    return Office()


def token_of(office: Office, signer: Account | None = None) -> str:
    """Capture a message, and return a token that stands for it and a link."""
    message = office.context().capture(MailMessage(to="ada@mail.example"))
    return Signer.of(signer or office.account()).sign("click", message.number, "https://shop.example/")


def test_token_stands_for_its_message_and_values(office: Office) -> None:
    found = TOKENS.read(office.sandbox, "click", token_of(office))
    assert found is not None
    assert (found.account, found.subject.to) == (office.account(), "ada@mail.example")
    assert found.values == ["https://shop.example/"]


def test_token_that_was_changed_or_is_of_another_kind_is_not_read(office: Office) -> None:
    token = token_of(office)
    assert TOKENS.read(office.sandbox, "open", token) is None
    body, _, mac = token.partition(".")
    for forged in ("", ".", body, f"{body}.", f".{mac}", f"{body}x.{mac}", f"{body}.{mac[::-1]}", "W10.x", "é"):
        assert TOKENS.read(office.sandbox, "click", forged) is None


def test_token_signed_by_another_account_is_not_read(office: Office) -> None:
    assert TOKENS.read(office.sandbox, "click", token_of(office, signer=office.account("mock-other"))) is None


def test_token_of_a_forgotten_message_is_not_read(office: Office) -> None:
    token = token_of(office)
    office.sandbox.accounts.reset(office.account())
    assert TOKENS.read(office.sandbox, "click", token) is None
    with pytest.raises(ApiError):
        complete(TOKENS.enter(office.context(), "click", token, GONE))


def test_token_leads_into_its_account(office: Office) -> None:
    token = token_of(office)
    ctx = office.context("mock-other")
    assert TOKENS.behind(ctx, "click", "/track/", f"http://localhost/track/{token}") is None
    found = complete(TOKENS.enter(ctx, "click", token, GONE))
    assert ctx.account is found.account is office.account()
    behind = TOKENS.behind(ctx, "click", "/track/", f"http://localhost/track/name/{token}")
    assert behind == found
    assert TOKENS.behind(ctx, "click", "/track/", f"http://localhost/{token}") is None


def test_unsubscribe_headers_replace_those_of_the_sender() -> None:
    own = unsubscribe_headers("mailto:out@mail.example", "https://mail.example/out")
    assert own[0] == ("List-Unsubscribe", "<mailto:out@mail.example>, <https://mail.example/out>")
    others = (("List-Id", "<news>"),)
    assert without_unsubscribe((*others, ("LIST-UNSUBSCRIBE", "<mailto:x@y>"), own[1])) == others
    assert without_unsubscribe(others) is others
