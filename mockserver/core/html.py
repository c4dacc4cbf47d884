"""HTML cut into its tags, once through from the beginning to the end; what is between them stays as it is.

The tokens are the standard's (https://html.spec.whatwg.org/multipage/parsing.html#tokenization), so whatever is not
closed goes on to the end and is looked at once. The standard library's parser looks at it again and again, in most
versions, and does not tell where an attribute stands.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from typing import NamedTuple

_S = r"[ \t\n\f\r]"
_VALUE = rf"""{_S}*+={_S}*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^ \t\n\f\r>"'][^ \t\n\f\r>]*+))?+"""
_ATTRIBUTE = rf"([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)(?:{_VALUE})?+"
_UNCAPTURED = re.sub(r"(?<!\\)\((?!\?)", "(?:", _ATTRIBUTE)
_COMMENT = r"!--(?:-?>|.*?(?:--!?>|\Z))|[!?].*?(?:>|\Z)|/(?![A-Za-z]).*?(?:>|\Z)"
_TOKEN = re.compile(
    rf"<(?:{_COMMENT}|(/?)([A-Za-z][^ \t\n\f\r/>]*+)((?:[ \t\n\f\r/]++|{_UNCAPTURED})*+)(>|\Z))",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_RAW = ("script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE | re.ASCII) for name in _RAW}
"""Elements with no tags in them, up to their own end."""


def _all_but(*names: str) -> str:
    """Text, comments and tags up to the next one that counts, in one match."""
    tag = rf"/?[A-Za-z][^ \t\n\f\r/>]*+(?:[ \t\n\f\r/]++|{_UNCAPTURED})*+(?:>|\Z)"
    counts = rf"/?(?:{'|'.join([*names, *_RAW])})[ \t\n\f\r/>]"
    other = rf"[^<]++|<(?!{counts})(?:{_COMMENT}|{tag}|(?![A-Za-z/!?]))"
    return f"(?ais)(?:{other})*+"


_UP_TO_LINKS = re.compile(_all_but("a", "area"))
_UP_TO_BODY = re.compile(_all_but("body", "head", "html"))
_LONG_REFERENCE = re.compile(r"&#[0-9]{8,}+;?")
_HIDDEN = frozenset({"script", "style", "title", "iframe", "noembed", "noframes"})
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "li"})


class Token(NamedTuple):
    """A tag, or a comment if ``name`` (in lower case) is empty, from ``begin`` to ``end``."""

    name: str
    closing: bool
    begin: int
    end: int
    attributes: tuple[int, int]
    """Where its attributes are."""


class Attribute(NamedTuple):
    """``name`` is in lower case, the value between ``value_begin`` and ``value_end`` as it is written."""

    name: str
    begin: int
    end: int
    value_begin: int
    value_end: int


class Link(NamedTuple):
    """The first ``href`` of an ``a`` or ``area``, without the white space around it."""

    tag: Token
    begin: int
    end: int


def tokens(html: str, up_to: re.Pattern[str] | None = None) -> Iterator[Token]:
    """All tags and comments in their order, or those that ``up_to`` does not pass over."""
    position = 0
    while True:
        passed = None if up_to is None else up_to.match(html, position)
        found = _TOKEN.search(html, position if passed is None else passed.end())
        if found is None:
            return
        position = found.end()
        name = found[2]
        if name is None:
            yield Token("", False, found.start(), position, (position, position))
            continue
        if not found[4]:  # not closed until the end: no tag, and no text either
            yield Token("", False, found.start(), position, (position, position))
            return
        name = name.lower()
        yield Token(name, bool(found[1]), found.start(), position, found.span(3))
        if name in _RAW_ENDS and not found[1]:
            end = _RAW_ENDS[name].search(html, position)
            position = len(html) if end is None else end.start()


def attributes(html: str, tag: Token) -> Iterator[Attribute]:
    """The attributes of a tag in their order."""
    for found in _ATTRIBUTES.finditer(html, *tag.attributes):
        kind = next((kind for kind in (2, 3, 4) if found[kind] is not None), None)
        value = (found.end(), found.end()) if kind is None else found.span(kind)
        yield Attribute(found[1].lower(), *found.span(), *value)


def links(html: str) -> Iterator[Link]:
    """The links in their order."""
    for tag in tokens(html, _UP_TO_LINKS):
        if tag.name not in ("a", "area") or tag.closing:
            continue
        for attribute in attributes(html, tag):
            if attribute.name == "href":
                value = html[attribute.value_begin : attribute.value_end]
                begin = attribute.value_begin + len(value) - len(value.lstrip())
                yield Link(tag, begin, begin + len(value.strip()))
                break


def web_links(html: str, most: int) -> Iterator[tuple[Link, str]]:
    """The links to web addresses of at most so many characters, and the addresses as they are meant."""
    for link in links(html):
        if 0 < link.end - link.begin <= most and html[link.begin : link.begin + 8].lower().startswith(
            ("http://", "https://")
        ):
            yield link, unescaped(html[link.begin : link.end])


def body_end(html: str) -> int:
    """Where the body ends, and a pixel goes."""
    found = tokens(html, _UP_TO_BODY)
    return max((token.begin for token in found if token.name == "body" and token.closing), default=len(html))


def body_begin(html: str) -> int:
    """Where the body begins: after its tag, else after the head, else after the tag of the page."""
    before = 0
    for token in tokens(html, _UP_TO_BODY):
        if token.name == "body" and not token.closing:
            return token.end
        if (token.name, token.closing) in (("head", True), ("html", False)):
            before = token.end
    return before


def plain_text(html: str) -> str:
    """The text of a page, its blocks on lines of their own."""
    pieces: list[str] = []
    position, hidden = 0, False
    for token in tokens(html):
        if not hidden:
            pieces.append(html[position : token.begin])
        position = token.end
        hidden = token.name in _HIDDEN and not token.closing
        if token.name == "br" or (token.closing and token.name in _BLOCKS):
            pieces.append("\n")
    if not hidden:
        pieces.append(html[position:])
    lines = (" ".join(line.split()) for line in unescaped("".join(pieces)).splitlines())
    return "\n".join(line for line in lines if line)


def unescaped(text: str) -> str:
    """``text`` with its character references read. The standard library fails at one of thousands of digits."""
    return entities.unescape(_LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text))
