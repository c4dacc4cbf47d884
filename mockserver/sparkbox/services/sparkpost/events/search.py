"""The search for events, shared by the Events API and the legacy Message Events API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..auth import given_subaccount
from ..times import fine_stamp
from .event_types import TYPES

DAY = 86_400.0
EVENTS_A_STEP = 1000

Data = dict[str, Any]


class Test(NamedTuple):
    """A test of one field of an event; a missing field is an empty text."""

    field: str
    passes: Callable[[Any], bool]


_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_BETWEEN_LABELS = re.compile(r"[\s_.-]+")


class Search(NamedTuple):
    """A search: ``types``, times in Unix seconds, and tests of an event's data.

    ``newest`` is the number of the last event to include, so that later events do not move the pages.
    """

    types: frozenset[str] | None
    since: float
    until: float | None
    tests: Sequence[Test]
    newest: int | None = None


class Page(NamedTuple):
    """A page of events with their data, and the number of events on all pages."""

    found: list[tuple[Event, Data]]
    total: int


def run(ctx: Context, search: Search, *, per_page: int, skip: int = 0, before: int | None = None) -> Steps[Page]:
    """Find a page of events, newest first. It begins after ``skip`` events, or before the event number ``before``."""
    found: list[tuple[Event, Data]] = []
    total = 0
    matches = _matcher(search.tests, given_subaccount(ctx))
    for event in _candidates(ctx, search):
        if event is None:
            yield
        elif matches(event):
            if len(found) < per_page and total >= skip and (before is None or event.number < before):
                found.append((event, event.json()))
            total += 1
    return Page(found, total)


def wire(event: Event, data: Data) -> Data:
    """Return an event as searches show it."""
    return {**data, "timestamp": fine_stamp(event.time)}


def same(field: str, wanted: Sequence[str] | None) -> Iterator[Test]:
    """Test that a field is one of the values, ignoring case."""
    if wanted is not None:
        values = frozenset(value.lower() for value in wanted)
        yield Test(field, lambda value: str(value).lower() in values)


def keywords(field: str, wanted: Sequence[str] | None, *, domain: bool = False) -> Iterator[Test]:
    """Test that a field has one of the phrases. Spaces, dashes and underscores end words, in domains dots as well."""
    if wanted is not None:
        between = _BETWEEN_LABELS if domain else _BETWEEN_WORDS
        phrases = [_words(value, between) for value in wanted]

        @lru_cache(1024)
        def passes(text: str) -> bool:
            return any(_holds(_words(text, between), phrase) for phrase in phrases)

        yield Test(field, lambda value: passes(str(value)))


def holds(field: str, part: str | None) -> Iterator[Test]:
    """Test that a field contains a text."""
    if part:
        text = part.strip("%").lower()
        yield Test(field, lambda value: text in str(value).lower())


def _candidates(ctx: Context, search: Search) -> Iterator[Event | None]:
    """Yield the events of the types and times, and ``None`` where others may have their turn."""
    for number, event in enumerate(ctx.events(newest=True), 1):
        if number % EVENTS_A_STEP == 0:
            yield None
        if search.newest is not None and event.number > search.newest:
            continue
        if event.type not in (TYPES if search.types is None else search.types):
            continue
        if event.time >= search.since and (search.until is None or event.time < search.until):
            yield event


def _matcher(tests: Sequence[Test], owner: int | None) -> Callable[[Event], bool]:
    """Return a function that tells whether an event passes all tests, and belongs to the subaccount if one is given.

    The log is long and its events are large, so only the tested fields are decoded.
    """
    if owner is not None:
        tests = [*tests, Test("subaccount_id", lambda value: int(value or 0) == owner)]
    if not tests:
        return lambda event: True
    decode = _decoder(frozenset(test.field for test in tests)).decode

    def matches(event: Event) -> bool:
        data = decode(event.data)
        return all(passes(getattr(data, field)) for field, passes in tests)

    return matches


@lru_cache(256)
def _decoder(fields: frozenset[str]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Data", [(field, Any, "") for field in sorted(fields)], gc=False))


def _words(text: str, between: re.Pattern[str]) -> list[str]:
    return [word for word in between.split(text.lower()) if word]


def _holds(words: list[str], phrase: list[str]) -> bool:
    if not phrase:
        return False
    return any(words[start : start + len(phrase)] == phrase for start in range(len(words) - len(phrase) + 1))
