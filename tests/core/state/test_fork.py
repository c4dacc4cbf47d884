"""Accounts: forks, further credentials, and what is set for all accounts and those to come."""

from __future__ import annotations

import pytest

from sparkbox.core.state.account import Account
from tests.core.api import KEY
from tests.core.office import Office

TWIN = "mock-twin"
MARCH = 1_772_366_400.0


def office() -> Office:
    office = Office()
    office.account().clock.freeze(MARCH)
    return office


def fork(office: Office) -> Account:
    return office.sandbox.accounts.fork(office.account(), TWIN)


def letters(office: Office, key: str) -> list[tuple[int, str]]:
    return [(row["id"], row["state"]) for row in office.call("GET", "/v1/letters", key=key).json()["data"]]


def test_a_fork_has_the_state_of_its_source() -> None:
    post = office()
    post.send()
    fork(post)
    assert letters(post, TWIN) == letters(post, KEY) == [(1, "accepted"), (2, "accepted")]


def test_a_fork_and_its_source_are_independent() -> None:
    post = office()
    post.send()
    fork(post)
    post.call("DELETE", "/v1/letters/2")
    post.send(key=TWIN)
    assert letters(post, KEY) == [(1, "accepted")]
    assert letters(post, TWIN) == [(1, "accepted"), (2, "accepted"), (3, "accepted")]


def test_a_fork_goes_on_counting_where_its_source_was() -> None:
    post = office()
    post.send()
    post.call("DELETE", "/v1/letters/2")
    fork(post)
    assert post.send(key=TWIN).json()["data"]["id"] == 3


def test_a_forks_pending_jobs_run_in_the_fork_alone() -> None:
    post = office()
    post.send()
    copy = fork(post)
    assert copy.clock.advance(60) == 1
    assert letters(post, TWIN) == [(1, "accepted"), (2, "delivered")]
    assert letters(post, KEY) == [(1, "accepted"), (2, "accepted")]
    assert post.account().clock.waiting == 1


def test_a_fork_cancels_a_job_by_the_number_that_its_source_kept() -> None:
    post = office()
    number = post.context().call_in(60, _lose)
    copy = fork(post)
    copy.clock.cancel(number)
    assert (copy.clock.waiting, post.account().clock.waiting) == (0, 1)
    assert copy.clock.call_at(MARCH + 90, list) == number + 1


def test_a_fork_leaves_jobs_behind_that_cannot_be_moved() -> None:
    post = office()
    post.account().clock.call_at(MARCH + 60, list)
    assert fork(post).clock.waiting == 0


def test_a_fork_shows_the_time_of_its_source_and_then_goes_its_own_way() -> None:
    post = office()
    copy = fork(post)
    assert (copy.clock.now(), copy.clock.frozen) == (MARCH, True)
    copy.clock.advance(3600)
    assert post.account().clock.now() == MARCH


def test_a_fork_has_the_settings_of_its_source_and_counts_anew() -> None:
    post = office()
    source = post.account()
    source.profile, source.suspended = "strict", True
    source.buckets.set_amount("post", "per_minute", 1)
    assert post.call("GET", "/v1/letters").status == 200
    assert post.call("GET", "/v1/letters").status == 429
    copy = fork(post)
    assert (copy.profile, copy.suspended) == ("strict", True)
    assert post.call("GET", "/v1/letters", key=TWIN).status == 200
    assert post.call("GET", "/v1/letters", key=TWIN).status == 429
    copy.buckets.set_amount("post", "per_minute", None)
    assert post.call("GET", "/v1/letters").status == 429


def test_a_fork_never_repeats_an_id_of_its_source() -> None:
    post = office()
    past = {post.account().ids.hex(4) for _ in range(300)}
    copy = fork(post)
    assert copy.ids.hex(16) == post.account().ids.hex(16)
    assert len(past) > 1


def test_a_forks_logs_begin_empty() -> None:
    post = office()
    post.send()
    copy = fork(post)
    assert [len(log) for log in (copy.messages, copy.events, copy.requests)] == [0, 0, 0]


def test_a_full_sandbox_makes_room_for_a_fork_but_not_by_dropping_its_source() -> None:
    post = Office(most_accounts=2)
    source = post.account("mock-source")
    post.account("mock-other")
    post.sandbox.accounts.fork(source, TWIN)
    assert [account.credential for account in post.sandbox.accounts] == ["mock-source", TWIN]


@pytest.mark.parametrize("credential", [KEY, "real-key", "", "mock-" + "x" * 4096])
def test_a_fork_needs_a_credential_that_is_free_and_acceptable(credential: str) -> None:
    post = office()
    with pytest.raises(ValueError, match="no new account can be called"):
        post.sandbox.accounts.fork(post.account(), credential)


def test_a_reset_takes_further_credentials_back() -> None:
    post = office()
    key = post.call("POST", "/v1/keys").json()["data"]["key"]
    assert post.call("GET", "/v1/letters", key=key).status == 200
    post.sandbox.accounts.reset(post.account())
    assert post.call("GET", "/v1/letters", key=key).status == 401
    assert post.call("GET", "/v1/letters").status == 200


def test_dropping_an_account_leaves_the_further_credentials_of_others_alone() -> None:
    post = office()
    key = post.call("POST", "/v1/keys", key="mock-other").json()["data"]["key"]
    post.call("POST", "/v1/keys")
    post.sandbox.accounts.drop(post.account())
    assert post.call("GET", "/v1/letters", key=key).status == 200


def test_what_is_set_for_all_holds_for_new_accounts_and_after_a_reset() -> None:
    post = office()
    accounts = post.sandbox.accounts
    accounts.defaults.profile = "strict"
    accounts.defaults.buckets.enabled = False
    accounts.clock.freeze(MARCH + 5)
    new = post.account("mock-new")
    new.profile = "easy"
    new.clock.resume()
    accounts.reset(new)
    assert (new.profile, new.buckets.enabled, new.clock.now()) == ("strict", False, MARCH + 5)


def test_a_reset_of_the_sandbox_forgets_what_was_set_for_all() -> None:
    post = office()
    accounts = post.sandbox.accounts
    accounts.defaults.profile = "strict"
    accounts.defaults.buckets.set_amount("post", "per_minute", 1)
    accounts.clock.freeze(MARCH)
    post.sandbox.reset()
    account = post.account()
    assert (account.profile, account.buckets.amounts, account.clock.frozen) == ("easy", {}, False)


def test_buffer_finds_and_removes_an_item_of_any_account() -> None:
    post = office()
    post.send()
    buffer = post.sandbox.logs.messages
    message = buffer.get(1)
    assert message is not None
    assert message.to == "you@example.com"
    assert buffer.remove(1)
    assert not buffer.remove(1)
    assert buffer.get(1) is None
    assert (len(buffer), buffer.bytes, len(post.account().messages)) == (0, 0, 0)


def test_a_store_shows_all_its_collections() -> None:
    post = office()
    post.call("POST", "/v1/boxes/blue/notes/n1", {"text": "hi"})
    found = [(kind, parent, len(rows)) for kind, parent, rows in post.account().stores["post"].collections()]
    assert found == [("Letter", None, 1), ("Note", "blue", 1)]


def _lose(ctx: object) -> None:
    """A job that is never run."""
