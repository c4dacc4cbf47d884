"""Filters of metrics: https://developers.sparkpost.com/api/metrics/#header-filters.

Simple filters are lists, all of which must match. ``query_filters`` is a JSON object of groups and takes the place of
the simple ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from .. import errors
from .digests import Dimensions

Test = Callable[[Dimensions], bool]

FILTERS: dict[str, Callable[[Dimensions], str]] = {
    "domains": lambda message: message.recipient_domain,
    "sending_ips": lambda message: message.sending_ip,
    "ip_pools": lambda message: message.ip_pool,
    "campaigns": lambda message: message.campaign_id,
    "templates": lambda message: message.template_id,
    "sending_domains": lambda message: message.sending_domain,
    "subaccounts": lambda message: str(message.subaccount_id),
    "mailbox_providers": lambda message: message.mailbox_provider,
    "mailbox_provider_regions": lambda message: message.mailbox_provider_region,
    "subject_campaigns": lambda message: message.subject_campaign,
}
COMPARATORS = ("eq", "like", "notEq", "notLike")
OPERATORS = ("AND", "OR")
SHORTEST_PART = 3
MOST_CONDITIONS = 1000

_STRINGS = {"type": "array", "items": {"type": "string"}}
_PARTS = {"type": "array", "items": {"type": "string", "minLength": SHORTEST_PART}}

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema",
    "$id": "root",
    "type": "object",
    "title": "Advanced filters",
    "description": "Groups of filters; an event has to match all of them.",
    "default": {},
    "required": ["groupings"],
    "properties": {"groupings": {"$ref": "#/$defs/groupings"}},
    "additionalProperties": False,
    "$defs": {
        "groupings": {"type": "array", "items": {"$ref": "#/$defs/logicalOperators"}},
        "logicalOperators": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {operator: {"$ref": "#/$defs/filters"} for operator in OPERATORS},
            "additionalProperties": False,
        },
        "filters": {
            "type": "object",
            "properties": {key: {"$ref": "#/$defs/comparators"} for key in FILTERS},
            "additionalProperties": False,
        },
        "comparators": {
            "type": "object",
            "properties": {name: _PARTS if name.lower().endswith("like") else _STRINGS for name in COMPARATORS},
            "additionalProperties": False,
        },
    },
}


def simple(given: Mapping[str, list[str] | None]) -> list[Test]:
    """Return the tests of the simple filters, given by parameter."""
    return [_compared(key, "eq", values) for key, values in given.items() if values is not None]


def advanced(text: str) -> list[Test]:
    """Return the tests of ``query_filters``; raise an API error if it does not follow :data:`SCHEMA`."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _refused(["query_filters is not JSON"]) from None
    problems = _problems(given)
    if problems:
        raise _refused(problems)
    return [_grouping(grouping) for grouping in given["groupings"]]


def _refused(problems: list[str]) -> Exception:
    wrong = [{"message": problem} for problem in problems[:100]]
    problem = "query_filters does not follow its schema"
    return errors.INVALID_QUERY(problem=problem, param="query_filters", validationErrors=wrong)


def _grouping(grouping: dict[str, dict[str, dict[str, list[str]]]]) -> Test:
    ((operator, filters),) = grouping.items()
    tests = [_compared(key, name, values) for key, compared in filters.items() for name, values in compared.items()]
    if operator == "OR":
        return lambda message: not tests or any(test(message) for test in tests)
    return lambda message: all(test(message) for test in tests)


def _compared(key: str, comparator: str, wanted: list[str]) -> Test:
    read = FILTERS[key]
    values = frozenset(value.lower() for value in wanted)
    if comparator == "eq":
        return lambda message: read(message).lower() in values
    if comparator == "notEq":
        return lambda message: read(message).lower() not in values
    if comparator == "like":
        return lambda message: any(value in read(message).lower() for value in values)
    return lambda message: not any(value in read(message).lower() for value in values)


def _problems(given: Any) -> list[str]:
    if not isinstance(given, dict) or set(given) != {"groupings"} or not isinstance(given["groupings"], list):
        return ["query_filters must be an object with nothing but the array 'groupings'"]
    if len(given["groupings"]) > MOST_CONDITIONS:
        return [f"groupings must have at most {MOST_CONDITIONS} entries"]
    return [problem for index, grouping in enumerate(given["groupings"]) for problem in _wrong(index, grouping)]


def _wrong(index: int, grouping: Any) -> list[str]:
    place = f"groupings[{index}]"
    if not isinstance(grouping, dict) or len(grouping) != 1 or next(iter(grouping)) not in OPERATORS:
        return [f"{place} must have either AND or OR"]
    ((operator, filters),) = grouping.items()
    if not isinstance(filters, dict):
        return [f"{place}.{operator} must be an object"]
    problems = [f"{place}.{operator} has no filter '{key}'" for key in filters if key not in FILTERS]
    for key, compared in filters.items():
        where = f"{place}.{operator}.{key}"
        if not isinstance(compared, dict):
            problems.append(f"{where} must be an object")
            continue
        problems += [f"{where} has no comparator '{name}'" for name in compared if name not in COMPARATORS]
        for name, values in compared.items():
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                problems.append(f"{where}.{name} must be an array of strings")
            elif name.lower().endswith("like") and any(len(value) < SHORTEST_PART for value in values):
                problems.append(f"{where}.{name} takes strings of {SHORTEST_PART} characters or more")
    return problems
