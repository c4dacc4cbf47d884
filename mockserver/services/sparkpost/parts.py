"""The parts of a mail's content: each is a template of its own, with the vendor's name for it in errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from mockserver.core.errors import Refusal
from mockserver.core.messages import Attachment

from . import errors
from .substitution import Link, TemplateError, compile

TEXT, HTML, AMP = "text", "html", "amp_html"
HEADER = "Header:"


class Track(Protocol):
    """Changes the bodies of a message so that it is known who opens it and follows its links."""

    def link(self, part: str, link: Link) -> str:
        """The address to put in the place of a link."""

    def finish(self, part: str, text: str) -> str:
        """A body as it goes out, once its links are replaced."""


class Rendered(NamedTuple):
    """Content as one recipient gets it."""

    sender: str
    sender_name: str
    subject: str
    text: str | None
    html: str | None
    amp_html: str | None
    reply_to: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    source: bytes = b""
    """The whole mail, where the content was one."""


class Content(Protocol):
    """What messages are made from."""

    literal: bool
    """Whether it reads the same for everybody, so that there is nothing to fill in."""

    def render(self, data: Mapping[str, Any], *, substitute: bool = True, track: Track | None = None) -> Rendered:
        """The content filled in with ``data``; ``substitute=False`` leaves the bodies as they are."""


class Part:
    """A compiled part: ``text``, ``html``, ``amp_html`` or a header, ``Header:Subject``."""

    __slots__ = ("_html", "_marked", "_template", "name", "source")

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self._html = name in ("html", "amp_html")
        self._marked = "data-msys-" in source
        try:
            self._template = compile(source)
        except TemplateError as error:
            raise _refusal(name, error) from None

    def fill(self, data: Mapping[str, Any], track: Callable[[Link], str] | None = None) -> str:
        """The part with the data put in. The vendor's own attributes of links are taken out in any case."""
        if track is None and self._marked:
            track = _untracked
        try:
            return self._template.render(data, html=self._html, track=track)
        except TemplateError as error:
            raise _refusal(self.name, error) from None


Text = str | Part
"""A part, or the text of one that reads the same for everybody, links apart."""


def part(name: str, source: str) -> Text:
    """A part of the content, compiled if there is anything to compile. Refuses what does not compile, code 3000."""
    return Part(name, source) if "{{" in source or "data-msys-" in source else source


def fill(text: Text, data: Mapping[str, Any]) -> str:
    """A body's part with the data put in."""
    return text if isinstance(text, str) else text.fill(data)


def fill_line(text: Text, data: Mapping[str, Any]) -> str:
    """A header with the data put in. Line breaks that the data bring along become spaces: no header is smuggled in."""
    if isinstance(text, str):
        return text
    value = text.fill(data)
    return value if value.isprintable() else value.replace("\r", " ").replace("\n", " ").replace("\0", "")


def fill_tracked(name: str, text: Text, data: Mapping[str, Any], track: Track) -> str:
    """A body's part with the data put in, and ``track`` asked for the address of each of its links."""
    if isinstance(text, str) and "://" not in text and "{{" not in text:
        return track.finish(name, text)
    compiled = Part(name, text) if isinstance(text, str) else text
    return track.finish(name, compiled.fill(data, partial(track.link, name)))


def source_of(text: Text) -> str:
    """A part as it was given."""
    return text if isinstance(text, str) else text.source


def _untracked(link: Link) -> str:
    return link.url


def _refusal(part: str, error: TemplateError) -> Refusal:
    row = errors.SYNTAX_ERROR if error.code == "3000" else errors.RENDER_ERROR
    verb = "compiling" if error.code == "3000" else "rendering"
    if part.startswith(HEADER):
        text = f"Error while {verb} header {part.removeprefix(HEADER)}: {error.message}"
        return row(description=text, part=part)
    text = f"Error while {verb} part {part}: line {error.line}: {error.message}"
    return row(description=text, part=part, line=error.line)
