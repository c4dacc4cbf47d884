"""A batch: one message for each recipient of a mailing, rendered, tracked, captured and recorded."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import RecipientType
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.addresses import domain_of
from sparkbox.mail.build import mailbox, quoted
from sparkbox.mail.message import MailMessage
from sparkbox.mail.tracking import without_unsubscribe

from .. import errors
from ..domains import dkim_keys, registry
from ..domains.models import SANDBOX
from ..engagement.tracking import Tracker
from ..events import recorder
from ..fields import pack
from ..recipient_lists.recipients import Recipient
from ..suppressions.models import Suppressed, entry_against
from ..templates.parts import Rendered
from ..times import fine_stamp
from .addresses import addresses_in, lacks_local_part
from .mailing import Mailing
from .rfc822 import with_header, with_headers

BOUNCES = "sparkpostmail.com"
"""The domain of the envelope's sender, where the client names none."""

NOTHING = Rendered("", "", "", None, None, None, "", (), ())
"""A message that could not be rendered."""

DOMAIN_ERRORS = (
    errors.INVALID_DOMAIN,
    errors.NO_SENDING_DOMAIN,
    errors.NO_LOCAL_PART,
    errors.GENERATION_REJECTED,
    errors.UNKNOWN_DKIM_KEY,
    errors.UNVERIFIED_DKIM_KEY,
)
"""The errors of the domain that a transmission is sent from."""


class Batch:
    """The messages of a mailing; what they share is made once."""

    def __init__(self, ctx: Context, mailing: Mailing) -> None:
        self.ctx = ctx
        self.mailing = mailing
        self.stamp = fine_stamp(ctx.now)
        self.domain = ""
        self.first = 0  # the injection of the first message
        self.data = {**mailing.metadata, **mailing.substitution_data}
        self.checks_suppression = not mailing.skip_suppression and len(ctx.store[Suppressed]) > 0
        self.common = _common_fields(mailing, self.stamp)

    def render(self, recipient: Recipient) -> Steps[Rendered]:
        """Render the message. No step follows once its number is known: it is captured next."""
        mailing = self.mailing
        content = mailing.content
        data = self.data if content.literal else self.data_for(recipient)
        track = partial(self.tracker, recipient) if mailing.engagement_url else None
        rendered = yield from content.render(data, substitute=mailing.substitute, track=track)
        if mailing.sender is not None or mailing.reply_to or mailing.list_id:
            rendered = _override(rendered, mailing)
        if track is not None and mailing.unsubscribe_header:
            own = self.tracker() if recipient.rcpt_type == "archive" else track()
            rendered = _with_unsubscribe(rendered, own, transactional=mailing.transactional)
        domain = domain_of(rendered.sender)
        if domain != self.domain or domain is None:
            self.domain = _checked_domain(self.ctx, mailing, rendered, domain)
        return rendered

    def tracker(self, recipient: Recipient | None = None) -> Tracker:
        """Return what tracks the message that is injected next.

        An archived copy has the links of the first recipient's:
        https://developers.sparkpost.com/api/smtp/#header-what-is-an-archive-recipient?
        """
        mailing = self.mailing
        archived = recipient is not None and recipient.rcpt_type == "archive"
        return Tracker(
            self.ctx,
            mailing.engagement_url,
            (self.first if archived else 0) or self.ctx.sandbox.logs.events.next_number(),
            clicks=mailing.click_tracking,
            opens=mailing.open_tracking,
            initial_opens=mailing.initial_open,
        )

    def data_for(self, recipient: Recipient) -> dict[str, Any]:
        """Return the substitution data of one recipient.

        A recipient's data go before the transmission's, and substitution data before metadata, in this order:
        https://developers.sparkpost.com/api/template-language/#header-sources. The vendor's own names win over all.
        """
        data = {**self.data}
        if recipient.metadata:
            data |= recipient.metadata
        if recipient.substitution_data:
            data |= recipient.substitution_data
        return_path = recipient.return_path or self.mailing.return_path or f"bounces@{BOUNCES}"
        data["address"] = {"name": recipient.name or None, "email": recipient.email}
        data["email"] = data["email_id"] = recipient.email
        data["env_from"] = data["return_path"] = return_path
        return data

    def suppresses(self, recipient: Recipient) -> bool:
        """Return whether the recipient is on the suppression list for this mailing."""
        mailing = self.mailing
        return self.checks_suppression and None is not entry_against(
            self.ctx,
            recipient.email,
            transactional=mailing.transactional,
            list_id=mailing.mailing_list,
            owner=mailing.subaccount,
        )

    def inject(self, recipient: Recipient, rendered: Rendered) -> int:
        """Capture the message, record its injection, and return the number of that event."""
        metadata = self.metadata_of(recipient)
        rcpt_type = recipient.rcpt_type or (_rcpt_type(recipient, rendered) if recipient.header_to else "to")
        message = self.ctx.capture(
            MailMessage(
                vendor_id=self.mailing.id,
                sender=rendered.sender,
                sender_name=rendered.sender_name,
                to=recipient.email,
                to_name=recipient.name,
                header_to=_header_to(recipient) if recipient.header_to else "",
                rcpt_type=rcpt_type,
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                amp_html=rendered.amp_html,
                reply_to=rendered.reply_to,
                headers=rendered.headers,
                attachments=rendered.attachments,
                source=rendered.source,
                metadata=metadata,
            )
        )
        fields = self.event_fields(recipient, rendered, metadata, rcpt_type)
        number = recorder.inject(self.ctx, fields, message.number).number
        self.first = self.first or number
        return number

    def fail(self, recipient: Recipient, api_error: ApiError) -> None:
        """Record that a message could not be generated."""
        self.reject(recipient, NOTHING, "generation_failure", api_error.description or api_error.message)

    def reject(self, recipient: Recipient, rendered: Rendered, type: str, reason: str) -> None:
        """Record that a message was not generated, as an event of this type."""
        recorder.record(
            self.ctx,
            self.event_fields(recipient, rendered),
            type,
            error_code="554",
            raw_reason=reason,
            rcpt_subs=orjson.Fragment(pack(recipient.substitution_data or {}, "substitution_data")),
            reason=reason,
        )

    def metadata_of(self, recipient: Recipient) -> bytes:
        """Return the metadata of one recipient as JSON."""
        if not recipient.metadata and not self.mailing.metadata:
            return b"{}"
        return pack({**self.mailing.metadata, **(recipient.metadata or {})}, "metadata")

    def event_fields(
        self,
        recipient: Recipient,
        rendered: Rendered,
        metadata: bytes | None = None,
        rcpt_type: RecipientType = "to",
    ) -> bytes:
        """Return the fields that all events of one message share, packed."""
        email = recipient.email
        domain = email.rpartition("@")[2].lower()
        message_id = self.ctx.ids.hex(20)
        bounces = recipient.return_path or self.mailing.return_path
        fields = {
            **self.common,
            "friendly_from": rendered.sender,
            "mailbox_provider": recorder.provider_of(domain),
            "message_id": message_id,
            # The vendor puts a local part of its own into the sender on the envelope.
            "msg_from": f"msprvs1={message_id}=bounces-{recorder.CUSTOMER_ID}@{bounces.rpartition('@')[2] or BOUNCES}",
            "msg_size": str(_size(rendered)),
            "raw_rcpt_to": email,
            "rcpt_meta": orjson.Fragment(self.metadata_of(recipient) if metadata is None else metadata),
            "rcpt_tags": recipient.tags,
            "rcpt_to": email.lower(),
            "recipient_domain": domain,
            "routing_domain": domain,
            "sending_domain": self.domain,
            "subject": rendered.subject,
        }
        if rcpt_type != "to":
            fields["rcpt_type"] = rcpt_type
        return orjson.dumps(fields)


