"""The store in memory: what every store must do, and what only this one can promise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparkbox.core.state import store as module
from sparkbox.core.state.store import MemoryStore, Store
from tests.core.store_suite import *  # noqa: F403
from tests.core.store_suite import Book, state_machine


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def most_records(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda most: monkeypatch.setattr(module, "MOST_RECORDS", most)


TestMemoryStore = state_machine(MemoryStore)


def test_a_record_cannot_be_changed_in_place(store: Store) -> None:
    book = Book("b1", "Emma")
    with pytest.raises(AttributeError, match="immutable"):
        book.title = "Persuasion"  # type: ignore[misc]
