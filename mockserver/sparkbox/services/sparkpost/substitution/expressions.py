"""Expressions: each is a function of the scope, composed from those of its parts."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import macros
from .render import Evaluate, Scope
from .values import check_order, divide, equal, is_true, length, member, number

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
}
_ORDER: dict[str, Callable[..., object]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LOOP_VARIABLES = frozenset({"loop_var", "loop_index", "loop_vars"})
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    For a path such as `order.items[1]`: `written` is the path for messages, `root` its first name, `name` its last; a
    path of names only, outside the variables of loops, has them in `keys`. `literal` is the text of a string. `call` is
    set when the expression is a single macro.
    """

    evaluate: Evaluate
    written: str | None = None
    root: str | None = None
    name: str | None = None
    keys: tuple[str, ...] = ()
    literal: str | None = None
    call: macros.Call | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with the operand after it."""

    sign: str
    operand: Expression
    line: int


def constant(value: object) -> Expression:
    return Expression(lambda scope: value)


def string(written: str) -> Expression:
    """Read a quoted string. assumed: a backslash keeps the next character; \\n, \\r and \\t are as in Lua."""
    text = _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), written[1:-1])
    return Expression(lambda scope: text, literal=text)


def variable(name: str) -> Expression:
    if name in _LOOP_VARIABLES:
        return Expression(_loop_variable(name), written=name, root=name, name=name)
    return Expression(_lookup((name,), 0), written=name, root=name, name=name, keys=(name,))


def member_of(base: Expression, key: str, line: int) -> Expression:
    """`base.key`."""
    written = f"{base.written}.{key}" if base.written else None
    if base.keys:
        keys = (*base.keys, key)
        return Expression(_lookup(keys, line), written=written, root=base.root, name=key, keys=keys)
    owner, name = base.evaluate, base.written
    return Expression(lambda scope: member(owner(scope), key, name, line), written=written, root=base.root, name=key)


def item_of(base: Expression, key: Expression, line: int) -> Expression:
    """`base[key]`."""
    if key.literal is not None:
        return member_of(base, key.literal, line)
    owner, name, index = base.evaluate, base.written, key.evaluate
    written = f"{name}[{key.written or '…'}]" if name else None
    # assumed: the items of `orders[1]` are `loop_vars.orders` to a loop.
    return Expression(
        lambda scope: member(owner(scope), index(scope), name, line), written=written, root=base.root, name=base.name
    )


def negation(operand: Expression, line: int) -> Evaluate:
    """`not operand`."""
    evaluate = operand.evaluate
    return lambda scope: not is_true(evaluate(scope))


def length_of(operand: Expression, line: int) -> Evaluate:
    """`#operand`."""
    evaluate, name = operand.evaluate, operand.written
    return lambda scope: length(evaluate(scope), name, line)


def negative(operand: Expression, line: int) -> Evaluate:
    """`-operand`. assumed: the document has no sign, Lua does."""
    evaluate, name = operand.evaluate, operand.written
    return lambda scope: -number(evaluate(scope), name, line)


# A chain of operators such as `a or b or c` is one function; nested ones could exhaust the stack.


def any_of(first: Expression, rest: Sequence[Operation]) -> Evaluate:
    """`or`: the first true operand, otherwise the last."""
    return _until(True, first, rest)


def all_of(first: Expression, rest: Sequence[Operation]) -> Evaluate:
    """`and`: the first false operand, otherwise the last."""
    return _until(False, first, rest)


def compared(first: Expression, rest: Sequence[Operation]) -> Evaluate:
    """Evaluate relational operators, from left to right."""
    start, start_name = first.evaluate, first.written
    steps = [(each.sign, each.operand.evaluate, each.operand.written, each.line) for each in rest]

    def evaluate(scope: Scope) -> object:
        value, name = start(scope), start_name
        for sign, operand, operand_name, line in steps:
            other = operand(scope)
            if sign in _ORDER:
                check_order(value, name, other, operand_name, line)
                value = _ORDER[sign](value, other)
            else:
                value = equal(value, other) is (sign == "==")
            name = None
        return value

    return evaluate


def calculated(first: Expression, rest: Sequence[Operation]) -> Evaluate:
    """Evaluate arithmetic operators of one precedence, from left to right."""
    start, name, first_line = first.evaluate, first.written, rest[0].line
    steps = [(_ARITHMETIC[each.sign], each.operand.evaluate, each.operand.written, each.line) for each in rest]

    def evaluate(scope: Scope) -> object:
        value = number(start(scope), name, first_line)
        for calculate, operand, operand_name, line in steps:
            value = calculate(value, number(operand(scope), operand_name, line))
        return value

    return evaluate


def _until(holds: bool, first: Expression, rest: Sequence[Operation]) -> Evaluate:
    operands = [first.evaluate, *(each.operand.evaluate for each in rest)]

    def evaluate(scope: Scope) -> object:
        value: object = None
        for operand in operands:
            value = operand(scope)
            if is_true(value) is holds:
                break
        return value

    return evaluate


def _loop_variable(name: str) -> Evaluate:
    """Look a name up: in the loop and in content included there, else in the data."""

    def evaluate(scope: Scope) -> object:
        return getattr(scope, name) if scope.loop_index else scope.get(name)

    return evaluate


def _lookup(keys: tuple[str, ...], line: int) -> Evaluate:
    first, rest = keys[0], [(key, ".".join(keys[:at])) for at, key in enumerate(keys) if at]
    if not rest:
        return lambda scope: scope.get(first)

    def evaluate(scope: Scope) -> object:
        value = scope.get(first)
        for key, owner in rest:
            value = value.get(key) if type(value) is dict else member(value, key, owner, line)
        return value

    return evaluate
