"""Comparing shapes of responses."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.shapes import Rules, differences, rules


@pytest.mark.parametrize(
    ("sample", "live"),
    [
        ({"a": 1, "b": "x"}, {"a": 2.5, "b": ""}),
        ([{"a": 1}, {"a": None}], [{"a": None}, {"a": 7}]),
        ([{"a": 1, "b": 2}, {"a": 1}], [{"a": 3}]),
        ({"rows": []}, {"rows": [{"anything": 1}]}),
        ({"rows": [{"a": 1}]}, {"rows": []}),
        ({"a": None}, {"a": {"b": 1}}),
        (None, None),
    ],
)
def test_matching_shapes_have_no_differences(sample: Any, live: Any) -> None:
    assert differences(sample, live) == []


@pytest.mark.parametrize(
    ("sample", "live", "said"),
    [
        ({"a": 1}, {"a": "1"}, "a is string, not number"),
        ({"a": True}, {"a": 1}, "a is number, not boolean"),
        ({"a": 1}, {"a": True}, "a is boolean, not number"),
        ({"a": 1}, {"a": None}, "a is null, not number"),
        ({"a": 1}, {}, "a is in the sample and not in the response"),
        ({}, {"a": 1}, "a is in the response and not in the sample"),
        ({"a": [{"b": {"c": 1}}]}, {"a": [{"b": {}}]}, "a[].b.c is in the sample and not in the response"),
        ([1], {"a": 1}, "the response is object, not list"),
        ([1, "x"], [None], "[] is null, not number or string"),
        ({"a": 1}, None, "the response is null, not object"),
    ],
)
def test_each_difference_of_shape_is_named(sample: Any, live: Any, said: str) -> None:
    assert differences(sample, live) == [said]


@pytest.mark.parametrize(
    ("live", "rule"),
    [
        ({"a": {"b": 1}, "c": 2}, rules(optional=["c"])),
        ({"a": {}}, rules(optional=["a.b"])),
        ({"a": {"b": "x", "d": []}}, rules(free=["a"])),
        ({"a": {"x": 1, "y": 2}}, rules(maps=["a"])),
        ({"a": {}}, rules(maps=["a"])),
    ],
)
def test_rules_allow_optional_and_arbitrary_parts(live: Any, rule: Rules) -> None:
    sample = {"a": {"b": 1}}
    assert differences(sample, live) != []
    assert differences(sample, live, rule) == []


def test_values_of_a_map_are_compared() -> None:
    found = differences({"a": {"x": 1}}, {"a": {"y": "1"}}, rules(maps=["a"]))
    assert found == ["a.{} is string, not number"]
