"""Parses the tokens of a source into a tree of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sparkbox.core.state.steps import Steps, collected, complete

from .errors import syntax_error
from .expressions import Expression
from .grammar import ExpressionParser
from .links import LinkReader
from .nodes import Block, Each, If, Node, Output
from .render import MAX_DEPTH
from .scanner import Kind, Token, Word, scan, words

MAX_WEIGHT = 200_000
"""Words and texts of a whole source. assumed: the vendor names no limit."""
WEIGHT_A_STEP = 1000
TOKENS_A_STEP = 2000


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed source: its block, its depth, and the macros that it calls."""

    block: Block
    depth: int
    macros: frozenset[str]


def parse(source: str) -> Document:
    """Parse a source; raise TemplateError with code 3000 if it does not follow the language."""
    return complete(parse_in_steps(source))


def parse_in_steps(source: str) -> Steps[Document]:
    """Parse in steps."""
    return _Parser().parse(source)


@dataclass(slots=True)
class _Open:
    """An open block; `statement` is the "if" or "each" that began it."""

    statement: str
    line: int
    nodes: list[Node] = field(default_factory=list)
    block_line: int = 1
    weight: int = 0
    condition: Expression | None = None
    branches: list[tuple[Expression | None, Block]] = field(default_factory=list)
    has_else: bool = False


class _Parser:
    def __init__(self) -> None:
        self._links = LinkReader()
        self._open = [_Open("", 1)]
        self._weight = 0
        self._depth = 0
        self._macros: set[str] = set()

    def parse(self, source: str) -> Steps[Document]:
        tokens = yield from collected(scan(source), TOKENS_A_STEP)
        _trim_statement_lines(tokens)
        done = 0
        for token in tokens:
            if self._weight - done > WEIGHT_A_STEP:
                yield
                done = self._weight
            self._weight += 1
            if token.kind is Kind.TEXT:
                self._nodes.extend(self._links.read_text(token.text))
            elif token.kind is Kind.OUTPUT:
                self._output(token)
            else:
                self._nodes.extend(self._links.leave())
                self._statement(token)
        self._nodes.extend(self._links.leave())
        if len(self._open) > 1:
            unclosed = self._open[-1]
            raise syntax_error(unclosed.line, f"'{unclosed.statement}' statement missing 'end'")
        return Document(Block(self._nodes, self._weight + len(source) // 64, 1), self._depth, frozenset(self._macros))

    @property
    def _nodes(self) -> list[Node]:
        return self._open[-1].nodes

    def _output(self, token: Token) -> None:
        parser = self._reader(words(token.text, token.line))
        expression = parser.expression()
        self._finish(parser)
        if expression.call is not None and expression.call.includes:
            self._nodes.extend(self._links.leave())
        else:
            self._nodes.extend(self._links.read_tag(token.text))
        self._nodes.append(Output(expression, token.triple, self._links.inside, token.line))

    def _statement(self, token: Token) -> None:
        keyword, *rest = words(token.text, token.line)
        if keyword.text in ("if", "each"):
            self._begin(keyword, rest)
        elif keyword.text == "end":
            self._end(keyword, rest, token.joins_line)
        else:
            self._next_branch(keyword, rest)

    def _begin(self, keyword: Word, rest: Sequence[Word]) -> None:
        opened = _Open(keyword.text, keyword.line, block_line=keyword.line)
        self._open.append(opened)
        if len(self._open) - 1 > MAX_DEPTH:
            raise syntax_error(keyword.line, "nested too deeply")
        self._depth = max(self._depth, len(self._open) - 1)
        opened.condition = self._condition(rest, then=keyword.text == "if")
        opened.weight = self._weight

    def _next_branch(self, keyword: Word, rest: Sequence[Word]) -> None:
        opened = self._open[-1]
        if opened.statement != "if" or opened.has_else:
            raise syntax_error(keyword.line, f"a lone '{keyword.text}' was detected")
        self._close_branch(opened)
        opened.nodes, opened.block_line = [], keyword.line
        if keyword.text == "elseif":
            opened.condition = self._condition(rest, then=True)
        else:
            self._finish(self._reader(rest))
            opened.condition, opened.has_else = None, True
        opened.weight = self._weight

    def _end(self, keyword: Word, rest: Sequence[Word], joins_line: bool) -> None:
        opened = self._open[-1]
        if not opened.statement:
            raise syntax_error(keyword.line, "a lone 'end' was detected")
        self._finish(self._reader(rest))
        self._close_branch(opened)
        self._open.pop()
        items, block = opened.branches[0]
        if opened.statement == "each" and items is not None:
            self._nodes.append(Each(items, block, opened.line, joins_line))
        else:
            self._nodes.append(If(opened.branches, joins_line))

    def _close_branch(self, opened: _Open) -> None:
        block = Block(opened.nodes, self._weight - opened.weight, opened.block_line)
        opened.branches.append((opened.condition, block))

    def _condition(self, rest: Sequence[Word], then: bool) -> Expression:
        parser = self._reader(rest)
        expression = parser.expression()
        if then:
            parser.accept("then")
        self._finish(parser)
        return expression

    def _reader(self, found: Sequence[Word]) -> ExpressionParser:
        self._weight += len(found)
        if self._weight > MAX_WEIGHT:
            raise syntax_error(found[0].line, f"more than {MAX_WEIGHT} words")
        return ExpressionParser(found, len(self._open) - 1)

    def _finish(self, parser: ExpressionParser) -> None:
        if parser.word.kind != "end":
            raise parser.unexpected()
        self._depth = max(self._depth, parser.deepest)
        self._macros |= parser.macros


def _trim_statement_lines(tokens: list[Token]) -> None:
    """Remove the line breaks that statements do not render.

    A statement on a line of its own renders neither the white space after it nor its line break. An `end` at the
    beginning of a line with more content removes the break before that line: "Albany\\n{{ end }}, New York" is
    "Albany, New York". assumed: several statements on one line count as one; the indentation before them is rendered,
    as an earlier edition of the document says, and so is white space beside other content.
    """
    at = 0
    line_begins = True
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.STATEMENT and line_begins:
            at = _trim_line(tokens, at)
            line_begins = at < len(tokens) and tokens[at].kind is Kind.TEXT
            continue
        if token.kind is Kind.TEXT:
            _, newline, last_line = token.text.rpartition("\n")
            line_begins = _is_blank(last_line) and (bool(newline) or line_begins)
        else:
            line_begins = False
        at += 1


def _trim_line(tokens: list[Token], first: int) -> int:
    """Trim the line of a first statement; return the index of what follows its statements."""
    stop = first
    while stop < len(tokens) and (tokens[stop].kind is Kind.STATEMENT or _is_blank_line_text(tokens[stop])):
        stop += 1
    following = tokens[stop] if stop < len(tokens) else None
    rest, newline, text = following.text.partition("\n") if following and following.kind is Kind.TEXT else ("x", "", "")
    if following is None or (newline and _is_blank(rest)):
        for token in tokens[first:stop]:
            if token.kind is Kind.TEXT:
                token.text = ""
        if following is not None:
            following.text = text
        return stop
    for token in tokens[first:stop]:
        token.joins_line = token.kind is Kind.STATEMENT
    if first and tokens[first].text.strip() == "end":
        before = tokens[first - 1]
        before.text = before.text.rstrip(" \t") if before.kind is Kind.TEXT else before.text
    return stop


def _is_blank_line_text(token: Token) -> bool:
    return token.kind is Kind.TEXT and "\n" not in token.text and _is_blank(token.text)


def _is_blank(text: str) -> bool:
    return not text.strip(" \t\r")
