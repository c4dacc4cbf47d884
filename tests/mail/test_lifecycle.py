"""The lifecycle of a mail, for a service of two events and for one that records every attempt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.state import jobs as jobs_module
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.steps import Steps, complete
from sparkbox.mail.lifecycle import Happening, MailLifecycle, Timetable
from sparkbox.mail.outcomes import LONGEST_IN_QUEUE, PUT_OFF, Outcome, outcome_of, settled, waited
from tests.core.office import Office
from tests.mail.test_outcomes import WORDS

MARCH = 1_772_366_400.0

SILENT = Timetable("arrived", lambda outcome: "back", returned_after=60.0, reactions={"open": ((5.0, "opened"),)})
CHATTY = Timetable(
    "arrived",
    lambda outcome: "returned" if outcome.kind == "oob" else "back",
    returned_after=60.0,
    reactions={"open": ((5.0, "opened"), (0.0, "read"))},
    delayed="late",
    first_attempt=1.0,
)


def outcome(word: str) -> Outcome:
    found = outcome_of(f"{word}@mock.test")
    assert found is not None
    return settled(found, Ids("any"))


@pytest.mark.parametrize(
    ("word", "silent", "chatty"),
    [
        ("accept", [(0, "arrived")], [(1, "arrived")]),
        ("bounce", [(0, "back")], [(1, "back")]),
        ("open", [(0, "arrived"), (5, "opened")], [(1, "arrived"), (5, "opened"), (0, "read")]),
        ("oob", [(0, "arrived"), (60, "back")], [(1, "arrived"), (60, "returned")]),
        ("delay-2", [(3600, "arrived")], [(1, "late"), (1200, "late"), (2400, "arrived")]),
        ("delay.bounce", [(1200, "back")], [(1, "late"), (1200, "back")]),
    ],
)
def test_timetable_names_and_times_what_happens(
    word: str, silent: list[tuple[float, str]], chatty: list[tuple[float, str]]
) -> None:
    assert [each[:2] for each in SILENT.happenings(outcome(word))] == silent
    assert [each[:2] for each in CHATTY.happenings(outcome(word))] == chatty


@given(st.sampled_from(WORDS), st.integers(0, 7), st.sampled_from([SILENT, CHATTY]))
def test_timetable_delivers_or_bounces_every_mail_once(word: str, delays: int, timetable: Timetable) -> None:
    wanted = outcome(f"delay-{delays}.{word}" if delays and word not in ("delay", "expire") else word)
    happenings = timetable.happenings(wanted)
    late = [each for each in happenings if each.event == "late"]
    assert [each.retries for each in late] == list(range(wanted.delays if timetable.delayed else 0))
    assert all(each.reason == PUT_OFF for each in late)
    first = happenings[len(late)]
    assert first.event == ("back" if wanted.bounces else "arrived")
    assert (first.retries, first.reason) == (wanted.delays, wanted.reason if wanted.bounces else None)
    expected = LONGEST_IN_QUEUE if wanted.kind == "expire" else timetable.first_attempt + waited(wanted.delays)
    assert sum(each.after for each in happenings[: len(late) + 1]) == expected
    assert all(each.after >= 0 for each in happenings)


# On the clock.

MAILS = {1: "one", 2: "two"}


def happen(ctx: Context, mail: str, happening: Happening) -> Steps[None]:
    yield
    ctx.emit(happening.event, {"mail": mail})


LIFECYCLE = MailLifecycle(lambda ctx, number: MAILS.get(number), happen)


def begin(office: Office, number: int, word: str) -> list[tuple[str, float]]:
    """Begin a lifecycle, let a day pass, and return what happened when."""
    account = office.account()
    account.clock.freeze(MARCH)
    complete(LIFECYCLE.begin(office.context(), number, SILENT.happenings(outcome(word))))
    account.clock.advance(86_400)
    return [(event.type, event.time - MARCH) for event in account.events.oldest()]


def test_lifecycle_of_a_mail_begins_at_once_and_continues_on_the_clock() -> None:
    assert begin(Office(), 1, "open") == [("arrived", 0), ("opened", 5)]
    assert begin(Office(), 1, "delay.open") == [("arrived", 1200), ("opened", 1205)]


def test_lifecycle_of_an_unknown_mail_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert begin(Office(), 3, "open") == []
    office = Office()
    office.account().clock.freeze(MARCH)
    complete(LIFECYCLE.begin(office.context(), 1, SILENT.happenings(outcome("open"))))
    monkeypatch.delitem(MAILS, 1)
    office.account().clock.advance(86_400)
    assert [event.type for event in office.account().events.oldest()] == ["arrived"]
    assert office.account().clock.waiting == 0


def test_lifecycle_of_a_mail_runs_at_once_on_a_full_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 0)
    assert begin(Office(), 2, "delay.open") == [("arrived", 0), ("opened", 0)]
