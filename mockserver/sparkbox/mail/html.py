"""HTML cut into its tags, in one pass; what is between them stays as it is.

The tokens are the standard's (https://html.spec.whatwg.org/multipage/parsing.html#tokenization): what is not closed
extends to the end, and is read once. The standard library's parser, in most versions, reads it again and again, and
does not say where an attribute is.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Generator, Iterator
from operator import itemgetter
from typing import NamedTuple

from sparkbox.core.state.steps import Steps

PIECE = 4 * 1024
"""Characters of a page that are read in one step."""
_WINDOW = 64 * 1024
"""Characters that are searched in one step for an end."""
_LONGEST_END = 16
MOST_LINKS = 1000
"""assumed: so many links of a body are tracked; the vendors name no limit."""

_S = r"[ \t\n\f\r]"
_VALUE = rf"""{_S}*+={_S}*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^ \t\n\f\r>"'][^ \t\n\f\r>]{{0,20000}}+))?+"""
# What is longer is read as several.
_ATTRIBUTE = rf"([^ \t\n\f\r/>][^ \t\n\f\r/>=]{{0,1000}}+)(?:{_VALUE})?+"
_SHORT_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^ \t\n\f\r>"'][^ \t\n\f\r>]{0,300}+(?=[ \t\n\f\r>]))"""
_SHORT = rf"[^ \t\n\f\r/>=]{{1,100}}+(?:{_S}*+={_S}*+{_SHORT_VALUE})?+"
_NAME = r"[A-Za-z][^ \t\n\f\r/>]{0,100}+"
_UNCAPTURED = re.sub(r"(?<!\\)\((?!\?)", "(?:", _ATTRIBUTE)
_BOGUS = r"(?!!--)[!?][^>]*+(?:>|\Z)|/(?![A-Za-z])[^>]*+(?:>|\Z)"
_ATTRIBUTES_A_STEP = rf"(?:[ \t\n\f\r/]++|{_UNCAPTURED}){{0,100}}+"
_TOKEN = re.compile(rf"<(?:(!--(?:-?>)?+)|{_BOGUS}|(/?)({_NAME})({_ATTRIBUTES_A_STEP})(>|\Z)?+)")
_MORE_ATTRIBUTES = re.compile(rf"{_ATTRIBUTES_A_STEP}(>|\Z)?+")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_COMMENT_END = re.compile(r"--!?>")
_RAW = ("script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE | re.ASCII) for name in _RAW}
"""Elements without tags in them, up to their own end."""

_TEXT = r"[^<]++|<(?![A-Za-z/!?])"


def _markup_but(*tags: str) -> str:
    """Return a pattern for a short comment or tag, except for these tags."""
    counts = "|".join([*tags, *(rf"{name}[ \t\n\f\r/>]" for name in _RAW)])
    comment = r"!--(?:-?>|[^-]*+(?:-[^-]++){0,50}+--!?>)"
    tag = rf"/?{_NAME}(?:[ \t\n\f\r/]++|{_SHORT}(?=[ \t\n\f\r/>])){{0,20}}+>"
    return rf"<(?!{counts})(?:{comment}|{_BOGUS}|{tag})"


def _passing(passed: str) -> str:
    return f"(?ais)(?:{passed}){{0,200}}+"


_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "li"})
_LINK = r"(?:a|area)[ \t\n\f\r/]"
_FRAME = r"/?(?:body|head|html)[ \t\n\f\r/>]"
_UP_TO_TAG = re.compile(_passing(_TEXT))
_UP_TO_LINK = re.compile(_passing(f"{_TEXT}|{_markup_but(_LINK)}"))
_UP_TO_LINK_OR_FRAME = re.compile(_passing(f"{_TEXT}|{_markup_but(_LINK, _FRAME)}"))
_SILENT = re.compile(_passing(_markup_but(rf"br[ \t\n\f\r/>]|/(?:{'|'.join(sorted(_BLOCKS))})[ \t\n\f\r/>]")))
"""Markup that shows nothing and breaks no line."""
_LONG_REFERENCE = re.compile(r"&#[0-9]{8,}+;?")
_SPACE = re.compile(r"\s")
_HIDDEN = frozenset({"script", "style", "title", "iframe", "noembed", "noframes"})


