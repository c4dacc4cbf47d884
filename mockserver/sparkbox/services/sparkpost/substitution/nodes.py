"""The nodes of a parsed template, from the parser to the builder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .expressions import Expression
from .links import Edge


@dataclass(frozen=True, slots=True)
class Output:
    """An expression to write; `raw` without escaping, `in_link` percent-encoded instead of HTML-escaped."""

    expression: Expression
    raw: bool
    in_link: bool
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block: the nodes between two statements. `weight` is its size in words."""

    nodes: Sequence[Node]
    weight: int
    line: int


@dataclass(frozen=True, slots=True)
class If:
    """The branches of an `if`; the condition of `else` is None."""

    branches: Sequence[tuple[Expression | None, Block]]
    joins_line: bool


@dataclass(frozen=True, slots=True)
class Each:
    """A loop over `items`."""

    items: Expression
    block: Block
    line: int
    joins_line: bool


Node = str | Edge | Output | If | Each
