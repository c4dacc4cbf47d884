"""Compare the shape of a live response with that of a recorded sample: names and types at every depth, not values.

Places are written as paths: ``results[].address.email``; ``{}`` stands for any name in an object whose names are data
(an address, a variable, somebody's metadata).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from contract_tests.fixtures import samples_of
from contract_tests.parts import parts
from contract_tests.wire import Exchange


@dataclass(frozen=True)
class Rules:
    """What a sample alone cannot show.

    ``optional``: names that may be there or not. ``maps``: objects whose names are data. ``free``: whatever is there is
    somebody's own, such as metadata.
    """

    optional: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()


def rules(*, optional: Collection[str] = (), maps: Collection[str] = (), free: Collection[str] = ()) -> Rules:
    return Rules(frozenset(optional), frozenset(maps), frozenset(free))


NO_RULES = Rules()


@dataclass
class _Shape:
    """What the samples of one place have in common: the types seen, an object's names and a list's items."""

    types: set[str] = field(default_factory=set)
    objects: int = 0
    names: dict[str, _Shape] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    items: _Shape | None = None


def differences(sample: Any, live: Any, rules: Rules = NO_RULES) -> list[str]:
    """Return what only one of ``live`` and ``sample`` has; empty if they agree.

    A name that some of the sample's rows lack is optional; where the sample has null, or an empty list, anything goes.
    """
    shape = _Shape()
    _learn(shape, sample, "", rules)
    return list(_compare(shape, live, "", rules))


def misshapen(exchange: Exchange) -> list[str]:
    """Return the differences between a response and its operation's sample of the same status."""
    operation = exchange.call.operation
    sample = None if operation is None else samples_of(exchange.call.service).get(operation.id)
    if operation is None or sample is None or exchange.status != sample["status"]:
        return []
    found = differences(sample["response"], exchange.response, _rules_of(exchange.call.service, operation.id))
    return [f"{operation.id}: {line}" for line in found]


@cache
def _rules_of(service: str, operation: str) -> Rules:
    tables: list[dict[str, Rules]] = [part.RULES for part in parts(service, "samples")]
    return next((table[operation] for table in tables if operation in table), NO_RULES)


def _learn(shape: _Shape, value: Any, path: str, rules: Rules) -> None:
    shape.types.add(_type(value))
    if isinstance(value, dict):
        shape.objects += 1
        for name, item in value.items():
            name = "{}" if path in rules.maps else name
            shape.seen[name] = shape.seen.get(name, 0) + 1
            _learn(shape.names.setdefault(name, _Shape()), item, _below(path, name), rules)
    elif isinstance(value, list):
        shape.items = shape.items or _Shape()
        for item in value:
            _learn(shape.items, item, f"{path}[]", rules)


def _compare(shape: _Shape, live: Any, path: str, rules: Rules) -> Iterator[str]:
    if path in rules.free or shape.types <= {"null"}:
        return
    if _type(live) not in shape.types:
        yield f"{path or 'the response'} is {_type(live)}, not {' or '.join(sorted(shape.types))}"
    elif isinstance(live, dict):
        yield from _compare_names(shape, live, path, rules)
    elif isinstance(live, list) and shape.items is not None and shape.items.types:
        for item in live:
            yield from _compare(shape.items, item, f"{path}[]", rules)


def _compare_names(shape: _Shape, live: dict[str, Any], path: str, rules: Rules) -> Iterator[str]:
    is_map = path in rules.maps
    for name, item in live.items():
        place = _below(path, "{}" if is_map else name)
        known = shape.names.get("{}" if is_map else name)
        if known is not None:
            yield from _compare(known, item, place, rules)
        elif not is_map and place not in rules.optional:
            yield f"{place} is in the response and not in the sample"
    for name, count in shape.seen.items():
        if not is_map and name not in live and count == shape.objects and _below(path, name) not in rules.optional:
            yield f"{_below(path, name)} is in the sample and not in the response"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"