class Token(NamedTuple):
    """A tag, or a comment if ``name`` (in lower case) is empty, from ``begin`` to ``end``."""

    name: str
    closing: bool
    begin: int
    end: int
    attributes: tuple[int, int]
    """Where its attributes are."""


class Attribute(NamedTuple):
    """``name`` is in lower case; the value is between ``value_begin`` and ``value_end``, as it is written."""

    name: str
    begin: int
    end: int
    value_begin: int
    value_end: int


class Link(NamedTuple):
    """The first ``href`` of an ``a`` or ``area``, without surrounding white space, if it is a web address."""

    tag: Token
    begin: int
    end: int
    marks: tuple[Attribute, ...]
    """The tag's attributes of data (``data-…``)."""


class Page(NamedTuple):
    """The places of a page that tracking changes."""

    links: list[Link]
    """In order, at most :data:`MOST_LINKS`."""
    body_begin: int
    """Where the body begins: after its tag, else after the head, else after the tag of the page."""
    body_end: int
    """Where the body ends, or the page does."""


def tokens(
    html: str, up_to: re.Pattern[str] = _UP_TO_TAG, silent: re.Pattern[str] | None = None
) -> Iterator[Token | None]:
    """Yield all tags and comments in order, except those that ``up_to`` skips; ``None`` after every step.

    ``silent``: what counts as a part of the token before it.
    """
    position, pause, size = 0, PIECE, len(html)
    while position < size:
        if position >= pause:
            pause = position + PIECE
            yield None
        passed = up_to.match(html, position)
        position = position if passed is None else passed.end()
        found = _TOKEN.match(html, position)
        if found is None:  # up_to skips only so much
            continue
        begin, position = found.span()
        name, closed = found[3], found[5]
        if name is None:
            if found[1] == "!--":
                end = yield from search(_COMMENT_END, html, position)
                position = size if end is None else end.end()
            closed = ">"
        while closed is None:
            yield None
            more = _MORE_ATTRIBUTES.match(html, position)
            if more is None:
                break
            position, closed = more.end(), more[1]
        if not closed:  # not closed until the end: neither a tag nor text
            yield Token("", False, begin, size, (size, size))
            return
        name = (name or "").lower()
        attributes_end = position - 1 if name else position
        attributes_begin = found.start(4) if name else position
        raw = _RAW_ENDS.get(name) if not found[2] else None
        if raw is None and silent is not None and html.startswith("<", position):
            passed = silent.match(html, position)
            position = position if passed is None else passed.end()
        yield Token(name, bool(found[2]), begin, position, (attributes_begin, attributes_end))
        if raw is not None:
            end = yield from search(raw, html, position)
            position = size if end is None else end.start()


def search(pattern: re.Pattern[str], html: str, position: int) -> Generator[None, None, re.Match[str] | None]:
    """Search for a short pattern from a position on, in steps."""
    while True:
        end = position + _WINDOW
        found = pattern.search(html, position, end)
        if found is not None or end >= len(html):
            return found
        position = end - _LONGEST_END
        yield None


def attributes(html: str, tag: Token) -> Iterator[Attribute]:
    """Yield the attributes of a tag in order."""
    for found in _ATTRIBUTES.finditer(html, *tag.attributes):
        kind = next((kind for kind in (2, 3, 4) if found[kind] is not None), None)
        value = (found.end(), found.end()) if kind is None else found.span(kind)
        yield Attribute(found[1].lower(), *found.span(), *value)


def links(html: str, most: int, longest: int) -> Steps[list[Link]]:
    """Return the first links, without addresses of more than ``longest`` characters."""
    found: list[Link] = []
    for tag in tokens(html, _UP_TO_LINK):
        if tag is None:
            yield
        elif tag.name in ("a", "area") and not tag.closing:
            link = yield from _link(html, tag)
            if link is not None and link.end - link.begin <= longest:
                found.append(link)
                if len(found) == most:
                    break
    return found


