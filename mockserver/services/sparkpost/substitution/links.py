"""Links: where the template's own text begins one, and the vendor's attributes beside it.

A link begins where the template spells `http://` or `https://`; a protocol inside a variable begins none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mockserver.core.html import Link as HtmlLink
from mockserver.core.html import attributes, links, unescaped

RAW_URL = "Raw URL"

_PROTOCOL = re.compile(r"https?://", re.IGNORECASE)
# assumed: the document names white space only; quotes and angle brackets end an address in HTML and in text anyway.
_DELIMITER = re.compile(r"[\s\"'<>]|\[\[")
_ATTRIBUTE = re.compile(r"\s(data-msys-[a-z]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_BRACKETS = re.compile(
    r"\[\[((?:\s*data-msys-(?:clicktrack|unsubscribe|sublink)\s*=\s*(?:\"[^\"\]]*\"|'[^'\]]*'))+)\s*\]\]"
)
_NAME_LIMIT = 63
_CLOSING_PUNCTUATION = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a rendered part, as click tracking sees it.

    `url` is the whole address, `name` at most 63 bytes of `data-msys-linkname`, `clicktrack` false for a link that the
    template exempts from click tracking, `sublink` the path to put into the tracked address.
    """

    url: str
    name: str = RAW_URL
    unsubscribe: bool = False
    clicktrack: bool = True
    sublink: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The place in a template's text where a link begins and, at the next edge, ends."""


class LinkReader:
    """Follows a template's source in reading order, and knows whether it is inside a link."""

    def __init__(self) -> None:
        self.inside = False
        self._in_query = False

    def read_text(self, text: str) -> Iterator[str | Edge]:
        """The text in pieces, with the edges of its links between them."""
        position = 0
        while position < len(text):
            if self.inside:
                delimiter = _DELIMITER.search(text, position)
                end = delimiter.start() if delimiter else len(text)
                if end > position:
                    self._in_query = self._in_query or "?" in text[position:end]
                    yield text[position:end]
                if delimiter:
                    yield from self.leave()
            else:
                protocol = _PROTOCOL.search(text, position)
                end = protocol.start() if protocol else len(text)
                if end > position:
                    yield text[position:end]
                if protocol:
                    self.inside, self._in_query = True, False
                    yield Edge()
            position = end

    def read_tag(self, content: str) -> Iterator[Edge]:
        """An expression in a link belongs to it. assumed: one with spaces ends a query string, which allows none."""
        if self.inside and self._in_query and any(map(str.isspace, content)):
            yield from self.leave()

    def leave(self) -> Iterator[Edge]:
        """A statement, other content, or the end of the text ends the link."""
        if self.inside:
            self.inside = False
            yield Edge()


def track_links(pieces: Sequence[str], edges: Sequence[int], html: bool, track: Callable[[Link], str]) -> str:
    """Joins the pieces of a rendered part, with the address that `track` gives for each link, without the attributes.

    `edges` holds, by turns, the index of the first piece of a link and of the first piece after it. assumed: in HTML
    only the `href` of an `a` or `area` is a link to be tracked, in text every link is.
    """
    text = "".join(pieces)
    hrefs = {link.begin: link for link in links(text)} if html and edges else {}
    rendered: list[str] = []
    position = 0
    for begin, end in _spans(pieces, edges):
        change: _Change | None = None
        if not html:
            change = _change_in_text(text, begin, end, track)
        elif (href := hrefs.get(begin)) is not None:
            change = _change_in_html(text, href, end, track)
        if change is not None:
            begin, end, replacement = change
            rendered += (text[position:begin], replacement)
            position = end
    rendered.append(text[position:])
    return "".join(rendered)


_Change = tuple[int, int, str]
"""From where to where, and what comes there."""


def _spans(pieces: Sequence[str], edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    offset = piece = 0
    offsets: list[int] = []
    for edge in edges:
        offset += sum(map(len, pieces[piece:edge]))
        piece = edge
        offsets.append(offset)
    return zip(offsets[::2], offsets[1::2], strict=True)


def _change_in_html(text: str, href: HtmlLink, end: int, track: Callable[[Link], str]) -> _Change:
    """A tag with the new address and without our attributes."""
    begin, end = href.begin, min(end, href.end)
    ours = [each for each in attributes(text, href.tag) if each.name.startswith("data-msys-")]
    values = {each.name: unescaped(text[each.value_begin : each.value_end]) for each in ours}
    link = _link(unescaped(text[begin:end]), values)
    url = track(link)
    address = text[begin:end] if url == link.url else escape(url)
    # With the white space before each of them.
    cuts = [(each.begin - 1, each.end, "") for each in ours]
    pieces: list[str] = []
    position = href.tag.begin
    for cut_begin, cut_end, instead in sorted([*cuts, (begin, end, address)]):
        pieces += (text[position:cut_begin], instead)
        position = cut_end
    return href.tag.begin, position, "".join(pieces)


def _change_in_text(text: str, begin: int, end: int, track: Callable[[Link], str]) -> _Change:
    given = ""
    brackets_end = end
    while brackets := _BRACKETS.match(text, brackets_end):
        given += " " + brackets[1]
        brackets_end = brackets.end()
    # assumed: the full stop of a sentence is no part of the address before it.
    url = text[begin:end] if given else text[begin:end].rstrip(_CLOSING_PUNCTUATION)
    values = {found[1]: unescaped(found[2].strip("\"'")) for found in _ATTRIBUTE.finditer(given)}
    return begin, brackets_end if given else begin + len(url), track(_link(url, values))


def _link(url: str, given: Mapping[str, str]) -> Link:
    name = given.get("data-msys-linkname", "").encode(errors="replace")[:_NAME_LIMIT].decode(errors="ignore")
    return Link(
        url,
        name or RAW_URL,
        unsubscribe=given.get("data-msys-unsubscribe") == "1",
        clicktrack=given.get("data-msys-clicktrack") != "0",
        sublink=given.get("data-msys-sublink"),
    )
