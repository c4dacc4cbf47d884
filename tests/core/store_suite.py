"""What every store must do. A module that tests one imports these tests and gives them a ``store`` fixture::

    from tests.core.store_suite import *

    @pytest.fixture
    def store() -> Store:
        return MyStore()

``make_store`` is what the state machine asks for a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from sparkbox.core.state.budget import StoreFull
from sparkbox.core.state.store import Record, Store, replace


class Book(Record, frozen=True, gc=False):
    id: str
    title: str = ""


class Page(Record, frozen=True, gc=False):
    id: int
    text: str = ""


class Loan(Record, frozen=True, gc=False):
    """Its key is not its id."""

    first_id: ClassVar[int] = 1000

    book: str
    reader: str = ""

    @property
    def key(self) -> str:
        return self.book


class Glance(Record, frozen=True, gc=False):
    """Only the newest are kept."""

    most: ClassVar[int | None] = 20

    id: int


def test_a_record_is_got_back_by_its_key(store: Store) -> None:
    book = Book("b1", "Emma")
    store[Book].put(book)
    assert store[Book].get("b1") == book
    assert store[Book].get("b2") is None


def test_a_record_says_what_its_key_is(store: Store) -> None:
    store[Loan].put(Loan("b1", "Ada"))
    assert store[Loan].get("b1") == Loan("b1", "Ada")


def test_putting_replaces_and_keeps_the_place(store: Store) -> None:
    for id in ("b1", "b2", "b3"):
        store[Book].put(Book(id))
    changed = replace(Book("b2"), title="Emma")
    store[Book].put(changed)
    assert list(store[Book].values()) == [Book("b1"), changed, Book("b3")]


def test_adding_does_not_replace(store: Store) -> None:
    assert store[Book].add(Book("b1", "Emma"))
    assert not store[Book].add(Book("b1", "Persuasion"))
    assert store[Book].get("b1") == Book("b1", "Emma")


def test_deleting_gives_the_record_back_once(store: Store) -> None:
    store[Book].put(Book("b1", "Emma"))
    assert store[Book].delete("b1") == Book("b1", "Emma")
    assert store[Book].delete("b1") is None
    assert store[Book].get("b1") is None


def test_a_record_that_comes_back_comes_last(store: Store) -> None:
    for id in ("b1", "b2"):
        store[Book].put(Book(id))
    store[Book].delete("b1")
    store[Book].put(Book("b1"))
    assert [book.id for book in store[Book].values()] == ["b2", "b1"]


def test_keys_of_another_type_are_other_keys(store: Store) -> None:
    store[Book].put(Book("1"))
    assert store[Book].get(1) is None


def test_values_are_those_of_the_moment(store: Store) -> None:
    for id in ("b1", "b2"):
        store[Book].put(Book(id))
    seen = []
    for book in store[Book].values():
        seen.append(book.id)
        store[Book].delete(book.id)
        store[Book].put(Book(book.id + "'"))
    assert seen == ["b1", "b2"]


def test_pages_begin_and_end_within_the_records(store: Store) -> None:
    for number in range(5):
        store[Page].put(Page(number))
    pages = [store[Page].page(2, 2), store[Page].page(4, 2), store[Page].page(5, 2), store[Page].page(3)]
    assert [[page.id for page in found] for found in pages] == [[2, 3], [4], [], [3, 4]]
    newest = [
        store[Page].page(0, 2, newest=True),
        store[Page].page(4, 2, newest=True),
        store[Page].page(9, newest=True),
    ]
    assert [[page.id for page in found] for found in newest] == [[4, 3], [0], []]


def test_length_counts(store: Store) -> None:
    assert len(store[Book]) == 0
    for id in ("b1", "b2", "b1"):
        store[Book].put(Book(id))
    assert len(store[Book]) == 2


def test_kinds_are_apart(store: Store) -> None:
    store[Book].put(Book("1"))
    store[Page].put(Page(1))
    store[Book].clear()
    assert len(store[Page]) == 1


def test_collections_below_different_parents_are_apart(store: Store) -> None:
    store[Page, "b1"].put(Page(1, "one"))
    store[Page, "b2"].put(Page(1, "two"))
    store[Page].put(Page(1, "none"))
    found = [store[kind].get(1) for kind in ((Page, "b1"), (Page, "b2"), Page)]
    assert found == [Page(1, "one"), Page(1, "two"), Page(1, "none")]
    store[Page, "b1"].clear()
    assert len(store[Page, "b1"]) == 0
    assert len(store[Page, "b2"]) == len(store[Page]) == 1


def test_a_number_and_its_text_are_different_parents(store: Store) -> None:
    store[Page, 1].put(Page(1))
    assert len(store[Page, "1"]) == 0


def test_ids_are_counted_for_each_collection(store: Store) -> None:
    assert [store[Page].next_id(), store[Page].next_id(), store[Page, "b1"].next_id()] == [1, 2, 1]
    assert [store[Loan].next_id(), store[Loan].next_id()] == [1000, 1001]


def test_an_id_is_never_given_twice(store: Store) -> None:
    first = store[Page].next_id()
    store[Page].put(Page(first))
    store[Page].delete(first)
    store[Page].clear()
    assert store[Page].next_id() == first + 1


def test_a_kind_that_is_bounded_keeps_the_newest(store: Store) -> None:
    for number in range(1000):
        store[Glance].put(Glance(number))
        assert len(store[Glance]) <= 20
        assert store[Glance].get(number) is not None
    kept = [glance.id for glance in store[Glance].values()]
    assert kept == list(range(1000 - len(kept), 1000))
    assert len(kept) >= 18


def test_replacing_in_a_full_bounded_collection_drops_nothing(store: Store) -> None:
    for number in range(20):
        store[Glance].put(Glance(number))
    store[Glance].put(Glance(0))
    assert not store[Glance].add(Glance(1))
    assert len(store[Glance]) == 20


def test_a_kind_that_is_not_bounded_becomes_full(store: Store, most_records: Callable[[int], None]) -> None:
    most_records(3)
    for id in ("b1", "b2", "b3"):
        store[Book].put(Book(id))
    with pytest.raises(StoreFull, match="Book"):
        store[Book].put(Book("b4"))
    assert store[Book].get("b4") is None
    store[Book].put(Book("b1", "Emma"))
    assert store[Book].get("b1") == Book("b1", "Emma")


def test_a_fork_has_everything(store: Store) -> None:
    store[Book].put(Book("b1"))
    store[Page, "b1"].put(Page(store[Page, "b1"].next_id()))
    copy = store.fork()
    assert list(copy[Book].values()) == [Book("b1")]
    assert list(copy[Page, "b1"].values()) == [Page(1)]
    assert copy[Page, "b1"].next_id() == 2


def test_a_fork_and_its_origin_are_independent(store: Store) -> None:
    store[Book].put(Book("b1"))
    copy = store.fork()
    copy[Book].put(Book("b1", "changed"))
    copy[Book].put(Book("b2"))
    copy[Page, "b1"].put(Page(copy[Page, "b1"].next_id()))
    store[Loan].put(Loan("b1"))
    assert list(store[Book].values()) == [Book("b1")]
    assert len(store[Page, "b1"]) == 0
    assert len(copy[Loan]) == 0
    assert [store[Page, "b1"].next_id(), copy[Page, "b1"].next_id()] == [1, 2]


def test_looking_into_a_collection_leaves_nothing_behind(store: Store) -> None:
    for number in range(100):
        assert store[Page, number].get(1) is None
        assert list(store[Page, number].values()) == []
    assert store.sizes() == {}


def test_a_kind_is_in_the_store_once_something_was_kept_of_it(store: Store) -> None:
    assert Book not in store
    assert store[Book].get("b1") is None
    assert Book not in store
    store[Book].put(Book("b1"))
    assert Book in store
    assert Page not in store
    assert (Book, "parent") not in store


def test_a_collection_that_was_taken_before_anything_was_in_it_is_the_same_one(store: Store) -> None:
    first, second = store[Page, "b1"], store[Page, "b1"]
    second.put(Page(second.next_id(), "one"))
    assert first.get(1) == store[Page, "b1"].get(1) == Page(1, "one")
    first.put(Page(first.next_id(), "two"))
    assert [page.text for page in store[Page, "b1"].values()] == ["one", "two"]


def test_sizes_add_up_the_collections_of_a_kind(store: Store) -> None:
    store[Book].put(Book("b1"))
    store[Page, "b1"].put(Page(1))
    store[Page, "b2"].put(Page(1))
    assert {kind: size for kind, size in store.sizes().items() if size} == {"Book": 1, "Page": 2}


KEYS = st.integers(0, 5)
PLACES = st.sampled_from([Page, (Page, "b1"), (Page, 1)])


class StoreMachine(RuleBasedStateMachine):
    """A store and its forks agree with dictionaries, whatever is done to them in whatever order."""

    make: Callable[[], Store]
    worlds = Bundle("worlds")

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[int, tuple[Store, dict[Any, dict[int, Page]], dict[Any, int]]] = {}

    @initialize(target=worlds)
    def begin(self) -> int:
        self.models[0] = (type(self).make(), {}, {})
        return 0

    @rule(target=worlds, world=worlds)
    def fork(self, world: int) -> int:
        store, records, ids = self.models[world]
        copy = len(self.models)
        self.models[copy] = (store.fork(), {place: dict(found) for place, found in records.items()}, dict(ids))
        return copy

    @rule(world=worlds, place=PLACES, key=KEYS, text=st.text(max_size=3))
    def put(self, world: int, place: Any, key: int, text: str) -> None:
        store, records, _ = self.models[world]
        store[place].put(Page(key, text))
        records.setdefault(place, {})[key] = Page(key, text)

    @rule(world=worlds, place=PLACES, key=KEYS)
    def add(self, world: int, place: Any, key: int) -> None:
        store, records, _ = self.models[world]
        found = records.setdefault(place, {})
        assert store[place].add(Page(key, "added")) == (key not in found)
        found.setdefault(key, Page(key, "added"))

    @rule(world=worlds, place=PLACES, key=KEYS)
    def update(self, world: int, place: Any, key: int) -> None:
        store, records, _ = self.models[world]
        page = store[place].get(key)
        if page is not None:
            store[place].put(replace(page, text=page.text + "!"))
            records[place][key] = Page(key, records[place][key].text + "!")

    @rule(world=worlds, place=PLACES, key=KEYS)
    def delete(self, world: int, place: Any, key: int) -> None:
        store, records, _ = self.models[world]
        assert store[place].delete(key) == records.get(place, {}).pop(key, None)

    @rule(world=worlds, place=PLACES)
    def next_id(self, world: int, place: Any) -> None:
        store, _, ids = self.models[world]
        ids[place] = ids.get(place, 0) + 1
        assert store[place].next_id() == ids[place]

    @rule(world=worlds, place=PLACES)
    def clear(self, world: int, place: Any) -> None:
        store, records, _ = self.models[world]
        store[place].clear()
        records.pop(place, None)

    @invariant()
    def agrees(self) -> None:
        for store, records, _ in self.models.values():
            for place in (Page, (Page, "b1"), (Page, 1)):
                found = records.get(place, {})
                pages = list(found.values())
                assert list(store[place].values()) == store[place].page() == pages
                assert store[place].page(1, 2) == pages[1:3]
                assert store[place].page(1, 2, newest=True) == pages[::-1][1:3]
                assert len(store[place]) == len(found)
                for key in range(6):
                    assert store[place].get(key) == found.get(key)
            assert store.sizes().get("Page", 0) == sum(map(len, records.values()))


def state_machine(make_store: Callable[[], Store]) -> type:
    """The state machine as a test case for a kind of store."""
    machine: Any = type("Machine", (StoreMachine,), {"make": staticmethod(make_store)})
    case: type = machine.TestCase
    case.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)  # type: ignore[attr-defined]
    return case