def _common_fields(mailing: Mailing, stamp: str) -> dict[str, Any]:
    common: dict[str, Any] = {
        "click_tracking": mailing.click_tracking,
        "customer_id": str(recorder.CUSTOMER_ID),
        "initial_pixel": mailing.initial_open,
        "injection_time": stamp,
        "ip_pool": mailing.ip_pool,
        "mailbox_provider_region": "Global",
        "open_tracking": mailing.open_tracking,
        "recv_method": mailing.recv_method,
        "sending_ip": recorder.SENDING_IP,
        "template_id": mailing.template_id,
        "template_version": mailing.template_version,
        "transmission_id": mailing.id,
    }
    if mailing.campaign_id:
        common["campaign_id"] = mailing.campaign_id
    if mailing.transactional:
        common["transactional"] = "1"
    if mailing.subaccount:
        common["subaccount_id"] = str(mailing.subaccount)
    if mailing.scheduled is not None:
        common["scheduled_time"] = str(int(mailing.scheduled))
    return common


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


def _checked_domain(ctx: Context, mailing: Mailing, rendered: Rendered, domain: str | None) -> str:
    if rendered.source and not rendered.sender and not ctx.strict:
        # A whole mail without a sender is a mistake, but the vendor's own example is one.
        return ""
    if domain is None:
        raise (errors.NO_LOCAL_PART if lacks_local_part(rendered.sender) else errors.NO_SENDING_DOMAIN)()
    if (domain == SANDBOX) != mailing.sandbox:
        raise errors.GENERATION_REJECTED(description="Sending domain sandbox option mismatch")
    registry.require(ctx, domain, mailing.subaccount)
    if mailing.dkim_key:
        dkim_keys.require(ctx, domain, mailing.dkim_key)
    return domain


def _size(rendered: Rendered) -> int:
    """Return about how many bytes a mail is."""
    if rendered.source:
        return len(rendered.source)
    size = 600 + len(rendered.subject) + len(rendered.text or "") + len(rendered.html or "")
    if rendered.attachments or rendered.amp_html:
        size += len(rendered.amp_html or "") + sum(len(file.data) * 4 // 3 for file in rendered.attachments)
    return size


def _rcpt_type(recipient: Recipient, rendered: Rendered) -> RecipientType:
    """Return the type of a recipient: who is not shown in ``To`` got a copy, a blind one unless ``Cc`` shows it."""
    email = recipient.email.lower()
    if email in addresses_in(recipient.header_to):
        return "to"
    copies = [value for name, value in rendered.headers if name.lower() == "cc"]
    return "cc" if any(email in addresses_in(value) for value in copies) else "bcc"


def _header_to(recipient: Recipient) -> str:
    if not recipient.name or domain_of(recipient.header_to) is None:
        return recipient.header_to
    return _written(recipient.header_to, recipient.name)


def _written(email: str, name: str) -> str:
    # The vendor's documentation has the name in quotes, whatever it is.
    return f"{quoted(name)} <{email}>" if name and name.isascii() else mailbox(email, name)
