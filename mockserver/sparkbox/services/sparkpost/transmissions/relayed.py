"""A mail that came by SMTP and is sent as it is. Its headers are read at once, the rest when it is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sparkbox.core.state.steps import Steps
from sparkbox.mail.entities import MANY_FIELDS, Entity, tree_in_steps
from sparkbox.mail.headers import Fields, decoded, first, top_fields, values
from sparkbox.mail.parse import shown

from ..templates.parts import AMP, HTML, MARK, TEXT, Bodies, Outline, Rendered, Tracking
from .addresses import sender_in
from .rfc822 import rendered, substituted, with_bodies

READ_LATER = 64 * 1024
"""Bytes of the largest mail that is read when somebody looks at it. A larger one is read in steps."""

_PLAIN_TYPE = re.compile(r"text/(?:plain|html)(?:;\s*charset=\"?(?:utf-8|us-ascii|iso-8859-1)\"?)?", re.IGNORECASE)
_ATTRIBUTES, _UNSUBSCRIBE = MARK.encode(), b"list-unsubscribe"
"""What may be removed from a mail: attributes of links, and headers."""
_LONGEST_PLAIN = 100
_PLAIN_ENCODING = re.compile("(?:7bit|8bit|binary)?", re.IGNORECASE)


def relayed(source: bytes, fields: Fields | None = None) -> Steps[RelayedMail]:
    """Return a mail as content; ``fields`` are its headers, if they are read. A large mail is read in steps now."""
    mail = RelayedMail(source, fields)
    if len(source) > READ_LATER:
        yield
        yield from mail.render({})
    return mail


class _Read(NamedTuple):
    """What a mail shows, its parts that may be tracked, and their texts."""

    rendered: Rendered
    parts: dict[str, Entity]
    bodies: Bodies
    marked: bool
    """Whether a body has the vendor's attributes of links, which are removed."""


class RelayedMail:
    """A mail with its headers."""

    literal = True
    size = 0
    whole = True

    def __init__(self, source: bytes, fields: Fields | None = None) -> None:
        self.packed = source
        self.tracked = False
        """Whether its links and opens are; to be set before it is rendered."""
        self.fields: Fields = top_fields(source) if fields is None else fields
        # Two headers are not one sender, and neither are two addresses in one header.
        self.sender, self.sender_name = sender_in(", ".join(values(self.fields, "from")))
        self._read: _Read | None = None

    def outline(self, data: Mapping[str, Any]) -> Outline | None:
        """Return what is known of a mail that is not read yet; ``None`` if that is not enough."""
        if self.tracked or self._read is not None or not self.sender or not self._is_plain():
            return None
        return Outline(self.sender, self._subject, len(self.packed))

    def render(
        self, data: Mapping[str, Any], *, substitute: bool = True, track: Tracking | None = None
    ) -> Steps[Rendered]:
        """Return the mail, changed only by what ``track`` adds."""
        read = self._read or (yield from self._take_apart())
        if track is None or not (self.tracked or read.marked):
            return read.rendered
        bodies = yield from read.bodies.finish((yield from read.bodies.spell(data, tracked=True)), track)
        texts = read.bodies.texts
        changed = {name: text for name, text in bodies.items() if text != texts[name]}
        if not changed:
            return read.rendered
        source = with_bodies(self.packed, read.parts, changed)
        return read.rendered._replace(source=source, **changed)  # type: ignore[arg-type]

    @property
    def _subject(self) -> str:
        return decoded(first(self.fields, "subject"))

    def _is_plain(self) -> bool:
        """Return whether the mail will be sent as it is, with further headers at its top at most."""
        kind, encoding = first(self.fields, "content-type"), first(self.fields, "content-transfer-encoding")
        if len(kind) + len(encoding) > _LONGEST_PLAIN or not _is_shown(kind, encoding):
            return False
        lowered = self.packed.lower()
        head = lowered[: lowered.find(b"\r\n\r\n")]
        return head.isascii() and _ATTRIBUTES not in lowered and _UNSUBSCRIBE not in head

    def _take_apart(self) -> Steps[_Read]:
        root = yield from tree_in_steps(self.packed, messages=False)
        mail = yield from shown(root)
        named = ((TEXT, mail.text), (HTML, mail.html), (AMP, mail.amp_html))
        texts = {name: text for name, text in named if text is not None}
        marked = any(len(text) > READ_LATER or MARK in text.lower() for text in texts.values())
        self._read = _Read(rendered(self.packed, mail), substituted(root), Bodies(texts), marked)
        if len(root.fields) > MANY_FIELDS:
            yield
        return self._read


@lru_cache(100)
def _is_shown(kind: str, encoding: str) -> bool:
    """Return whether text of this type and encoding can be seen in the bytes of a mail."""
    if _PLAIN_TYPE.fullmatch(kind.strip() or "text/plain") is None:
        return False
    return _PLAIN_ENCODING.fullmatch(encoding.strip()) is not None
