"""Builds a body from the tree of a template: a function for each node, made for one way of rendering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparkbox.core.state.steps import Steps

from . import macros, nodes
from .links import Edge
from .nodes import Each, If, Output
from .render import Block, Body, Evaluate, Scope, Write, choice, loop, without_last_break
from .values import Markup, html_escape, to_text, url_escape

Escape = Callable[[str], str]

NODES_A_STEP = 1000


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds bodies for HTML or for text, with or without the edges of links."""

    html: bool
    tracked: bool

    def body(self, block: nodes.Block) -> Steps[Body]:
        """Build the body in steps."""
        steps: list[str | Write | Block] = []
        text: list[str] = []
        text_length = 0
        for number, node in enumerate(block.nodes, 1):
            if number % NODES_A_STEP == 0:
                yield
            if isinstance(node, str):
                text.append(node)
                text_length += len(node)
                continue
            if isinstance(node, Edge) and not self.tracked:
                continue
            if text:
                steps.append("".join(text))
                text.clear()
            steps.append((yield from self._step(node)))
        if text:
            steps.append("".join(text))
        flat = not any(isinstance(step, Block) for step in steps)
        return Body(tuple(steps), text_length, block.line, flat)

    def _step(self, node: Edge | Output | If | Each) -> Steps[Write | Block]:
        if isinstance(node, Output):
            return self._output(node)
        if isinstance(node, Edge):
            return _write_edge
        if isinstance(node, If):
            branches = []
            for test, branch in node.branches:
                branches.append((test.evaluate if test is not None else None, (yield from self.body(branch))))
            block: Write | Block = choice(branches)
        else:
            inner = yield from self.body(node.block)
            block = loop(node.items.evaluate, node.items.name, inner, node.block.weight, node.line)
        return without_last_break(block) if node.joins_line else block

    def _output(self, node: Output) -> Write | Block:
        call = node.expression.call
        inclusion = macros.inclusion(call) if call is not None else None
        if inclusion is not None:
            return inclusion
        if node.raw:
            escape: Escape | None = None
        elif node.in_link:
            escape = url_escape
        else:
            escape = html_escape if self.html else None
        if len(node.expression.keys) == 1:
            return _variable(node.expression.keys[0], escape, node.line)
        return _expression(node.expression.evaluate, escape, node.line)


def _variable(name: str, escape: Escape | None, line: int) -> Write:
    def write(scope: Scope) -> str:
        value = scope.get(name)
        text = value if isinstance(value, str) else to_text(value, line)
        return text if escape is None else escape(text)

    return write


def _expression(evaluate: Evaluate, escape: Escape | None, line: int) -> Write:
    def write(scope: Scope) -> str:
        value = evaluate(scope)
        text = value if isinstance(value, str) else to_text(value, line)
        return text if escape is None or text.__class__ is Markup else escape(text)

    return write


def _write_edge(scope: Scope) -> str:
    scope.edges.append(len(scope.pieces))
    return ""
