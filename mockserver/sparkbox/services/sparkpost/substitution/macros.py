"""The built-in functions of the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkbox.core.state.steps import Steps, complete

from .errors import render_error, syntax_error
from .render import Block, Evaluate, Scope, include
from .values import Markup, to_text

DYNAMIC_CONTENT = "render_dynamic_content"
SNIPPET = "render_snippet"

_DYNAMIC_SOURCES = frozenset({"dynamic_html", "dynamic_amp_html", "dynamic_plain", "loop_var", "loop_vars"})
_CURLIES = {
    "opening_single_curly": "{",
    "closing_single_curly": "}",
    "opening_double_curly": "{{",
    "closing_double_curly": "}}",
    "opening_triple_curly": "{{{",
    "closing_triple_curly": "}}}",
}
_ARITY = {**dict.fromkeys(_CURLIES, 0), "empty": 1, DYNAMIC_CONTENT: 1, SNIPPET: 1}


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a macro. `roots` are the variables that its arguments begin with."""

    name: str
    arguments: Sequence[Evaluate]
    roots: Sequence[str | None]
    line: int
    depth: int

    @property
    def includes(self) -> bool:
        """Return whether the macro includes content instead of returning a value."""
        return self.name in (DYNAMIC_CONTENT, SNIPPET)


def check(call: Call) -> None:
    """Raise 3000 for an unknown macro or a wrong number of arguments. assumed: already when compiling."""
    arity = _ARITY.get(call.name)
    if arity is None:
        raise syntax_error(call.line, f"unknown macro '{call.name}'")
    if len(call.arguments) != arity:
        raise syntax_error(call.line, f"macro '{call.name}' takes {arity} argument{'s' if arity != 1 else ''}")


def inclusion(call: Call) -> Block | None:
    """Return what writes the included content; None for a macro that returns a value."""
    if call.name == DYNAMIC_CONTENT:
        return _dynamic_content(call)
    if call.name == SNIPPET:
        return _snippet(call)
    return None


def value(call: Call) -> Evaluate:
    """Return the macro's value in an expression. assumed: links in content included there are not tracked."""
    if call.name in _CURLIES:
        curly = Markup(_CURLIES[call.name])
        return lambda scope: curly
    block = inclusion(call)
    if block is not None:
        return _as_value(block)
    argument = call.arguments[0]
    return lambda scope: _is_empty(argument(scope))


def _is_empty(value: object) -> bool:
    # assumed: missing values, objects without members and "" are empty.
    return value is None or (isinstance(value, (list, tuple, str, Mapping)) and not value)


def _dynamic_content(call: Call) -> Block:
    argument, root = call.arguments[0], call.roots[0]

    def write(scope: Scope) -> Steps[None]:
        if scope.in_snippet:
            raise render_error(call.line, f"'{DYNAMIC_CONTENT}' is not allowed in a snippet")
        # assumed for other variables; the vendor only says that their content is not executed.
        if root is not None and root not in _DYNAMIC_SOURCES:
            raise render_error(
                call.line, f"'{DYNAMIC_CONTENT}' needs a value of dynamic_html, dynamic_amp_html or dynamic_plain"
            )
        source = argument(scope)
        if source is None:
            return  # assumed: like any missing variable.
        if not isinstance(source, str):
            raise render_error(call.line, f"'{DYNAMIC_CONTENT}' needs a string")
        yield from include(scope, source, call.depth, call.line, "dynamic content")

    return Block(write)


def _snippet(call: Call) -> Block:
    argument = call.arguments[0]

    def write(scope: Scope) -> Steps[None]:
        if scope.in_snippet:
            raise render_error(call.line, f"'{SNIPPET}' is not allowed in a snippet")
        scope.snippets_left -= 1  # assumed: every executed call counts, also in a loop.
        if scope.snippets_left < 0:
            raise render_error(call.line, f"'{SNIPPET}' may be used at most 5 times")
        snippet_id = to_text(argument(scope), call.line)
        source = scope.snippets(snippet_id) if scope.snippets is not None else None
        if source is None:
            raise render_error(call.line, f"snippet '{snippet_id[:64]}' does not exist")
        scope.in_snippet = True
        yield from include(scope, source, call.depth, call.line, f"snippet '{snippet_id[:64]}'")
        scope.in_snippet = False

    return Block(write)


def _as_value(block: Block) -> Evaluate:
    def evaluate(scope: Scope) -> object:
        pieces, edges = scope.pieces, scope.edges
        scope.pieces, scope.edges = [], []
        complete(block.write(scope))
        included = "".join(scope.pieces)
        scope.pieces, scope.edges = pieces, edges
        return Markup(included)

    return evaluate