def urls(html: str, most: int, longest: int) -> Steps[list[str]]:
    """Return the addresses of the first links, as :func:`links` finds them."""
    return [unescaped(html[link.begin : link.end]) for link in (yield from links(html, most, longest))]


def page(html: str) -> Steps[Page]:
    """Find the links and the ends of the body, in one pass."""
    found: list[Link] = []
    before = begin = end = None
    for tag in tokens(html, _UP_TO_LINK_OR_FRAME):
        if tag is None:
            yield
        elif tag.name == "body":
            if tag.closing:
                end = tag.begin
            elif begin is None:
                begin = tag.end
        elif (tag.name, tag.closing) in (("head", True), ("html", False)):
            before = tag.end
        elif tag.name in ("a", "area") and not tag.closing and len(found) < MOST_LINKS:
            link = yield from _link(html, tag)
            if link is not None:
                found.append(link)
    return Page(found, begin if begin is not None else before or 0, len(html) if end is None else end)


def _link(html: str, tag: Token) -> Steps[Link | None]:
    href: Attribute | None = None
    marks: list[Attribute] = []
    for number, each in enumerate(attributes(html, tag)):
        if number % 1000 == 999:
            yield
        if each.name == "href":
            href = href or each
        elif each.name.startswith("data-"):
            marks.append(each)
    if href is None:
        return None
    value = html[href.value_begin : href.value_end]
    begin = href.value_begin + len(value) - len(value.lstrip())
    if not html[begin : begin + 8].lower().startswith(("http://", "https://")):
        return None
    return Link(tag, begin, begin + len(value.strip()), tuple(marks))


def plain_text(html: str) -> Steps[str]:
    """Return the text of a page, each block on its own line."""
    return (yield from _tidied((yield from _unescaped((yield from _shown(html))))))


def _shown(html: str) -> Steps[str]:
    """Return what is between the tags, with line breaks in place of the tags that make them."""
    texts: list[str] = []
    pieces: list[str] = []
    position, hidden = 0, False
    for token in tokens(html, silent=_SILENT):
        if token is None:
            texts.append("".join(pieces))
            pieces = []
            yield
            continue
        if not hidden:
            pieces.append(html[position : token.begin])
        position = token.end
        hidden = token.name in _HIDDEN and not token.closing
        if token.name == "br" or (token.closing and token.name in _BLOCKS):
            pieces.append("\n")
    if not hidden:
        pieces.append(html[position:])
    return "".join([*texts, *pieces])


def _unescaped(text: str) -> Steps[str]:
    """Replace the character references in a long text."""
    pieces: list[str] = []
    begin = 0
    while (end := text.find("&", begin + PIECE)) >= 0:
        pieces.append(unescaped(text[begin:end]))
        begin = end
        yield
    return "".join([*pieces, unescaped(text[begin:])])


def _tidied(text: str) -> Steps[str]:
    """Remove empty lines and repeated spaces from a text."""
    pieces: list[str] = []
    position, between = 0, ""
    if len(text) <= PIECE:
        return _tidy(text)
    while position < len(text):
        cut = yield from search(_SPACE, text, position + PIECE)
        end = len(text) if cut is None else cut.start()
        piece = text[position:end]
        bare = piece.strip()
        if bare:
            before = between + piece[: len(piece) - len(piece.lstrip())]
            # A line break between two pieces is kept.
            pieces.append((" " if before.splitlines() == [before] else "\n") if pieces else "")
            pieces.append(_tidy(bare))
            between = ""
        between += piece[len(piece.rstrip()) :] if bare else "\n" if piece.splitlines() != [piece] else " "
        position = end
        if cut is not None:
            yield
    return "".join(pieces)


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join([line for line in lines if line])


def unescaped(text: str) -> str:
    """Replace the character references in a text. The standard library fails on one of thousands of digits."""
    return entities.unescape(_LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text))


def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    """Replace parts of a text: ``changes`` are begin, end and the new text."""
    pieces: list[str] = []
    position = 0
    for begin, end, instead in sorted(changes, key=itemgetter(0)):
        pieces += (text[position:begin], instead)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
