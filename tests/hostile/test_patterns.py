"""Every regular expression of the package, attacked: twice the text may take about twice the steps.

The patterns are found by walking the package, so a new one is covered at once. The attacks are made from the pattern
itself: a text that it takes, some piece of that over and over, and an end that does not fit.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import product
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

import sparkbox
from tests.hostile.steps import Counter, TooMany

METHODS = {
    "fullmatch": "fullmatch", "match": "match", "search": "search", "sub": "finditer", "subn": "finditer",
    "split": "finditer", "findall": "finditer", "finditer": "finditer",
}  # fmt: skip
SAMPLES = 10
MOST_ATTACKS = 250
LOOK = 60
"""Characters of the first attempt; only an attack of :data:`SUSPICIOUS` steps a character is repeated with more."""
SUSPICIOUS = 7
SIZES = (200, 400)
GROWTH = 2.6

Text = Any
"""A ``str`` or ``bytes``."""


class Used(NamedTuple):
    """A pattern, its place, and the methods that are called."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


@cache
def modules() -> tuple[ModuleType, ...]:
    found = [module.name for module in pkgutil.walk_packages(sparkbox.__path__, "sparkbox.")]
    return tuple(import_module(name) for name in found if not name.endswith("__main__"))


@cache
def tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    """Patterns in a module's variable, a class or a container."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from patterns_in(each, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from patterns_in(each, depth - 1)
    elif depth and isinstance(value, type) and value.__module__.startswith("sparkbox."):
        for each in list(vars(value).values()):
            yield from patterns_in(each, depth - 1)


def methods_of(name: str, module: ModuleType) -> frozenset[str]:
    """Return the methods that are called of a variable's patterns; all of them if no call is seen."""
    where = [module] if name.startswith("_") else modules()
    methods = set()
    for each in where:
        for node in ast.walk(tree(each)):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                owner = node.value
                called = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
                if called == name:
                    methods.add(METHODS[node.attr])
    return frozenset(methods) or frozenset(METHODS.values())


def variables() -> Iterator[Used]:
    for module in modules():
        for name, value in list(vars(module).items()):
            for pattern in patterns_in(value):
                yield Used(f"{module.__name__}.{name}", pattern, methods_of(name, module))


