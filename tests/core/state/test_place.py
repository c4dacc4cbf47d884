"""Workers: what is drawn in an account leads to the worker in which the account lives."""

from __future__ import annotations

import pytest

from sparkbox.app import create_sandbox
from sparkbox.core.state import signing
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.place import ALONE, Place, worker_of

WORKERS = 3


def account_in(place: Place) -> Account:
    account = create_sandbox(Settings(seed=1), place).accounts.open("mock-place")
    assert account is not None
    return account


@pytest.fixture(params=range(WORKERS))
def account(request: pytest.FixtureRequest) -> Account:
    return account_in(Place(request.param, WORKERS))


def test_tokens_and_keys_lead_to_the_accounts_worker(account: Account) -> None:
    drawn = [signing.drawn(account, lambda ids: f"made-{ids.hex(40)}") for _ in range(5)]
    signed = [signing.Signer.of(account).sign("open", number) for number in range(5)]
    marked = [signing.marked(account, "share", f"page{number}", 5) for number in range(5)]
    texts = [*drawn, *signed, *marked]
    assert len(set(texts)) == 15
    assert {worker_of(text, WORKERS) for text in texts} == {account.place.worker}


def test_signature_that_was_varied_is_genuine(account: Account) -> None:
    for number in range(5):
        token = signing.Signer.of(account).sign("open", number)
        assert signing.genuine(account, "open", token)
        assert not signing.genuine(account, "click", token)
        assert not signing.genuine(account, "open", token + "0")


def test_one_process_draws_the_same_as_the_worker_that_needs_no_second_try() -> None:
    alone = signing.marked(account_in(ALONE), "kit", "kit_1", 12, joint="-")
    assert alone.startswith("kit_1-")
    home = Place(worker_of(alone, WORKERS), WORKERS)
    assert signing.marked(account_in(home), "kit", "kit_1", 12, joint="-") == alone


def test_numbers_leave_gaps_for_the_other_workers() -> None:
    account = account_in(ALONE)
    buffer = create_sandbox(Settings()).logs.events
    log = buffer.account_log()
    buffer.step = WORKERS
    buffer.leap(7)
    assert [log.append(account, 1) for _ in range(2)] == [7, 10]  # type: ignore[arg-type]
    buffer.leap(9)
    assert buffer.next_number() == 13
    buffer.leap(19)
    assert (buffer.next_number(), log.append(account, 1)) == (19, 19)  # type: ignore[arg-type]
