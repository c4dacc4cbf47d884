"""Count the steps of a backtracking matcher: a small one of our own that works like ``re``.

It is made from what ``re`` itself parsed, and asks ``re`` about single characters and places only. Each character that
is looked at, and each round of a group, is a step. It knows no shortcuts but the ones that a pattern asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

_compiler: Any = re._compiler  # type: ignore[attr-defined]
_parser: Any = re._parser
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}

Match = Callable[[int], "int | None"]
"""Continues from a place; returns the end of the match, or ``None``."""
Node = Callable[[int, Match], "int | None"]

MOST = 400_000


class TooMany(Exception):
    """More than :data:`MOST` steps."""


class Counter:
    """Matches a pattern and counts steps. ``run`` returns the spans, to be compared with those of ``re``."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.pattern = pattern
        self.tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self.steps = 0
        self._text: Any = ""
        self._groups: dict[int, tuple[int, int]] = {}
        self._tests: dict[str, Callable[[Any], bool]] = {}
        self._node = self._sequence(list(self.tree))

    def run(self, method: str, text: Any) -> list[tuple[int, int]]:
        """Return what ``fullmatch``, ``match``, ``search`` or ``finditer`` finds."""
        self._text, self.steps = text, 0
        found: list[tuple[int, int]] = []
        start = 0
        while start <= len(text):
            self._groups = {}
            end = self._node(start, _at_end(len(text)) if method == "fullmatch" else lambda place: place)
            if end is not None:
                found.append((start, end))
                if method == "finditer":
                    start = end if end > start else start + 1
                    continue
            if end is not None or method in ("fullmatch", "match"):
                break
            start += 1
        return found

    def accepts(self, character: Any) -> tuple[bool, ...]:
        """Return which of the pattern's characters and classes match a character."""
        return tuple(test(character) for test in self._tests.values())

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST:
            raise TooMany(self.pattern.pattern)

    def _little(self, op: Any, argument: Any) -> re.Pattern[Any]:
        tree = _parser.SubPattern(self.tree.state, [(op, argument)])
        little: re.Pattern[Any] = _compiler.compile(tree, self.pattern.flags & ~re.DEBUG)
        return little

    def test(self, op: Any, argument: Any) -> Callable[[Any], bool]:
        """Return what tells whether a character matches."""
        key = f"{op} {argument}"
        if key in self._tests:
            return self._tests[key]
        matches = self._little(op, argument).fullmatch
        known: dict[Any, bool] = {}

        def fits(character: Any) -> bool:
            if character not in known:
                known[character] = matches(character) is not None
            return known[character]

        self._tests[key] = fits
        return fits

    def _sequence(self, items: Iterable[tuple[Any, Any]]) -> Node:
        nodes = [self._one(str(op), op, argument) for op, argument in items]
        if not nodes:
            return lambda place, go_on: go_on(place)
        if len(nodes) == 1:
            return nodes[0]
        first, rest = nodes[0], nodes[1:]
        for node in reversed(rest[:-1]):
            rest[-1] = _joined(node, rest[-1])
        return _joined(first, rest[-1])

    def _one(self, name: str, op: Any, argument: Any) -> Node:
        match name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return self._character(self.test(op, argument))
            case "AT":
                at = self._little(op, argument).match

                def place_fits(place: int, go_on: Match) -> int | None:
                    return go_on(place) if at(self._text, place) is not None else None

                return place_fits
            case "BRANCH":
                return self._branch([self._sequence(list(branch)) for branch in argument[1]])
            case "SUBPATTERN":
                group, _, _, inner = argument
                return self._group(group, self._sequence(list(inner)))
            case "ATOMIC_GROUP":
                return _atomic(self._sequence(list(argument)))
            case "ASSERT" | "ASSERT_NOT":
                return self._assertion(argument[0], list(argument[1]), name == "ASSERT")
            case "GROUPREF":
                return self._reference(argument)
        if name in _REPEATS:
            return self._repeat(name, *argument)
        raise NotImplementedError(name)

    def _character(self, fits: Callable[[Any], bool]) -> Node:
        def character(place: int, go_on: Match) -> int | None:
            self._step()
            text = self._text
            return go_on(place + 1) if place < len(text) and fits(text[place : place + 1]) else None

        return character

    def _branch(self, nodes: list[Node]) -> Node:
        def branch(place: int, go_on: Match) -> int | None:
            for node in nodes:
                end = node(place, go_on)
                if end is not None:
                    return end
            return None

        return branch

    def _group(self, group: int | None, node: Node) -> Node:
        if group is None:
            return node

        def grouped(place: int, go_on: Match) -> int | None:
            before = self._groups.get(group)

            def closed(end: int) -> int | None:
                self._groups[group] = (place, end)
                return go_on(end)

            end = node(place, closed)
            if end is None:
                if before is None:
                    self._groups.pop(group, None)
                else:
                    self._groups[group] = before
            return end

        return grouped

    def _reference(self, group: int) -> Node:
        def reference(place: int, go_on: Match) -> int | None:
            if group not in self._groups:
                return None
            begin, end = self._groups[group]
            for offset in range(end - begin):
                self._step()
                if self._text[begin + offset : begin + offset + 1] != self._text[place + offset : place + offset + 1]:
                    return None
            return go_on(place + end - begin)

        return reference

    def _assertion(self, direction: int, items: list[tuple[Any, Any]], wanted: bool) -> Node:
        node = self._sequence(items)
        width = _parser.SubPattern(self.tree.state, items).getwidth()[0] if direction < 0 else 0

        def assertion(place: int, go_on: Match) -> int | None:
            found = None if place < width else node(place - width, lambda end: end)
            return go_on(place) if (found is not None) == wanted else None

        return assertion

    def _repeat(self, name: str, fewest: int, most: int, inner: Any) -> Node:
        items = list(inner)
        if name == "POSSESSIVE_REPEAT":
            return _atomic(self._repeat("MAX_REPEAT", fewest, most, inner))
        if len(items) == 1 and str(items[0][0]) in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            fits = self.test(*items[0])
            return self._run(fits, fewest, int(most)) if name == "MAX_REPEAT" else self._lazy(fits, fewest, int(most))
        node, limit, greedy = self._sequence(items), int(most), name == "MAX_REPEAT"

        def repeat(place: int, go_on: Match, done: int = 0) -> int | None:
            self._step()

            def again(end: int) -> int | None:
                # A round that consumes nothing is not repeated.
                return repeat(end, go_on, done + 1) if end > place or done < fewest else None

            if done < fewest:
                return node(place, again)
            if not greedy:
                end = go_on(place)
                return node(place, again) if end is None and done < limit else end
            end = node(place, again) if done < limit else None
            return go_on(place) if end is None else end

        return repeat

    def _run(self, fits: Callable[[Any], bool], fewest: int, most: int) -> Node:
        def run(place: int, go_on: Match) -> int | None:
            text, end = self._text, place
            last = min(len(text), place + most)
            while end < last and fits(text[end : end + 1]):
                self._step()
                end += 1
            self._step()
            while end >= place + fewest:
                found = go_on(end)
                if found is not None:
                    return found
                end -= 1
                self._step()
            return None

        return run

    def _lazy(self, fits: Callable[[Any], bool], fewest: int, most: int) -> Node:
        def lazy(place: int, go_on: Match) -> int | None:
            text, taken = self._text, 0
            while True:
                self._step()
                if taken >= fewest:
                    found = go_on(place + taken)
                    if found is not None:
                        return found
                if taken >= most or place + taken >= len(text) or not fits(text[place + taken : place + taken + 1]):
                    return None
                taken += 1

        return lazy


def _at_end(last: int) -> Match:
    return lambda place: place if place == last else None


def _joined(first: Node, second: Node) -> Node:
    return lambda place, go_on: first(place, lambda end: second(end, go_on))


def _atomic(node: Node) -> Node:
    def atomic(place: int, go_on: Match) -> int | None:
        end = node(place, lambda end: end)
        return None if end is None else go_on(end)

    return atomic
