"""Renders the messages of a mailing: now, or when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from sparkbox.core.logs.messages import PendingMessage, RecipientType
from sparkbox.core.state.signing import Signer
from sparkbox.core.state.steps import Steps, complete
from sparkbox.mail.addresses import domain_of
from sparkbox.mail.build import mailbox, quoted
from sparkbox.mail.message import MailMessage
from sparkbox.mail.tracking import without_unsubscribe
from sparkbox.services import SPARKPOST

from ..engagement.tracking import Tracker
from ..recipient_lists.recipients import Recipient
from ..templates import contents
from ..templates.parts import Content, Outline, Rendered
from .addresses import addresses_in
from .mailing import Mailing
from .relayed import RelayedMail
from .rfc822 import with_header, with_headers


class PendingMail(PendingMessage, frozen=True, gc=False, kw_only=True):
    """A message of a transmission that is rendered when somebody looks: see :meth:`.Prepared.outline`."""

    mailing: Mailing
    content: bytes
    """Packed, as stored templates are, or a mail."""
    whole: bool = False
    """Whether it is a mail that came by SMTP."""
    values: bytes
    """The substitution data that the content takes, as JSON."""
    to_name: str
    rcpt_type: RecipientType
    metadata: bytes
    injection: int
    """The number of its injection."""
    signer: Signer
    """The account's, for its links."""
    account: str
    time: float

    @property
    def size(self) -> int:
        """Bytes that this message is counted with before it is rendered."""
        given = len(self.content) + len(self.values) + len(self.metadata) + len(self.to) + len(self.to_name)
        return 700 + given + self.mailing.size

    def made(self, number: int) -> MailMessage:
        content: Content
        content = RelayedMail(self.content) if self.whole else complete(contents.prepare_stored(self.content))
        data = orjson.loads(self.values) if self.values else {}
        track = partial(tracker, self.mailing, self.signer, self.injection)
        rendered = complete(render(content, data, self.mailing, track))
        return message_of(
            self.mailing,
            rendered,
            number=number,
            service=SPARKPOST.name,
            account=self.account,
            time=self.time,
            to=self.to,
            to_name=self.to_name,
            rcpt_type=self.rcpt_type,
            metadata=self.metadata,
            status=self.status,
        )


def message_of(mailing: Mailing, rendered: Rendered, **others: Any) -> MailMessage:
    """Return a rendered message; ``others`` are the fields that are not rendered."""
    return MailMessage(
        vendor_id=mailing.id,
        sender=rendered.sender,
        sender_name=rendered.sender_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        amp_html=rendered.amp_html,
        reply_to=rendered.reply_to,
        headers=rendered.headers,
        attachments=rendered.attachments,
        source=rendered.source,
        **others,
    )


def outline(
    content: Content, data: Mapping[str, Any], mailing: Mailing, track: Callable[[], Tracker]
) -> Outline | None:
    """Return what is known of a message that can be rendered later; ``None`` if it has to be rendered now."""
    found = content.outline(data)
    if found is None or not isinstance(content, RelayedMail) or not _adds_unsubscribe(mailing):
        return found
    return found._replace(size=found.size + track().unsubscribe_size())


def render(
    content: Content,
    data: Mapping[str, Any],
    mailing: Mailing,
    track: Callable[[], Tracker],
    unsubscribe: Callable[[], Tracker] | None = None,
) -> Steps[Rendered]:
    """Render a message. ``track`` gives what tracks it, and is called after the last step.

    ``unsubscribe``: the same for its List-Unsubscribe header, where that differs.
    """
    tracked = bool(mailing.engagement_url)
    rendered = yield from content.render(data, substitute=mailing.substitute, track=track if tracked else None)
    if mailing.sender is not None or mailing.reply_to or mailing.list_id:
        rendered = _override(rendered, mailing)
    if _adds_unsubscribe(mailing):
        rendered = _with_unsubscribe(rendered, (unsubscribe or track)(), transactional=mailing.transactional)
    return rendered


def tracker(mailing: Mailing, signer: Signer, injection: int) -> Tracker:
    """Return what tracks the message of an injection; ``signer`` is the account's."""
    return Tracker(
        signer,
        mailing.engagement_url,
        injection,
        clicks=mailing.click_tracking,
        opens=mailing.open_tracking,
        initial_opens=mailing.initial_open,
    )


def type_of(recipient: Recipient, rendered: Rendered | None) -> RecipientType:
    """Return the type of a recipient: who is not shown in ``To`` got a copy, a blind one unless ``Cc`` shows it."""
    if recipient.rcpt_type is not None or rendered is None or not recipient.header_to:
        return recipient.rcpt_type or "to"
    email = recipient.email.lower()
    if email in addresses_in(recipient.header_to):
        return "to"
    copies = [value for name, value in rendered.headers if name.lower() == "cc"]
    return "cc" if any(email in addresses_in(value) for value in copies) else "bcc"


def header_to(recipient: Recipient) -> str:
    """Return what the message's ``To`` shows, if that is not the recipient."""
    if not recipient.name or domain_of(recipient.header_to) is None:
        return recipient.header_to
    return _written(recipient.header_to, recipient.name)


def _adds_unsubscribe(mailing: Mailing) -> bool:
    return bool(mailing.engagement_url) and mailing.unsubscribe_header


def _override(rendered: Rendered, mailing: Mailing) -> Rendered:
    """Replace what the content says by what ``override`` says. Nothing is substituted in it."""
    source = rendered.source
    if mailing.sender is not None:
        email, name = mailing.sender
        name = name or rendered.sender_name
        rendered = rendered._replace(sender=email, sender_name=name)
        source = source and with_header(source, "From", _written(email, name))
    if mailing.reply_to:
        rendered = rendered._replace(reply_to=mailing.reply_to)
        source = source and with_header(source, "Reply-To", mailing.reply_to)
    if mailing.list_id:
        others = tuple(header for header in rendered.headers if header[0].lower() != "list-id")
        rendered = rendered._replace(headers=(*others, ("List-Id", mailing.list_id)))
        source = source and with_header(source, "List-Id", mailing.list_id)
    return rendered._replace(source=source)


def _with_unsubscribe(rendered: Rendered, track: Tracker, *, transactional: bool) -> Rendered:
    """Replace the sender's List-Unsubscribe headers by the service's own.

    assumed: in transactional mail, which has them only where the account says so, the sender's stay.
    """
    kept = without_unsubscribe(rendered.headers)
    if transactional and kept is not rendered.headers:
        return rendered
    added = track.unsubscribe_headers()
    source = with_headers(rendered.source, added) if rendered.source else b""
    return rendered._replace(headers=(*kept, *added), source=source)


def _written(email: str, name: str) -> str:
    # The vendor's documentation has the name in quotes, whatever it is.
    return f"{quoted(name)} <{email}>" if name and name.isascii() else mailbox(email, name)
