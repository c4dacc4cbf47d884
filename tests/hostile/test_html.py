"""Broken HTML is read in one pass by all its readers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.state.steps import complete
from sparkbox.mail import html as pages
from sparkbox.services.sparkpost.substitution.links import Link, track_links

PIECES = [
    "<!--", "<!-- ", "-->", "<", "</", "<!", "<?", "<![CDATA[", "<a ", "<a", "<area ", "</a>", "<body ", "<body>",
    "</body", "</body ", "</body>", "<html ", "<head>", "</head ", "<script ", "<script>", "</script", "<style>",
    "<title>", '<a href="', "<a href='", '<a href="http://a.example/', '<a href="http://a.example/">x</a>',
    "<a href=http://a.example ", " a = ", "=", " ", "/", "\"'", "'\"", '"', ">", "&", "&#", "&#x", "&amp", "&a", "9",
    "&#9", "<br>", "<p>", "<a data-msys-linkname=\"", "http://", "x", "\n",
]  # fmt: skip


def tokens(text: str, **how: re.Pattern[str]) -> Iterator[pages.Token]:
    return (token for token in pages.tokens(text, **how) if token is not None)


def track(text: str) -> str:
    """Track the links that the vendor's template language sees."""
    pieces = text.replace("http://", "\0http://").split("\0")
    edges = [edge for number in range(1, len(pieces)) for edge in (number, number + 1)]
    return track_links(pieces, edges, True, lambda link: Link(link.url + "x").url)


READERS: list[Callable[[str], Any]] = [
    lambda text: complete(pages.plain_text(text)), lambda text: complete(pages.page(text)),
    lambda text: complete(pages.links(text, 10**6, 2000)), lambda text: list(tokens(text)), track,
]  # fmt: skip


def calls(reader: Callable[[str], Any], text: str) -> int:
    """Count the calls of Python and C functions that a reader makes."""
    count = 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        reader(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_html_takes_linear_work(piece: str) -> None:
    """What a single call of a pattern costs is tested in ``test_patterns``."""
    for reader in READERS:
        once, twice = (calls(reader, piece * (size // len(piece))) for size in (4000, 8000))
        assert twice <= 2.1 * once + 50


@pytest.mark.parametrize("piece", PIECES)
def test_html_of_large_pages_is_read_to_the_end(piece: str) -> None:
    """300 kB, for which a quadratic reader takes minutes to hours."""
    text = piece * (300_000 // len(piece))
    assert all(one.end <= two.begin for one, two in pairwise(tokens(text)))
    assert len(complete(pages.plain_text(text))) <= len(text)
    page = complete(pages.page(text))
    assert 0 <= page.body_begin <= len(text) >= page.body_end


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_html_tokens_are_in_order_and_change_nothing_else(text: str) -> None:
    found = list(tokens(text))
    assert all(one.end <= two.begin for one, two in pairwise(found))
    for token in found:
        assert text[token.begin] == "<"
        for each in pages.attributes(text, token):
            assert token.begin < each.begin < each.end <= token.end
            assert each.begin < each.value_begin <= each.value_end <= each.end
    frame = [token for token in found if token.name in ("body", "head", "html")]
    assert frame == [token for token in tokens(text, up_to=pages._UP_TO_LINK_OR_FRAME) if token in frame]
    named = [token for token in found if token.name in ("a", "area") and any(pages.attributes(text, token))]
    for up_to in (pages._UP_TO_LINK, pages._UP_TO_LINK_OR_FRAME):
        opening = [token for token in named if not token.closing]
        assert opening == [token for token in tokens(text, up_to=up_to) if token in opening]
    assert track_links([text], [], True, lambda link: "") == text


@given(st.lists(st.sampled_from([*PIECES, "\u2028", "\r", " \n ", "--!>"]), max_size=12).map("".join))
def test_html_reads_the_same_in_steps_of_any_size(text: str) -> None:
    def readings() -> list[Any]:
        pages_read = complete(pages.plain_text(text)), complete(pages.page(text)), complete(pages.links(text, 99, 99))
        return [list(tokens(text)), *pages_read]

    at_once = readings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PIECE", 3)
        patch.setattr(pages, "_WINDOW", 20)
        assert readings() == at_once


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str]]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [(name, value or "") for name, value in attrs]))


VALUES = st.text(alphabet="ab &;=<>/é", max_size=6)
ATTRIBUTES = st.tuples(st.sampled_from(["href", "ID", "data-x"]), VALUES, st.sampled_from(['"{}"', "'{}'"])).map(
    lambda row: f" {row[0]} = {row[2].format(row[1])}"
)
TAGS = st.tuples(st.sampled_from(["a", "Area", "p", "h1"]), st.lists(ATTRIBUTES, max_size=3)).map(
    lambda row: f"<{row[0]}{''.join(row[1])}>"
)
SCRIPTS = st.sampled_from(["<script>if (a < b) '<a href=x>'</script>", "<STYLE>p > a {}</style>", "<!-- <a> -->"])


@given(st.lists(TAGS | SCRIPTS | st.sampled_from(["text", "</p>", "a &lt; b", "<br/>"]), max_size=8).map("".join))
def test_html_agrees_with_the_standard_library_on_valid_pages(text: str) -> None:
    ours = [
        (tag.name, [(each.name, pages.unescaped(text[each.value_begin : each.value_end])) for each in found])
        for tag in tokens(text)
        if tag.name and not tag.closing
        for found in [list(pages.attributes(text, tag))]
    ]
    assert ours == Tags(text).found


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a < b, b > a", "a < b, b > a"),
        ("One<!-- <p>two</p> --> three", "One three"),
        ("One<!-- two", "One"),
        ("One<a two", "One"),
        ("<p title='>'>One</p>Two", "One\nTwo"),
        ("<script>'</p>'</script >One", "One"),
        ("<title>x</title>One<br/>Two", "One\nTwo"),
        ("&#" + "9" * 5000 + ";&amp;", "\N{REPLACEMENT CHARACTER}&"),
    ],
)
def test_html_plain_text_is_what_a_browser_shows(html: str, text: str) -> None:
    assert complete(pages.plain_text(html)) == text


def test_html_links_are_found_with_any_quotes() -> None:
    html = (
        "<a href='http://a.example'><a class=x href=http://b.example/><area href=\" HTTPS://c.example?a&amp;b \">"
        "<link href='http://d.example'><!-- <a href='http://e.example'> --><a title='<a href=\"http://f.example\">'>"
        "<a href=''><a href='mailto:g@g.example'><a data-href='http://h.example'>"
    )
    assert [pages.unescaped(html[link.begin : link.end]) for link in complete(pages.links(html, 10, 100))] == [
        "http://a.example", "http://b.example/", "HTTPS://c.example?a&b",
    ]  # fmt: skip
