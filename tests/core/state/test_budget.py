"""State is bounded in bytes, and forks share what they have not changed."""

from __future__ import annotations

import pytest

from sparkbox.core.state.budget import Budget, StoreFull
from sparkbox.core.state.store import MemoryStore, replace
from tests.core.store_suite import Book


def test_what_is_too_much_is_refused_and_leaves_all_as_it_was() -> None:
    budget = Budget(10_000)
    store = MemoryStore(budget)
    store[Book].put(Book("b1", "x" * 5000))
    used = budget.used
    with pytest.raises(StoreFull, match="10000 bytes"):
        store[Book].put(Book("b2", "x" * 5000))
    with pytest.raises(StoreFull):
        store[Book].put(Book("b1", "x" * 10_000))
    assert (list(store[Book].values()), budget.used) == ([Book("b1", "x" * 5000)], used)
    store[Book].delete("b1")
    store[Book].put(Book("b2", "x" * 5000))


def test_forks_share_what_neither_has_changed() -> None:
    budget = Budget()
    store = MemoryStore(budget)
    store[Book].put(Book("b1", "x" * 100_000))
    forks = [store.fork() for _ in range(100)]
    assert budget.used < 200_000
    forks[0][Book].put(Book("b2"))
    assert 200_000 < budget.used < 300_000
    assert len(store[Book]) == len(forks[1][Book]) == 1


def test_everything_is_given_back() -> None:
    budget = Budget()
    store = MemoryStore(budget)
    for number in range(10):
        store[Book].put(Book(str(number), "y" * number))
    copy = store.fork()
    copy[Book].put(replace(Book("3"), title="changed"))
    copy[Book].delete("4")
    store[Book].clear()
    for each in (store, copy, store):
        each.release()
    store[Book].put(Book("late"))
    assert budget.used == 0
