"""The parts of a mail's content. Each is a template with the vendor's name for it, which errors show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import Attachment
from sparkbox.core.state.steps import Steps

from .. import errors
from ..substitution import Link, Plan, Spans, TemplateError, allowance, compile, plan

TEXT, HTML, AMP = "text", "html", "amp_html"
HEADER = "Header:"
MARK = "data-msys-"
WORK_OF_A_LINK = 25
"""Steps of a template."""


class Track(Protocol):
    """Adds tracking to the bodies of a message: links and pixels."""

    def link(self, part: str, link: Link) -> str:
        """Return the address that replaces a link."""

    def pixels(self, part: str) -> tuple[str, str]:
        """Return what is added at the beginning and at the end of a body; each may be empty."""


Tracking = Callable[[], Track]
"""Returns the tracking of the message that is captured next, immediately afterwards."""


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
    """The complete mail, if the content was one."""


class Outline(NamedTuple):
    """What the events of a message tell of it. Either it is ``rendered``, or it can be later, with the ``values``."""

    sender: str
    subject: str
    size: int
    """About how many bytes the mail has, before anything is substituted and tracked in it."""
    rendered: Rendered | None = None
    values: bytes = b""


class Content(Protocol):
    """The content that messages are made from."""

    literal: bool
    """Whether it is the same for all recipients."""
    packed: bytes
    """What it was prepared from, if it can be prepared again."""
    size: int
    """About how many bytes the mail has; 0 if only its rendering tells."""
    whole: bool
    """Whether it is a mail that came by SMTP, which is sent as it is."""

    def outline(self, data: Mapping[str, Any]) -> Outline | None:
        """Return what is known of a message without rendering it; ``None`` if it has to be rendered now."""

    def render(
        self, data: Mapping[str, Any], *, substitute: bool = True, track: Tracking | None = None
    ) -> Steps[Rendered]:
        """Render the content with ``data``; ``substitute=False`` leaves the bodies unchanged."""


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
            raise _api_error(name, error) from None

    @property
    def variables(self) -> tuple[str, ...] | None:
        """The variables of a part in which there is nothing else that has to be worked out."""
        return self._template.variables

    def fill(self, data: Mapping[str, Any]) -> str:
        """Render the part, without the vendor's attributes of links."""
        try:
            return self._template.render(data, html=self._html, track=_untracked if self._marked else None)
        except TemplateError as error:
            raise _api_error(self.name, error) from None

    def spell(self, data: Mapping[str, Any], *, tracked: bool) -> Steps[tuple[str, Spans | None]]:
        """Render the part in steps; return its links as well if they are tracked or marked."""
        try:
            if tracked or self._marked:
                return (yield from self._template.spell(data, html=self._html))
            return (yield from self._template.rendered(data, html=self._html)), None
        except TemplateError as error:
            raise _api_error(self.name, error) from None


Text = str | Part
"""A part, or its text if that is the same for all recipients, apart from links."""


def part(name: str, source: str) -> Text:
    """Return a part of the content, compiled if it has tags. Raise 3000 if it does not compile."""
    marked = name.startswith(HEADER) and MARK in source
    return Part(name, source) if "{{" in source or marked else source


def fill_line(text: Text, data: Mapping[str, Any]) -> str:
    """Render a header. Line breaks in the data become spaces, so that no header can be smuggled in."""
    if isinstance(text, str):
        return text
    value = text.fill(data)
    return value if value.isprintable() else value.replace("\r", " ").replace("\n", " ").replace("\0", "")


class Bodies:
    """The bodies of a content, by ``text``, ``html`` and ``amp_html``, and how they are rendered for each recipient.

    The links of a body that is the same for all recipients are searched once.
    """

    def __init__(self, texts: Mapping[str, Text]) -> None:
        self.texts = texts
        self._plans: dict[str, Plan] = {}

    def spell(self, data: Mapping[str, Any], *, tracked: bool) -> Steps[Spelt]:
        """Render the bodies in steps."""
        spelt: Spelt = {}
        for name, text in self.texts.items():
            spelt[name] = (text, None) if isinstance(text, str) else (yield from text.spell(data, tracked=tracked))
        return spelt

    def finish(self, spelt: Spelt, track: Tracking | None) -> Steps[dict[str, str]]:
        """Return the final bodies. ``track`` is called at the end, after the last step."""
        plans: dict[str, Plan] = {}
        for name, (text, spans) in spelt.items():
            if isinstance(self.texts[name], str):
                if track is not None or MARK in text:
                    if name not in self._plans:
                        self._plans[name] = yield from plan(text, None, name in (HTML, AMP))
                    plans[name] = self._plans[name]
            elif spans is not None:
                plans[name] = yield from plan(text, spans, name in (HTML, AMP))
        if not plans:
            return {name: text for name, (text, _) in spelt.items()}
        tracker = None if track is None else track()
        return {name: _put_in(name, plans[name], tracker) if name in plans else spelt[name][0] for name in spelt}


Spelt = dict[str, tuple[str, "Spans | None"]]


def _put_in(name: str, plan: Plan, track: Track | None) -> str:
    """Return a body with its links and pixels."""
    if track is None:
        return plan.tracked(_untracked)
    allowance.done += WORK_OF_A_LINK * len(plan.links)
    first, last = track.pixels(name)
    page, more = plan.page, []
    if page is not None and first:
        more.append((page.body_begin, page.body_begin, first))
    if page is not None and last:
        more.append((page.body_end, page.body_end, last))
    return plan.tracked(partial(track.link, name), *more)


def source_of(text: Text) -> str:
    """Return the source of a part."""
    return text if isinstance(text, str) else text.source


def _untracked(link: Link) -> str:
    return link.url


def _api_error(part: str, error: TemplateError) -> ApiError:
    row = errors.SYNTAX_ERROR if error.code == "3000" else errors.RENDER_ERROR
    verb = "compiling" if error.code == "3000" else "rendering"
    if part.startswith(HEADER):
        text = f"Error while {verb} header {part.removeprefix(HEADER)}: {error.message}"
        return row(description=text, part=part)
    text = f"Error while {verb} part {part}: line {error.line}: {error.message}"
    return row(description=text, part=part, line=error.line)
