"""Read a mail (RFC 5322, MIME) as its recipient's program shows it.

Everything is read as far as it makes sense; nothing is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from sparkbox.core.logs.messages import Attachment
from sparkbox.core.state.steps import Steps, chunks, complete

from .addresses import gather
from .entities import MESSAGE, Entity, tree_in_steps
from .headers import Fields, decoded, first, values

BODIES = ("text/plain", "text/html", "text/x-amp-html")
FIELDS_A_STEP = 10_000
MAILBOXES_A_STEP = 2000
LONGEST_REMEMBERED = 500
"""Characters of a list of mailboxes that need not be read again when it comes again."""


class Mail(NamedTuple):
    """A mail's contents. ``headers`` are the ``fields``, decoded, in order."""

    fields: Fields
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    amp_html: str | None
    attachments: tuple[Attachment, ...]

    def header(self, name: str) -> str:
        """Return the first header of this name (in lower case); empty without one."""
        return first(self.headers, name)


def read(source: bytes) -> Mail:
    """Read any bytes as a mail, as far as they are one."""
    return complete(read_in_steps(source))


def read_in_steps(source: bytes) -> Steps[Mail]:
    """:func:`read`, in steps."""
    return (yield from shown((yield from tree_in_steps(source, messages=False))))


def shown(root: Entity) -> Steps[Mail]:
    """Return what a mail shows, given its parts; mails within it are attachments."""
    bodies: dict[str, str] = {}
    attachments = []
    for part, belongs in leaves(root):
        attached = part.disposition == "attachment"
        if part.kind in BODIES and part.kind not in bodies and not attached and not belongs:
            bodies[part.kind] = yield from part.read_text()
        elif attached or belongs or part.kind == MESSAGE or part.content_id is not None or part.file_name:
            data = yield from part.decode()
            attachments.append(Attachment(part.file_name, part.kind, data, part.content_id or None))
    headers: list[tuple[str, str]] = []
    for start, fields in chunks(root.fields, FIELDS_A_STEP):
        if start:
            yield
        headers += [(name, decoded(value)) for name, value in fields]
    text, html, amp_html = [bodies.get(kind) for kind in BODIES]
    return Mail(root.fields, tuple(headers), text, html, amp_html, tuple(attachments))


def mailboxes(fields: Fields, name: str) -> list[tuple[str, str]]:
    """Return the display names and addresses in all headers of a name (in lower case), without what is no address."""
    return complete(mailboxes_in_steps(fields, name))


def mailboxes_in_steps(fields: Fields, name: str) -> Steps[list[tuple[str, str]]]:
    """:func:`mailboxes`, in steps."""
    found: list[tuple[str, str]] = []
    for place, value in enumerate(values(fields, name), 1):
        found += _boxes_in(value) if len(value) <= LONGEST_REMEMBERED else _boxes_in.__wrapped__(value)
        if place % MAILBOXES_A_STEP == 0:
            yield
    return found


@lru_cache(1000)
def _boxes_in(value: str) -> list[tuple[str, str]]:
    return [(decoded(box.name), box.email) for box in gather(value)]


def leaves(part: Entity, *, belongs: bool = False) -> Iterator[tuple[Entity, bool]]:
    """Yield the parts that are no multiparts, and whether each belongs to another, as an image to HTML."""
    if not part.boundary:
        yield part, belongs
        return
    related = part.kind == "multipart/related"
    for number, each in enumerate(part.parts):
        yield from leaves(each, belongs=belongs or (related and number > 0))
