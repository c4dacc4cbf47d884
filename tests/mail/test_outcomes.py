"""The addresses of test recipients, whose grammar all services that send mail share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.state.ids import Ids
from sparkbox.mail import outcomes
from sparkbox.mail.outcomes import (
    ACCEPTED,
    FAILING,
    HARD,
    LOST,
    MIX,
    MIXED,
    REASONS,
    TEST_DOMAINS,
    Outcome,
    outcome_of,
    settled,
)

GUIDE = Path(__file__).parents[2] / "docs" / "mail-outcomes.md"
WORDS = (
    "accept", "bounce", "hard-bounce", "soft-bounce", "undelivered", "delay", "expire", "oob", "fbl", "open",
    "openclick", "unsubscribe", "linkunsubscribe", "resubscribe", "mix",
)  # fmt: skip


@pytest.mark.parametrize(
    ("email", "outcome"),
    [
        ("ada@mail.example", None),
        ("ada@accept.mail.example", None),
        ("ada@mysink.test", None),
        ("ada@notmock.test", None),
        ("sink.test@mail.example", None),
        ("ada@nowhere.invalid", LOST),
        ("ada@sink.test", MIXED),
        ("ada@sink.sparkpostmail.com", MIXED),
        ("ada@accept.sink.test", ACCEPTED),
        ("ADA@OOB.Sink.SparkPostMail.com", Outcome("oob", 10)),
        ("ada@fbl.fred.wilma.sink.sparkpostmail.com", Outcome("fbl")),
        ("ada@openclick.bouncy-sink.trymsys.net", Outcome("openclick")),
        ("ada@foo.bar.bouncy-sink.trymsys.net", MIXED),
        ("ada@bounce.sink.test", Outcome("bounce", 10)),
        ("ada@bounce-22.sink.test", Outcome("bounce", 22)),
        ("ada@hard-bounce.sink.test", Outcome("bounce", 10)),
        ("ada@delay-3.sink.test", Outcome("accept", delays=3)),
        ("ada@delay-3.oob-22.sink.test", Outcome("oob", 22, 3)),
        ("ada@delay.team-a.sink.test", Outcome("accept", delays=1)),
        ("ada@delay.delay.sink.test", Outcome("accept", delays=1)),
        ("ada@oob-30.sink.test", Outcome("oob", 30)),
        ("ada@bounce-77.sink.test", FAILING),
        ("ada@delay-8.sink.test", FAILING),
        ("ada@delay-0.sink.test", FAILING),
        ("ada@accept-1.sink.test", FAILING),
        ("ada@mail.example.sink.sparkpostmail.com", FAILING),
        ("bounce-22@mock.test", Outcome("bounce", 22)),
        ("delay.fbl+ada@mock.test", Outcome("fbl", delays=1)),
        ("ada+x@click.mock.test", Outcome("openclick")),
        ("mix@mock.test", MIXED),
        ("ada@mock.test", None),
        ("ada@team-a.mock.test", None),
    ],
)
def test_outcome_is_named_by_the_address(email: str, outcome: Outcome | None) -> None:
    assert outcome_of(email) == outcome


@given(
    st.sampled_from(WORDS), st.sampled_from(TEST_DOMAINS), st.booleans(), st.from_regex(r"[a-z+.]{1,9}", fullmatch=True)
)
def test_outcome_is_the_same_at_every_test_domain(word: str, domain: str, delayed: bool, local: str) -> None:
    label = f"delay.{word}" if delayed else word
    assert outcome_of(f"{local}@{label}.{domain}") == outcome_of(f"{label}+ada@mock.test") is not None


@given(
    st.text(max_size=30),
    st.sampled_from(["", *(f"@{domain}" for domain in TEST_DOMAINS), *(f".{domain}" for domain in TEST_DOMAINS)]),
)
def test_outcome_of_any_address_is_none_or_complete(beginning: str, end: str) -> None:
    outcome = outcome_of(beginning + end)
    if outcome is not None:
        settled_one = settled(outcome, Ids("any"))
        assert settled_one.kind != "mix"
        assert not (settled_one.bounces or settled_one.kind == "oob") or settled_one.number in REASONS


def test_outcome_mix_is_complete_and_repeats_with_the_seed() -> None:
    found = [[settled(MIXED, Ids(seed)) for seed in range(400)] for _ in range(2)]
    assert found[0] == found[1]
    kinds = {"delay" if outcome.delays else outcome.kind for outcome in found[0]}
    assert kinds == set(MIX)


def test_outcome_retries_end_before_the_queue_limit() -> None:
    assert (
        outcomes.waited(outcomes.most_attempts() - 1)
        <= outcomes.LONGEST_IN_QUEUE
        < outcomes.waited(outcomes.most_attempts())
    )


def test_outcomes_guide_lists_every_word_and_bounce_class() -> None:
    guide = GUIDE.read_text("utf-8")
    words = re.findall(r"^\| `([a-z-]+)`", guide, re.MULTILINE)
    assert words == list(WORDS)
    assert set(re.findall(r"`([a-z-]+)`", outcomes.__doc__ or "")) >= {*WORDS, *outcomes._ALIASES}
    assert all(f"`{alias}`" in guide for alias in outcomes._ALIASES)
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| `([^`]+)` \| ?(\w*) ?\| `(\w+)` \|$", guide, re.MULTILINE)
    events = {**dict.fromkeys(REASONS, "soft_bounces"), **dict.fromkeys(outcomes.BLOCKED, "undelivered")}
    events |= dict.fromkeys(HARD, "hard_bounces")
    expected = [(str(n), str(reason), "yes" if n in HARD else "", events[n]) for n, reason in REASONS.items()]
    assert rows == expected
