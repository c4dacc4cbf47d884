"""Checking what comes in."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from sparkbox.core.declare.schema import MOST_FINDINGS, Body, Invalid, Problem, check


class Person(Body):
    name: str
    age: int = 0


class Party(Body):
    people: list[Person]
    anything: Any = None


PARTY: TypeAdapter[Party] = TypeAdapter(Party)


def problems(value: Any) -> list[Problem]:
    with pytest.raises(Invalid) as raised:
        check(PARTY, value, "body")
    return raised.value.problems


def test_a_body_is_checked_from_its_bytes() -> None:
    party = check(PARTY, b'{"people": [{"name": "Ada", "age": 36}]}', "body")
    assert party.people[0].age == 36


def test_a_decoded_body_is_checked_too() -> None:
    assert check(PARTY, {"people": [{"name": "Ada", "age": "36"}]}, "body").people[0].age == 36


def test_unknown_fields_are_ignored() -> None:
    assert not hasattr(check(PARTY, b'{"people": [], "colour": "red"}', "body"), "colour")


def test_a_problem_says_where_what_and_why() -> None:
    found = problems(b'{"people": [{"name": "Ada"}, {"name": 5}]}')
    assert found == [Problem("body", ("people", 1, "name"), "string_type", "Input should be a valid string", 5)]
    assert found[0].field == "people.1.name"


def test_everything_that_is_wrong_is_found() -> None:
    found = problems(b'{"people": [{}, {"name": "Ada", "age": "old"}]}')
    assert [(problem.field, problem.kind) for problem in found] == [
        ("people.0.name", "missing"),
        ("people.1.age", "int_parsing"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"people": [],}',
        b"\xff\xfe",
        b'{"anything": "\xff"}',
        b'{"anything": "\\ud800"}',
        b'{"anything": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"anything": ' + b"9" * 5000 + b"}",
        b'{"anything": "\x00"}',
        b"{'people': []}",
        b'{"people": [], "anything": NaN}',
        b'{"people": [], "anything": [-Infinity]}',
        b'{"people": [], "anything": {"a": Infinity}}',
    ],
)
def test_body_that_is_no_json_is_one_problem(body: bytes) -> None:
    assert [(problem.kind, problem.path) for problem in problems(body)] == [("json_invalid", ())]


def test_texts_may_speak_of_infinity() -> None:
    party = check(PARTY, b'{"people": [{"name": "NaN"}], "anything": "Infinity"}', "body")
    assert (party.people[0].name, party.anything) == ("NaN", "Infinity")


def test_a_hundred_problems_are_enough() -> None:
    assert len(problems(b'{"people": [' + b"1," * 500 + b"1]}")) == 100


def test_of_a_great_many_problems_only_their_number_is_told() -> None:
    found = problems(b'{"people": [' + b"1," * MOST_FINDINGS + b"1]}")
    assert [(problem.kind, problem.path) for problem in found] == [("too_many_errors", ())]
    assert str(MOST_FINDINGS + 1) in found[0].message
