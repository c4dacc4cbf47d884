"""Rendering: a compiled body is a flat list of texts, functions and blocks, which write to one list of pieces.

Blocks that may take long, such as loops, work in steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from sparkbox.core.state.steps import Steps

from .errors import TemplateError, render_error
from .values import is_true

MAX_DEPTH = 50
MAX_OUTPUT = 20_000_000
MAX_SNIPPETS = 5
_MAX_STEPS = 400_000
"""For all parts of one message together."""
WORK_A_STEP = 40_000

T = TypeVar("T")


class Allowance:
    """The work that the templates of a message may do."""

    __slots__ = ("_until", "done")

    def __init__(self) -> None:
        self.done = 0
        """The steps of all renderings so far, for callers that yield after a number of them."""
        self._until: int | None = None

    def left(self) -> int:
        return _MAX_STEPS if self._until is None else max(0, self._until - self.done)

    def shared(self, rendering: Steps[T]) -> Steps[T]:
        """Render the parts of a message with one allowance for all of them. Between the steps, others have theirs."""
        left = _MAX_STEPS
        while True:
            self._until = self.done + left
            try:
                next(rendering)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            finally:
                left, self._until = self.left(), None
            yield


allowance = Allowance()
"""There is only one, because no two messages are rendered in the same step."""

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
    pause: int
    """How many of the steps are left when others have their turn."""
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
class Block:
    """A part of a body that writes itself in steps."""

    write: Callable[[Scope], Steps[None]]


@dataclass(frozen=True, slots=True)
class Body:
    """Literal texts, functions that return text, and blocks."""

    steps: Sequence[str | Write | Block]
    text_length: int
    line: int
    flat: bool
    """Whether there are no blocks in it, so that it is written at once."""


def run(body: Body, scope: Scope) -> Steps[None]:
    """Write the body. Raise 3001 when the output exceeds 20 million characters."""
    if body.flat:
        run_flat(body, scope)
        return
    scope.budget -= body.text_length
    for step in body.steps:
        if isinstance(step, Block):
            yield from step.write(scope)
        elif isinstance(step, str):
            scope.pieces.append(step)
        elif piece := step(scope):
            scope.pieces.append(piece)
            scope.budget -= len(piece)
            if scope.budget < 0:
                break
    if scope.budget < 0:
        raise _too_long(body)


def run_flat(body: Body, scope: Scope) -> None:
    """:func:`run` for a body without blocks."""
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
        raise _too_long(body)


def choice(branches: Sequence[tuple[Evaluate | None, Body]]) -> Write | Block:
    """`if`: the first branch with a true condition; None is the condition of `else`."""

    def write_flat(scope: Scope) -> str:
        for condition, body in branches:
            if condition is None or is_true(condition(scope)):
                run_flat(body, scope)
                break
        return ""

    def write(scope: Scope) -> Steps[None]:
        for condition, body in branches:
            if condition is None or is_true(condition(scope)):
                yield from run(body, scope)
                break

    return write_flat if all(body.flat for _, body in branches) else Block(write)


def loop(items: Evaluate, name: str | None, body: Body, weight: int, line: int) -> Block:
    """`each`: the body for each item of an array, with the loop's variables."""

    def write(scope: Scope) -> Steps[None]:
        found = items(scope)
        if not isinstance(found, (list, tuple)):
            if found is None or isinstance(found, Mapping):
                return  # assumed for objects: only arrays can be iterated.
            raise render_error(line, "'each' needs an array")
        outside = scope.loop_index, scope.loop_var, scope.loop_vars
        loop_vars = scope.loop_vars = dict(scope.loop_vars)
        for index, item in enumerate(found, 1):
            spend(scope, weight, line)
            scope.loop_index = index  # assumed: from 1, like all indexes.
            scope.loop_var = item
            if name is not None:
                loop_vars[name] = item
            if body.flat:
                run_flat(body, scope)
            else:
                yield from run(body, scope)
            if scope.steps < scope.pause:
                scope.pause = scope.steps - WORK_A_STEP
                yield
        scope.loop_index, scope.loop_var, scope.loop_vars = outside

    return Block(write)


def without_last_break(block: Write | Block) -> Write | Block:
    """Write the block without its last line break: the text after its `end` stays on the line."""
    if isinstance(block, Block):
        steps = block.write

        def write(scope: Scope) -> Steps[None]:
            before = len(scope.pieces)
            yield from steps(scope)
            _strip_break(scope.pieces, before)

        return Block(write)
    flat = block

    def write_flat(scope: Scope) -> str:
        before = len(scope.pieces)
        flat(scope)
        _strip_break(scope.pieces, before)
        return ""

    return write_flat


def include(scope: Scope, source: str, depth: int, line: int, what: str) -> Steps[None]:
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
        yield from run(template.body(scope.html, scope.tracked), scope)
        scope.depth = outside
    except TemplateError as error:
        message = error.message if error.message.startswith(what) else f"{what}: {error}"
        raise render_error(line, message) from error


def spend(scope: Scope, steps: int, line: int) -> None:
    """Raise 3001 for a template with endless nested loops."""
    scope.steps -= steps
    if scope.steps < 0:
        raise render_error(line, "too many iterations")


def _strip_break(pieces: list[str], before: int) -> None:
    if len(pieces) > before and pieces[-1].endswith("\n"):
        pieces[-1] = pieces[-1].removesuffix("\n").removesuffix("\r")


def _too_long(body: Body) -> TemplateError:
    return render_error(body.line, f"the rendered content is larger than {MAX_OUTPUT} characters")
