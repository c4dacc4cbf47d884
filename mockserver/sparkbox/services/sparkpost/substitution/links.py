"""Links in the template's own text, and the vendor's attributes beside them.

A link begins where the template has `http://` or `https://`; a protocol inside a variable begins none.
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
# assumed: the document mentions white space only; quotes and angle brackets end an address as well.
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
    """Where a link begins in a template's text and, at the next edge, ends."""


class LinkReader:
    """Reads a template's source in order and keeps track of whether it is inside a link."""

    def __init__(self) -> None:
        self.inside = False
        self._in_query = False

    def read_text(self, text: str) -> Iterator[str | Edge]:
        """Return the text in pieces, with the edges of its links between them."""
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
        """Read an expression; in a link, it is part of it. assumed: one with spaces ends a query string."""
        if self.inside and self._in_query and any(map(str.isspace, content)):
            yield from self.leave()

    def leave(self) -> Iterator[Edge]:
        """End the link at a statement, at included content, or at the end of the text."""
        if self.inside:
            self.inside = False
            yield Edge()


Spans = Sequence[tuple[int, int]]
"""Where links begin and end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A text and its links, whose addresses are replaced for each recipient."""

    text: str
    links: Sequence[tuple[int, int, Link]]
    """Beginning, end and link; at most :data:`~sparkbox.mail.html.MOST_LINKS`."""
    cuts: Sequence[tuple[int, int, str]]
    """The vendor's attributes, which are removed."""
    html: bool
    page: Page | None = None

    def tracked(self, track: Callable[[Link], str], *more: tuple[int, int, str]) -> str:
        """Return the text with the addresses that `track` returns, and with further insertions."""
        changes = [*more, *self.cuts]
        for begin, end, link in self.links:
            url = track(link)
            if not self.html or url != link.url:
                changes.append((begin, end, escape(url) if self.html else url))
        return changed(self.text, changes)


def plan(text: str, spans: Spans | None, html: bool) -> Steps[Plan]:
    """Find the links of a rendered part.

    `spans` are the links in its template; a text that is no template is searched. assumed: in HTML only the `href` of
    an `a` or `area` is a tracked link, in text every link is.
    """
    if html:
        page = yield from read_page(text)
        return (yield from _plan_of_page(text, page, None if spans is None else dict(spans)))
    if spans is None:
        spans = yield from _spelt(text)
    return Plan(text, [_link_in_text(text, begin, end) for begin, end in spans[:MOST_LINKS]], (), html)


def track_links(pieces: Sequence[str], edges: Sequence[int], html: bool, track: Callable[[Link], str]) -> str:
    """Join the pieces of a rendered part, with the addresses that `track` returns and without the attributes.

    `edges` alternates between the index of the first piece of a link and that of the first piece after it.
    """
    return complete(plan("".join(pieces), spans_of(pieces, edges), html)).tracked(track)


def spans_of(pieces: Sequence[str], edges: Sequence[int]) -> Spans:
    """Return where the links are in the joined pieces."""
    offset = piece = 0
    offsets: list[int] = []
    for edge in edges:
        offset += sum(map(len, pieces[piece:edge]))
        piece = edge
        offsets.append(offset)
    return list(zip(offsets[::2], offsets[1::2], strict=True))


def _spelt(text: str) -> Steps[Spans]:
    """Return the links in a text that is no template, as :class:`LinkReader` finds them."""
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
        # With the white space before each attribute.
        cuts += [(each.begin - 1, each.end, "") for each in ours]
    return Plan(text, links, cuts, True, page)


def _end_in_tag(text: str, href: HtmlLink) -> int | None:
    """Return the end of the link in an `href`; `None` if it is inside another link."""
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
    # assumed: a full stop at the end of a sentence is not part of the address.
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
