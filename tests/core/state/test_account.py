"""Accounts: a private world for each credential."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from sparkbox.core.state.account import Account, Logs
from sparkbox.core.state.accounts import Accounts
from sparkbox.core.state.clock import Alarm
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault
from tests.core import api
from tests.core.api import KEY
from tests.core.office import Office

MARCH = 1_772_366_400.0


def made(**settings: object) -> Accounts:
    chosen = Settings(**settings)  # type: ignore[arg-type]
    return Accounts(chosen, Logs(chosen), Alarm())


def opened(accounts: Accounts, credential: str) -> Account:
    account = accounts.open(credential)
    assert account is not None
    return account


def world(account: Account, office: Office) -> dict[str, object]:
    """Whatever one can see of an account."""
    ctx = office.sandbox.context("post", account)
    return {
        "letters": list(ctx.store[api.Letter].values()),
        "receipts": list(ctx.store[api.Note, "receipts"].values()),
        "logs": [
            len(account_log) for account_log in (account.requests, account.messages, account.events, account.deliveries)
        ],
        "limits": [(name, standing.used) for _, name, standing in account.buckets.standings(ctx.now)],
        "amounts": account.buckets.standing("post", "", api.PER_MINUTE, ctx.now).amount,
        "faults": len(account.faults),
        "frozen": account.clock.frozen,
        "jobs": len(account.clock.jobs),
        "profile": account.profile,
        "suspended": account.suspended,
        "chance": account.ids.getstate(),
        "aliases": list(account.aliases),
    }


def stir(office: Office, key: str = KEY) -> None:
    """Change everything about an account that can be changed."""
    account = office.account(key)
    account.clock.freeze(MARCH)
    office.send(key=key)
    account.clock.advance(90)
    office.send(key=key)
    office.call("POST", "/v1/keys", key=key)
    account.faults.add(Fault(status=503))
    account.buckets.set_amount("post", "per_minute", 7)
    account.profile = "strict"
    account.suspended = True


# Which credentials open one.


@pytest.mark.parametrize("credential", ["mock-a", "mock-", "mock-é📮", "mock-" + "x" * 4091])
def test_a_credential_that_says_mock_opens_its_own_account(credential: str) -> None:
    accounts = made()
    account = opened(accounts, credential)
    assert account.credential == credential
    assert accounts.open(credential) is account
    assert accounts.find(credential) is account


@pytest.mark.parametrize("credential", ["", "real-key", "Mock-a", " mock-a", "mock-" + "x" * 4092])
def test_any_other_is_refused(credential: str) -> None:
    accounts = made()
    assert accounts.open(credential) is None
    assert accounts.find(credential) is None
    assert len(accounts) == 0


def test_any_key_opens_an_account_where_that_is_wanted() -> None:
    accounts = made(accept_any_key=True)
    assert opened(accounts, "real-key").credential == "real-key"
    assert accounts.open("") is None
    assert accounts.open("x" * 4097) is None


def test_finding_an_account_makes_none() -> None:
    accounts = made()
    assert accounts.find("mock-a") is None
    assert len(accounts) == 0


# Each has its own world.


def test_what_is_done_in_one_account_is_not_seen_in_another(office: Office) -> None:
    before = world(office.account("mock-other"), office)
    stir(office)
    assert world(office.account("mock-other"), office) == before
    assert world(office.account(), office) != before


def test_one_account_spans_all_services(office: Office) -> None:
    account = office.account()
    assert account.store("post") is account.store("post")
    assert account.store("post") is not account.store("bank")


def test_initial_state_is_seeded_once(office: Office) -> None:
    assert [letter.to for letter in office.context().store[api.Letter].values()] == ["founder@example.com"]
    office.call("DELETE", "/v1/letters/1")
    assert len(office.context().store[api.Letter]) == 0


def test_the_same_seed_and_credential_give_the_same_ids() -> None:
    def key(office: Office, credential: str) -> str:
        return str(office.call("POST", "/v1/keys", key=credential).json()["data"]["key"])

    assert key(Office(), "mock-a") == key(Office(), "mock-a")
    assert key(Office(), "mock-a") != key(Office(), "mock-b")
    assert key(Office(seed=1), "mock-a") != key(Office(seed=2), "mock-a")


def test_accounts_begin_as_the_settings_say() -> None:
    account = opened(made(profile="strict", rate_limits=False), "mock-a")
    assert account.profile == "strict"
    assert not account.buckets.enabled


# Resets.


def test_a_reset_puts_everything_back(office: Office) -> None:
    fresh = world(office.account(), office)
    stir(office)
    changed = world(office.account(), office)
    assert all(changed[name] != fresh[name] for name in fresh.keys() - {"logs", "chance"})
    office.sandbox.accounts.reset(office.account())
    assert world(office.account(), office) == fresh


def test_a_reset_counts(office: Office) -> None:
    account = office.account()
    assert account.generation == 0
    account.reset()
    assert account.generation == 1


def test_a_reset_of_one_account_leaves_the_others(office: Office) -> None:
    stir(office)
    stir(office, "mock-other")
    before = world(office.account("mock-other"), office)
    office.sandbox.accounts.reset(office.account())
    assert world(office.account("mock-other"), office) == before


def test_a_reset_of_the_sandbox_puts_all_back(office: Office) -> None:
    fresh = world(office.account(), office)
    stir(office)
    office.call("GET", "/v1/nothing", key=None)
    office.sandbox.faults.add(Fault(status=503))
    office.sandbox.accounts.clock.freeze(MARCH)
    office.sandbox.reset()
    assert len(office.sandbox.accounts) == 0
    assert len(office.sandbox.logs.requests) == 0
    assert len(office.sandbox.faults) == 0
    assert world(office.account(), office) == fresh


# Further credentials.


def test_a_further_credential_opens_the_same_account(office: Office) -> None:
    account = office.account()
    office.sandbox.accounts.alias("key-1", account, "post")
    assert office.sandbox.accounts.open("key-1") is account
    assert office.sandbox.accounts.find("key-1") is account
    assert len(office.sandbox.accounts) == 1


def test_a_further_credential_is_taken_back(office: Office) -> None:
    accounts = office.sandbox.accounts
    accounts.alias("key-1", office.account(), "post")
    accounts.unalias("key-1")
    accounts.unalias("never-given")
    assert accounts.open("key-1") is None
    assert list(office.account().aliases) == []


def test_a_further_credential_changes_hands(office: Office) -> None:
    accounts = office.sandbox.accounts
    accounts.alias("key-1", office.account("mock-a"), "post")
    accounts.alias("key-1", office.account("mock-b"), "post")
    assert accounts.open("key-1") is office.account("mock-b")
    accounts.reset(office.account("mock-a"))
    assert accounts.open("key-1") is office.account("mock-b")


@pytest.mark.parametrize("end", [Accounts.reset, Accounts.drop])
def test_further_credentials_go_with_their_account(office: Office, end: Callable[[Accounts, Account], None]) -> None:
    accounts = office.sandbox.accounts
    accounts.alias("key-1", office.account(), "post")
    accounts.alias("key-2", office.account("mock-other"), "post")
    end(accounts, office.account())
    assert accounts.open("key-1") is None
    assert accounts.open("key-2") is office.account("mock-other")


def test_further_credentials_are_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.core.state.accounts.MOST_ALIASES", 20)
    accounts = office.sandbox.accounts
    for number in range(100):
        accounts.alias(f"key-{number}", office.account(), "post")
        assert len(office.account().aliases) <= 20
    kept = list(office.account().aliases)
    assert kept == [f"key-{number}" for number in range(100 - len(kept), 100)]
    assert accounts.open("key-0") is None
    assert accounts.open("key-99") is office.account()


# How many there are, and for how long.


def test_the_longest_idle_makes_room_for_a_new_one() -> None:
    accounts = made(most_accounts=3)
    for credential in ("mock-a", "mock-b", "mock-c", "mock-a", "mock-d"):
        opened(accounts, credential)
    assert [account.credential for account in accounts] == ["mock-c", "mock-a", "mock-d"]


def test_finding_an_account_does_not_keep_it_alive() -> None:
    accounts = made(most_accounts=2)
    opened(accounts, "mock-a")
    opened(accounts, "mock-b")
    accounts.find("mock-a")
    opened(accounts, "mock-c")
    assert accounts.find("mock-a") is None


def test_accounts_that_idled_too_long_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count(0, 10)
    for module in ("account", "accounts"):
        monkeypatch.setattr(f"sparkbox.core.state.{module}.stopwatch", lambda: float(next(seconds)))
    accounts = made(idle_account_seconds=35)
    for credential in ("mock-a", "mock-b", "mock-c"):
        opened(accounts, credential)
    assert accounts.sweep() == 1
    assert [account.credential for account in accounts] == ["mock-b", "mock-c"]


def test_a_new_account_sweeps_out_the_idle_ones_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    time = [0.0]
    for module in ("account", "accounts"):
        monkeypatch.setattr(f"sparkbox.core.state.{module}.stopwatch", lambda: time[0])
    accounts = made(idle_account_seconds=30)
    opened(accounts, "mock-a")
    time[0] = 59.0
    opened(accounts, "mock-b")
    assert len(accounts) == 2
    time[0] = 61.0
    opened(accounts, "mock-c")
    assert [account.credential for account in accounts] == ["mock-b", "mock-c"]


def test_an_account_that_holds_something_outlives_its_idle_time(office: Office) -> None:
    accounts = office.sandbox.accounts
    office.send()
    office.account("mock-nothing")
    for account in accounts:
        account.last_used -= 1_000_000
    assert accounts.sweep() == 1
    assert ([account.credential for account in accounts], accounts.dropped) == ([office.account().credential], 1)


def test_what_was_in_a_dropped_account_is_gone_from_the_logs(office: Office) -> None:
    office.send()
    office.send(key="mock-other")
    office.sandbox.accounts.drop(office.account())
    logs = office.sandbox.logs
    assert [len(buffer) for buffer in (logs.requests, logs.messages, logs.events)] == [1, 1, 1]
    assert next(logs.messages.newest()).account == "mock-other"


def test_a_dropped_account_comes_back_empty(office: Office) -> None:
    office.send()
    old = office.account()
    office.sandbox.accounts.drop(old)
    assert office.account() is not old
    assert len(office.context().store[api.Letter]) == 1
    assert old.clock.jobs == []
