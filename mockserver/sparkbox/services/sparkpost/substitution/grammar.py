"""The grammar of expressions: parses the words of a tag.

Precedence, from loose to tight, as in Lua: or; and; comparison; + and -; * and /; not, # and the sign.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import macros
from .errors import TemplateError, syntax_error
from .expressions import (
    Expression,
    Operation,
    all_of,
    any_of,
    calculated,
    compared,
    constant,
    item_of,
    length_of,
    member_of,
    negation,
    negative,
    string,
    variable,
)
from .render import MAX_DEPTH
from .scanner import RESERVED, Word

_LEVELS = (
    (("or",), any_of),
    (("and",), all_of),
    (("==", "!=", "<", "<=", ">", ">="), compared),
    (("+", "-"), calculated),
    (("*", "/"), calculated),
)
_SIGNS = {"not": negation, "#": length_of, "-": negative}
_CONSTANTS = {"true": True, "false": False, "nil": None}


class ExpressionParser:
    """Parses one expression from the words of a tag. `depth` is the nesting of blocks around the tag."""

    def __init__(self, words: Sequence[Word], depth: int) -> None:
        self._words = words
        self._next = 0
        self._depth = depth
        self.deepest = depth
        self.macros: set[str] = set()

    @property
    def word(self) -> Word:
        return self._words[self._next]

    def accept(self, text: str) -> bool:
        """Consume the next word if it is this one."""
        word = self._words[self._next]
        if word.text != text or word.kind == "string":
            return False
        self._next += 1
        return True

    def unexpected(self) -> TemplateError:
        return syntax_error(self.word.line, f"syntax error near '{self.word.text[:40]}'")

    def expression(self, level: int = 0) -> Expression:
        """Parse an expression; `level` is the loosest precedence that it may have."""
        if level == len(_LEVELS):
            return self._unary()
        signs, chain = _LEVELS[level]
        first = self.expression(level + 1)
        rest: list[Operation] = []
        while (word := self.word).kind != "string" and word.text in signs:
            self._next += 1
            rest.append(Operation(word.text, self.expression(level + 1), word.line))
        return Expression(chain(first, rest)) if rest else first

    def _unary(self) -> Expression:
        word = self.word
        sign = _SIGNS.get(word.text) if word.kind != "string" else None
        if sign is None:
            return self._primary()
        self._next += 1
        self._enter()
        operand = self._unary()
        self._depth -= 1
        return Expression(sign(operand, word.line))

    def _primary(self) -> Expression:
        word = self.word
        if word.kind == "end":
            raise self.unexpected()
        self._next += 1
        if word.kind == "number":
            return constant(float(word.text))
        if word.kind == "string":
            return string(word.text)
        if word.text in _CONSTANTS:
            return constant(_CONSTANTS[word.text])
        if word.text == "(":
            return self._path(self._enclosed(")"))
        if word.kind == "name" and word.text not in RESERVED:
            return self._call(word) if self.accept("(") else self._path(variable(word.text))
        self._next -= 1
        raise self.unexpected()

    def _path(self, base: Expression) -> Expression:
        """Parse what follows a variable: `.name`, `['name']`, `[1]` and `[variable]`, as deep as allowed."""
        depth = self._depth
        expression = base
        while True:
            line = self.word.line
            if self.accept("."):
                self._enter()
                name = self._member_name()
                expression = member_of(expression, name, line)
            elif self.accept("["):
                self._enter()
                expression = item_of(expression, self._enclosed("]"), line)
            else:
                self._depth = depth
                return expression

    def _member_name(self) -> str:
        word = self.word
        if word.kind != "name" or word.text in RESERVED:
            raise self.unexpected()
        self._next += 1
        return word.text

    def _call(self, name: Word) -> Expression:
        arguments: list[Expression] = []
        self._enter()
        if not self.accept(")"):
            arguments.append(self.expression())
            while self.accept(","):
                arguments.append(self.expression())
            if not self.accept(")"):
                raise self.unexpected()
        call = macros.Call(
            name.text, [each.evaluate for each in arguments], [each.root for each in arguments], name.line, self._depth
        )
        self._depth -= 1
        macros.check(call)
        self.macros.add(call.name)
        return Expression(macros.value(call), call=call)

    def _enclosed(self, closing: str) -> Expression:
        self._enter()
        expression = self.expression()
        self._depth -= 1
        if not self.accept(closing):
            raise self.unexpected()
        return expression

    def _enter(self) -> None:
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        if self._depth > MAX_DEPTH:
            raise syntax_error(self.word.line, "nested too deeply")