def calls() -> Iterator[Used]:
    """Yield the patterns in calls of the functions of ``re``. Fail on a pattern that is not known here."""
    for module in modules():
        for node in ast.walk(tree(module)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
                continue
            method = METHODS.get(node.func.attr)
            place = f"{module.__name__}:{node.lineno}"
            if method is not None:
                pattern = sample_of(node.args[0], module, place)
                yield Used(place, re.compile(pattern), frozenset({method}))
            elif node.func.attr == "compile" and node.col_offset and not at_import(node, module):
                yield Used(place, re.compile(sample_of(node.args[0], module, place)), frozenset(METHODS.values()))


def at_import(call: ast.Call, module: ModuleType) -> bool:
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return not any(call in list(ast.walk(function)) for function in functions)


def sample_of(node: ast.expr, module: ModuleType, place: str) -> Text:
    """Return the pattern, with a harmless text where one is put into it with ``re.escape``."""
    match node:
        case ast.Constant(value=str() | bytes()):
            return node.value
        case ast.Name(id=name) if isinstance(getattr(module, name, None), (str, bytes)):
            return getattr(module, name)
        case ast.BinOp(left=ast.Name(id=name), op=ast.Mod(), right=ast.Call(func=ast.Attribute(attr="escape"))):
            template = getattr(module, name)
            return template % (re.escape("a-a") if isinstance(template, str) else re.escape(b"a-a"))
        case _:
            pytest.fail(f"{place}: a pattern that is made while the sandbox runs; make it at import")


@cache
def every() -> dict[tuple[Any, int], Used]:
    found: dict[tuple[Any, int], Used] = {}
    for used in (*variables(), *calls()):
        key = (used.pattern.pattern, used.pattern.flags)
        known = found.get(key)
        found[key] = used if known is None else known._replace(methods=known.methods | used.methods)
    return found


class Writer:
    """Writes texts that match a pattern, of characters that most of its classes share, or the fewest."""

    def __init__(self, counter: Counter) -> None:
        text = isinstance(counter.pattern.pattern, str)
        alphabet: list[Text] = [chr(code) for code in range(128)] if text else [bytes([code]) for code in range(256)]
        if text:
            alphabet += ["é", "\u2028", "٣", "\U0001f600"]
        # One for each set of classes that match it.
        kinds = {counter.accepts(character): character for character in reversed(alphabet)}
        self.characters = sorted(kinds.values(), key=lambda one: -sum(counter.accepts(one)))
        self.empty: Text = "" if text else b""
        self._counter = counter

    def write(self, items: Any, choice: int, extra: int) -> Text:
        whole = self.empty
        for op, argument in items:
            whole += self._one(str(op), op, argument, choice, extra)
        return whole

    def _one(self, name: str, op: Any, argument: Any, choice: int, extra: int) -> Text:
        match name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                fits = self._counter.test(op, argument)
                fitting = [one for one in self.characters if fits(one)]
                if not fitting and name == "LITERAL":
                    return chr(argument) if isinstance(self.empty, str) else bytes([argument])
                return fitting[(0, -1, len(fitting) // 2)[choice % 3]] if fitting else self.empty
            case "BRANCH":
                branches = argument[1]
                return self.write(list(branches[choice % len(branches)]), choice, extra)
            case "SUBPATTERN":
                return self.write(list(argument[3]), choice, extra)
            case "ATOMIC_GROUP":
                return self.write(list(argument), choice, extra)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                fewest, most, inner = argument
                times = min(fewest + extra, int(most), max(fewest, 2))
                return self.empty.join(self.write(list(inner), choice + number, extra) for number in range(times))
        return self.empty


class Attack(NamedTuple):
    before: Text
    pump: Text
    after: Text

    def text(self, size: int) -> Text:
        return self.before + self.pump * -(-size // len(self.pump)) + self.after


def attacks(counter: Counter) -> list[Attack]:
    writer = Writer(counter)
    items = list(counter.tree)
    samples = dict.fromkeys(
        writer.write(items, choice, extra)[:40] for extra, choice in product((1, 0, 2), range(SAMPLES))
    )
    ends = dict.fromkeys([writer.characters[-1], writer.empty, writer.characters[0]])
    found: dict[Attack, None] = {}
    pumps = [(writer.empty, one) for one in writer.characters]
    for sample in samples:
        short = [(start, length) for length in range(1, 9) for start in range(len(sample) - length + 1)]
        pumps += [(sample[:start], sample[start : start + length]) for start, length in short]
        pumps.append((writer.empty, sample))
        pumps += [(sample[:start], one) for start in range(len(sample) + 1) for one in writer.characters[:4]]
        pumps += [(writer.empty, sample[:length]) for length in range(1, len(sample) + 1)]
    # Evenly from all of them, where there are too many.
    pumps = [pair for pair in dict.fromkeys(pumps) if pair[1]]
    for before, pump in pumps[:: len(pumps) // MOST_ATTACKS + 1]:
        for end in ends:
            found[Attack(before, pump, end)] = None
    return list(found)


def grows(used: Used) -> str:
    """Return the attack under which the work grows faster than the text; empty without one."""
    counter = Counter(used.pattern)
    for method in sorted(used.methods):
        for attack in attacks(counter):
            try:
                text = attack.text(LOOK)
                found = counter.run(method, text)
                assert found == spans(used.pattern, method, text), (used, text)
                if counter.steps <= SUSPICIOUS * len(text):
                    continue
                steps = []
                for size in SIZES:
                    counter.run(method, attack.text(size))
                    steps.append(counter.steps)
            except TooMany:
                return f"{method} {attack}: endless"
            if steps[1] > GROWTH * steps[0]:
                return f"{method} {attack}: {steps}"
    return ""


def spans(pattern: re.Pattern[Any], method: str, text: Text) -> list[tuple[int, int]]:
    """Return what ``re`` finds; the counter has to find the same."""
    if method == "finditer":
        return [match.span() for match in pattern.finditer(text)]
    match = getattr(pattern, method)(text)
    return [] if match is None else [match.span()]


@pytest.fixture(autouse=True)
def deep(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    yield
    sys.setrecursionlimit(limit)


def test_patterns_of_the_package_take_linear_work() -> None:
    wrong = {used.place: found for used in every().values() if (found := grows(used))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?: ?[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)+", "fullmatch"),
        (r"(a+)+", "fullmatch"),
        (r"(?:a|a)*", "fullmatch"),
        (r"a*a*", "fullmatch"),
        (r"\s*(\w+\s*)*", "fullmatch"),
        (r"\s+$", "search"),
        (r"<a\s[^>]*>", "search"),
        (r"(?s)<!--.*?-->", "finditer"),
        (r"(?is)<(script|style|head)\b.*?</\1\s*>", "finditer"),
        (r"<a\s[^>]{0,4000}?\bhref", "finditer"),
        (r"[^\n]{1000}", "search"),
    ],
)
def test_patterns_with_exponential_work_are_found(pattern: str, method: str) -> None:
    assert grows(Used("here", re.compile(pattern), frozenset({method})))


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"[a-z]+(?: [a-z]+)*", "fullmatch"),
        (r"\s+", "finditer"),
        (r"<[^<>]*>", "finditer"),
        (r"(?:a++ ?+)*+", "search"),
    ],
)
def test_patterns_with_linear_work_are_accepted(pattern: str, method: str) -> None:
    assert grows(Used("here", re.compile(pattern), frozenset({method}))) == ""


def test_patterns_are_found_in_variables_and_calls() -> None:
    places = {used.place for used in every().values()}
    assert len(places) > 80
    assert {"sparkbox.mail.build._PLAIN_NAME", "sparkbox.mail.html._RAW_ENDS"} <= places


_RECORD = """
import importlib, pkgutil, re, sys
made, compile = set(), re.compile

def record(pattern, flags=0):
    found = compile(pattern, flags)
    if sys._getframe(1).f_globals.get("__name__", "").startswith("sparkbox."):
        made.add((found.pattern, found.flags))
    return found

re.compile = record
import sparkbox
for module in pkgutil.walk_packages(sparkbox.__path__, "sparkbox."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(made)
"""


def test_patterns_made_at_import_are_all_found() -> None:
    """In an attribute of an object, deep in a container, or as its bound method only."""
    recorded = subprocess.run([sys.executable, "-c", _RECORD], check=True, capture_output=True, text=True).stdout
    made = ast.literal_eval(recorded)
    assert len(made) > 80
    assert made - every().keys() == set()


def test_patterns_are_made_by_re_under_its_own_name() -> None:
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Import):
                assert all(name.asname is None for name in node.names if name.name == "re"), module.__name__
            assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), module.__name__


def test_patterns_of_pydantic_use_its_linear_engine() -> None:
    """Its other engine is ``re``, used by a model that asks for it or a field with a compiled pattern."""

    def below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
        yield model
        for each in model.__subclasses__():
            yield from below(each)

    modules()
    assert {model.model_config.get("regex_engine", "rust-regex") for model in below(BaseModel)} == {"rust-regex"}
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.keyword) and node.arg == "pattern":
                assert isinstance(node.value, ast.Constant), module.__name__
