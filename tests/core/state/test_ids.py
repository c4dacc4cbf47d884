"""Ids from a seed."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.state.ids import LOWER_ALPHANUMERIC, Ids


def some(ids: Ids) -> list[str]:
    return [ids.digits(12), ids.hex(24), ids.text(10), ids.uuid(), str(ids.random()), ids.choice("abc")]


def test_the_same_seed_gives_the_same_ids() -> None:
    assert some(Ids("0:mock-key")) == some(Ids("0:mock-key"))


def test_another_seed_gives_other_ids() -> None:
    assert some(Ids("0:mock-key")) != some(Ids("1:mock-key"))
    assert some(Ids("0:mock-key")) != some(Ids("0:mock-other"))


def test_the_ids_of_a_seed_are_the_same_on_every_machine() -> None:
    assert Ids("0:mock-key").uuid() == "267f040f-dfc2-4599-8214-d1b732eab41a"


@given(st.integers(), st.integers(1, 40))
def test_digits_are_so_many_and_begin_with_no_zero(seed: int, count: int) -> None:
    digits = Ids(seed).digits(count)
    assert len(digits) == count
    assert digits.isdigit()
    assert digits[0] != "0"


@given(st.integers(), st.integers(1, 64))
def test_hex_digits_are_so_many(seed: int, count: int) -> None:
    digits = Ids(seed).hex(count)
    assert len(digits) == count
    assert set(digits) <= set("0123456789abcdef")


@given(st.integers(), st.integers(0, 40), st.text(min_size=1))
def test_text_is_of_its_alphabet(seed: int, count: int, alphabet: str) -> None:
    text = Ids(seed).text(count, alphabet)
    assert len(text) == count
    assert set(text) <= set(alphabet)


@pytest.mark.parametrize("seed", range(20))
def test_a_uuid_is_of_version_4(seed: int) -> None:
    assert UUID(Ids(seed).uuid()).version == 4


def test_text_is_lower_case_letters_and_digits_unless_told() -> None:
    assert set(Ids(0).text(1000)) == set(LOWER_ALPHANUMERIC)
