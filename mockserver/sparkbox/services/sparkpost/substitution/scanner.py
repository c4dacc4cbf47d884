"""The scanner: splits a source into literal text and tags, and tags into words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .errors import syntax_error

RESERVED = frozenset(
    {
        *("and", "break", "do", "each", "else", "elseif", "end", "false", "for", "function", "if"),
        *("local", "nil", "not", "or", "return", "then", "true", "until", "while"),
    }
)

_STATEMENT = re.compile(r"\s*(?:if|elseif|else|end|each)\b")
_WORD = re.compile(
    r"""(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<operator>==|!=|<=|>=|[-+*/<>#.()\[\],])""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_UNKNOWN = re.compile(r"[^\s]{1,20}")
_MUSTACHE_TAG_SPAN = 1024
MAX_WORDS = 1000
"""Of one tag. assumed: the vendor names no limit."""


class Kind(Enum):
    """The kinds of tokens."""

    TEXT = "text"
    OUTPUT = "output"
    STATEMENT = "statement"


@dataclass(slots=True)
class Token:
    """A literal text, or the content of a tag's braces. `line` is its first line."""

    kind: Kind
    text: str
    line: int
    triple: bool = False
    joins_line: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A name, number, string or operator as written; "end" follows the last, "cut" too many."""

    kind: str
    text: str
    line: int


def scan(source: str) -> Iterator[Token]:
    """Split a source into literal texts and tags. Raise 3000 for a tag that is not closed."""
    mustache = _mustache_regions(source)
    position = text_begin = 0
    line = text_line = 1
    while (opening := source.find("{{", position)) >= 0:
        triple = source.startswith("{", opening + 2)
        width = 3 if triple else 2
        closing = source.find("}" * width, opening + width)
        line += source.count("\n", position, opening)
        if closing < 0:
            raise syntax_error(line, f"substitution statement missing ending '{'}' * width}'")
        content = source[opening + width : closing]
        position = closing + width
        while mustache and mustache[-1][1] <= opening:
            mustache.pop()
        left_to_mustache = mustache and mustache[-1][0] <= opening and _is_left_to_mustache(content)
        if not left_to_mustache:
            if text_begin < opening:
                yield Token(Kind.TEXT, source[text_begin:opening], text_line)
            kind = Kind.STATEMENT if _STATEMENT.match(content) else Kind.OUTPUT
            yield Token(kind, content, line, triple)
        line += content.count("\n")
        if not left_to_mustache:
            text_begin, text_line = position, line
    if text_begin < len(source):
        yield Token(Kind.TEXT, source[text_begin:], text_line)


def words(content: str, line: int) -> list[Word]:
    """Return the words of a tag, then an "end" word, or a "cut" one after too many. Raise 3000 without a word."""
    found: list[Word] = []
    position = 0
    while True:
        space = _SPACE.match(content, position)
        assert space is not None
        line += content.count("\n", position, space.end())
        position = space.end()
        if position == len(content):
            found.append(Word("end", "}}", line))
            return found
        word = _WORD.match(content, position)
        if word is None:
            unknown = _UNKNOWN.match(content, position)
            assert unknown is not None
            raise syntax_error(line, f"syntax error near '{unknown[0]}'")
        if len(found) == MAX_WORDS:
            found.append(Word("cut", word[0], line))
            return found
        found.append(Word(word.lastgroup or "", word[0], line))
        line += word[0].count("\n")
        position = word.end()


def _mustache_regions(source: str) -> list[tuple[int, int]]:
    """Return where AMP's own mustache templates are, last first: their tags are delivered unchanged.

    assumed: in every part, not only in `amp_html`, and in both elements that AMP for email allows: `<template
    type="amp-mustache">` and `<script type="text/plain" template="amp-mustache">`.
    """
    regions: list[tuple[int, int]] = []
    position = 0
    while (mark := source.find("amp-mustache", position)) >= 0:
        opening = source.rfind("<", max(position, mark - _MUSTACHE_TAG_SPAN), mark)
        begin = source.find(">", mark, mark + _MUSTACHE_TAG_SPAN)
        element = source[opening + 1 : opening + 9]
        position = mark + len("amp-mustache")
        if opening < 0 or begin < 0 or not element.startswith(("template", "script")):
            continue
        end = source.find("</template" if element == "template" else "</script", begin)
        position = end if end >= 0 else len(source)
        regions.append((begin, position))
    regions.reverse()
    return regions


def _is_left_to_mustache(content: str) -> bool:
    word = content.strip()
    if word in ("else", "end") or "sparkpost" in content or "loop_var" in content:
        return False
    return not word.startswith(("opening_", "closing_")) or "_curly" not in word
