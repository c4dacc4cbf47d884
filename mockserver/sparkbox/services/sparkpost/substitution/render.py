"""Rendering: a compiled body is a flat list of literal texts and functions, which write to one list of pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from .errors import TemplateError, render_error
from .values import is_true

MAX_DEPTH = 50
MAX_OUTPUT = 20_000_000
MAX_SNIPPETS = 5
_MAX_STEPS = 400_000
"""For all parts of one message together."""


class Allowance:
    """The work that the templates of a message may do. A context manager: parts rendered in it share one allowance."""

    __slots__ = ("_until", "done")

    def __init__(self) -> None:
        self.done = 0
        """The steps of all renderings so far, for callers that yield after a number of them."""
        self._until: int | None = None

    def left(self) -> int:
        return _MAX_STEPS if self._until is None else max(0, self._until - self.done)

    def __enter__(self) -> None:
        self._until = self.done + _MAX_STEPS

    def __exit__(self, *_: object) -> None:
        self._until = None


allowance = Allowance()
"""There is only one, because rendering is never interrupted."""

Snippets = Callable[[str], str | None]


class Renderable(Protocol):
    """The part of a compiled template that an inclusion needs."""

    @property
    def depth(self) -> int: ...

    @property
    def weight(self) -> int: ...

    def body(self, html: bool, tracked: bool) -> Body: ...


class Scope(msgspec.Struct):
    """One rendering: its data, loop variables, output, and remaining allowance."""

    data: Mapping[str, object]
    html: bool
    tracked: bool
    snippets: Snippets | None
    compile: Callable[[str], Renderable]
    get: Callable[[str], object]
    steps: int
    pieces: list[str] = []
    edges: list[int] = []
    compiled: dict[str, Renderable] = {}
    budget: int = MAX_OUTPUT
    snippets_left: int = MAX_SNIPPETS
    in_snippet: bool = False
    depth: int = 0
    loop_index: int = 0
    loop_var: object = None
    loop_vars: dict[str, object] = {}


Evaluate = Callable[[Scope], object]
Write = Callable[[Scope], str]


@dataclass(frozen=True, slots=True)
class Body:
    """Literal texts, and functions that return text. The function of a block writes itself and returns ""."""

    steps: Sequence[str | Write]
    text_length: int
    line: int


def run(body: Body, scope: Scope) -> None:
    """Write the body. Raise 3001 when the output exceeds 20 million characters."""
    append = scope.pieces.append
    scope.budget -= body.text_length
    for step in body.steps:
        if step.__class__ is str:
            append(step)
            continue
        piece = step(scope)  # type: ignore[operator]
        if piece:
            append(piece)
            scope.budget -= len(piece)
            if scope.budget < 0:
                break
    if scope.budget < 0:
        raise render_error(body.line, f"the rendered content is larger than {MAX_OUTPUT} characters")


def choice(branches: Sequence[tuple[Evaluate | None, Body]]) -> Write:
    """`if`: the first branch with a true condition; None is the condition of `else`."""

    def write(scope: Scope) -> str:
        for condition, body in branches:
            if condition is None or is_true(condition(scope)):
                run(body, scope)
                break
        return ""

    return write


def loop(items: Evaluate, name: str | None, body: Body, weight: int, line: int) -> Write:
    """`each`: the body for each item of an array, with the loop's variables."""

    def write(scope: Scope) -> str:
        found = items(scope)
        if not isinstance(found, (list, tuple)):
            if found is None or isinstance(found, Mapping):
                return ""  # assumed for objects: only arrays can be iterated.
            raise render_error(line, "'each' needs an array")
        outside = scope.loop_index, scope.loop_var, scope.loop_vars
        loop_vars = scope.loop_vars = dict(scope.loop_vars)
        for index, item in enumerate(found, 1):
            spend(scope, weight, line)
            scope.loop_index = index  # assumed: from 1, like all indexes.
            scope.loop_var = item
            if name is not None:
                loop_vars[name] = item
            run(body, scope)
        scope.loop_index, scope.loop_var, scope.loop_vars = outside
        return ""

    return write


def without_last_break(block: Write) -> Write:
    """Write the block without its last line break: the text after its `end` stays on the line."""

    def write(scope: Scope) -> str:
        pieces = scope.pieces
        before = len(pieces)
        block(scope)
        if len(pieces) > before and pieces[-1].endswith("\n"):
            pieces[-1] = pieces[-1].removesuffix("\n").removesuffix("\r")
        return ""

    return write


def include(scope: Scope, source: str, depth: int, line: int, what: str) -> None:
    """Render another source here, with the same data and loop variables."""
    try:
        template = scope.compiled.get(source)
        if template is None:
            template = scope.compiled[source] = scope.compile(source)
        spend(scope, template.weight, line)
        outside = scope.depth
        scope.depth += depth
        if scope.depth + template.depth > MAX_DEPTH:
            raise render_error(1, "nested too deeply")
        run(template.body(scope.html, scope.tracked), scope)
        scope.depth = outside
    except TemplateError as error:
        message = error.message if error.message.startswith(what) else f"{what}: {error}"
        raise render_error(line, message) from error


def spend(scope: Scope, steps: int, line: int) -> None:
    """Raise 3001 for a template with endless nested loops."""
    scope.steps -= steps
    if scope.steps < 0:
        raise render_error(line, "too many iterations")
