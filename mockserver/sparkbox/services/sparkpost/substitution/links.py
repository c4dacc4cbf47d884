"""Links: where the template's own text begins one, and the vendor's attributes beside it.

A link begins where the template spells `http://` or `https://`; a protocol inside a variable begins none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sparkbox.core.state.steps import Steps, complete
from sparkbox.mail.html import MOST_LINKS, Page, changed, search, unescaped
from sparkbox.mail.html import Link as HtmlLink
from sparkbox.mail.html import page as read_page

RAW_URL = "Raw URL"

_PROTOCOL = re.compile(r"https?://", re.IGNORECASE)
# assumed: the document names white space only; quotes and angle brackets end an address in HTML and in text anyway.
_DELIMITER = re.compile(r"[\s\"'<>]|\[\[")
_ATTRIBUTE = re.compile(r"\s(data-msys-[a-z]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_BRACKETS = re.compile(
    r"\[\[((?:\s*data-msys-(?:clicktrack|unsubscribe|sublink)\s*=\s*(?:\"[^\"\]]*\"|'[^'\]]*'))+)\s*\]\]"
)
_MOST_BRACKETS = 10
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


Spans = Sequence[tuple[int, int]]
"""Where links begin and end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A text with its links found, for all whose own addresses are put in."""

    text: str
    links: Sequence[tuple[int, int, Link]]
    """From where to where, and which; :data:`~sparkbox.mail.html.MOST_LINKS` at most."""
    cuts: Sequence[tuple[int, int, str]]
    """The vendor's own attributes, which nobody gets to see."""
    html: bool
    page: Page | None = None

    def tracked(self, track: Callable[[Link], str], *more: tuple[int, int, str]) -> str:
        """The text with the address that `track` gives for each link, and what else is put in."""
        changes = [*more, *self.cuts]
        for begin, end, link in self.links:
            url = track(link)
            if not self.html or url != link.url:
                changes.append((begin, end, escape(url) if self.html else url))
        return changed(self.text, changes)


def plan(text: str, spans: Spans | None, html: bool) -> Steps[Plan]:
    """Finds the links of a rendered part.

    `spans`: where its template spells links; of a text that is no template, they are found as well. assumed: in HTML
    only the `href` of an `a` or `area` is a link to be tracked, in text every link is.
    """
    if html:
        page = yield from read_page(text)
        return (yield from _plan_of_page(text, page, None if spans is None else dict(spans)))
    if spans is None:
        spans = yield from _spelt(text)
    return Plan(text, [_link_in_text(text, begin, end) for begin, end in spans[:MOST_LINKS]], (), html)


def track_links(pieces: Sequence[str], edges: Sequence[int], html: bool, track: Callable[[Link], str]) -> str:
    """Joins the pieces of a rendered part, with the address that `track` gives for each link, without the attributes.

    `edges` holds, by turns, the index of the first piece of a link and of the first piece after it.
    """
    return complete(plan("".join(pieces), spans_of(pieces, edges), html)).tracked(track)


def spans_of(pieces: Sequence[str], edges: Sequence[int]) -> Spans:
    """Where the links are in the pieces once they are joined."""
    offset = piece = 0
    offsets: list[int] = []
    for edge in edges:
        offset += sum(map(len, pieces[piece:edge]))
        piece = edge
        offsets.append(offset)
    return list(zip(offsets[::2], offsets[1::2], strict=True))


def _spelt(text: str) -> Steps[Spans]:
    """The links in a text that is no template, as :class:`LinkReader` sees them."""
    spans: list[tuple[int, int]] = []
    position = 0
    while len(spans) < MOST_LINKS:
        protocol = yield from search(_PROTOCOL, text, position)
        if protocol is None:
            break
        delimiter = yield from search(_DELIMITER, text, protocol.end())
        position = len(text) if delimiter is None else delimiter.start()
        spans.append((protocol.start(), position))
        if len(spans) % 500 == 0:
            yield
    return spans


def _plan_of_page(text: str, page: Page, spans: dict[int, int] | None) -> Steps[Plan]:
    links: list[tuple[int, int, Link]] = []
    cuts: list[tuple[int, int, str]] = []
    for number, href in enumerate(page.links, 1):
        if number % 500 == 0:
            yield
        end = _end_in_tag(text, href) if spans is None else spans.get(href.begin)
        if end is None:
            continue
        ours = [each for each in href.marks if each.name.startswith("data-msys-")]
        values = {each.name: unescaped(text[each.value_begin : each.value_end]) for each in ours}
        end = min(end, href.end)
        links.append((href.begin, end, _link(unescaped(text[href.begin : end]), values)))
        # With the white space before each of them.
        cuts += [(each.begin - 1, each.end, "") for each in ours]
    return Plan(text, links, cuts, True, page)


def _end_in_tag(text: str, href: HtmlLink) -> int | None:
    """Where the link ends that the text spells in an `href`; none if it is in the middle of another one."""
    position = href.tag.begin
    while (protocol := _PROTOCOL.search(text, position, href.end)) is not None:
        delimiter = _DELIMITER.search(text, protocol.end(), href.end)
        position = href.end if delimiter is None else delimiter.start()
        if protocol.start() == href.begin:
            return position
    return None


def _link_in_text(text: str, begin: int, end: int) -> tuple[int, int, Link]:
    given = ""
    brackets_end = end
    for _ in range(_MOST_BRACKETS):
        brackets = _BRACKETS.match(text, brackets_end)
        if brackets is None:
            break
        given += " " + brackets[1]
        brackets_end = brackets.end()
    # assumed: the full stop of a sentence is no part of the address before it.
    url = text[begin:end] if given else text[begin:end].rstrip(_CLOSING_PUNCTUATION)
    values = {found[1]: unescaped(found[2].strip("\"'")) for found in _ATTRIBUTE.finditer(given)}
    return begin, brackets_end if given else begin + len(url), _link(url, values)


def _link(url: str, given: Mapping[str, str]) -> Link:
    name = given.get("data-msys-linkname", "").encode(errors="replace")[:_NAME_LIMIT].decode(errors="ignore")
    return Link(
        url,
        name or RAW_URL,
        unsubscribe=given.get("data-msys-unsubscribe") == "1",
        clicktrack=given.get("data-msys-clicktrack") != "0",
        sublink=given.get("data-msys-sublink"),
    )
