"""A batch: one message for each recipient of a mailing, rendered, tracked, captured and recorded."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import RecipientType
from sparkbox.core.state.context import Context
from sparkbox.core.state.signing import Signer
from sparkbox.core.state.steps import Steps
from sparkbox.mail.addresses import domain_of

from .. import errors
from ..accounts import volume
from ..domains import dkim_keys, registry
from ..domains.models import SANDBOX
from ..engagement.tracking import Tracker
from ..events import recorder
from ..fields import pack
from ..recipient_lists.recipients import Recipient
from ..suppressions.models import Suppressed, entry_against
from ..templates.parts import Outline
from ..times import fine_stamp
from . import rendering
from .addresses import lacks_local_part
from .mailing import Draft, Mailing
from .rendering import PendingMail

BOUNCES = "sparkpostmail.com"
"""The domain of the envelope's sender, where the client names none."""

NOTHING = Outline("", "", 600)
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
    """The messages of a draft; what they share is made once."""

    def __init__(self, ctx: Context, draft: Draft) -> None:
        mailing = draft.mailing
        self.ctx = ctx
        self.mailing = mailing
        self.content = draft.content
        self.metadata = draft.metadata
        self.signer = Signer.of(ctx.account)
        self.stamp = fine_stamp(ctx.now)
        self.domain = ""
        self.first = 0  # the injection of the first message
        self.data = {**draft.metadata, **draft.substitution_data}
        self.checks_suppression = not mailing.skip_suppression and len(ctx.store[Suppressed]) > 0
        self.common = _common_fields(mailing, self.stamp)

    def outline(self, recipient: Recipient) -> Steps[Outline]:
        """Return what is known of a message, which is rendered if it has to be.

        No step follows once its number is known: it is captured next.
        """
        content, mailing = self.content, self.mailing
        data = self.data if content.literal else self.data_for(recipient)
        outline = None
        if not recipient.header_to and recipient.rcpt_type != "archive":
            outline = rendering.outline(content, data, mailing, self.tracker)
        if outline is None:
            track = partial(self.tracker, archived=recipient.rcpt_type == "archive")
            rendered = yield from rendering.render(content, data, mailing, track, self.tracker)
            outline = Outline(rendered.sender, rendered.subject, content.size or len(rendered.source), rendered)
        elif mailing.sender is not None:
            outline = outline._replace(sender=mailing.sender[0])
        domain = domain_of(outline.sender)
        if domain != self.domain or domain is None:
            self.domain = _checked_domain(self.ctx, mailing, outline, domain)
        return outline

    def tracker(self, *, archived: bool = False) -> Tracker:
        """Return what tracks the message that is injected next.

        An archived copy has the links of the first recipient's:
        https://developers.sparkpost.com/api/smtp/#header-what-is-an-archive-recipient?
        """
        injection = (self.first if archived else 0) or self.ctx.sandbox.logs.events.next_number()
        return rendering.tracker(self.mailing, self.signer, injection)

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

    def inject(self, recipient: Recipient, outline: Outline) -> int:
        """Capture the message, record its injection, and return the number of that event."""
        metadata = self.metadata_of(recipient)
        rcpt_type = rendering.type_of(recipient, outline.rendered)
        message = self._capture(recipient, outline, metadata, rcpt_type)
        fields = self.event_fields(recipient, outline, metadata, rcpt_type)
        number = self._record(fields, message)
        self.first = self.first or number
        return number

    def inject_suppressed(self, recipient: Recipient, outline: Outline, reply: str) -> None:
        """Record the injection of a message that is not captured, because it bounces at once."""
        fields = self.event_fields(recipient, outline)
        self._record(fields)
        recorder.bounce(self.ctx, fields, reply)

    def _record(self, fields: bytes, message: int = 0) -> int:
        """Record an injection, count it, and return the number of its event."""
        volume.count(self.ctx, self.domain)
        return recorder.inject(self.ctx, fields, message).number

    def _capture(self, recipient: Recipient, outline: Outline, metadata: bytes, rcpt_type: RecipientType) -> int:
        """Capture the message and return its number."""
        ctx, rendered = self.ctx, outline.rendered
        if rendered is None:
            pending = PendingMail(
                mailing=self.mailing,
                content=self.content.packed,
                whole=self.content.whole,
                values=outline.values,
                to=recipient.email,
                to_name=recipient.name,
                rcpt_type=rcpt_type,
                metadata=metadata,
                injection=ctx.sandbox.logs.events.next_number(),
                signer=self.signer,
                account=ctx.account.credential,
                time=ctx.now,
            )
            return ctx.capture_pending(pending, pending.size)
        message = rendering.message_of(
            self.mailing,
            rendered,
            to=recipient.email,
            to_name=recipient.name,
            header_to=rendering.header_to(recipient) if recipient.header_to else "",
            rcpt_type=rcpt_type,
            metadata=metadata,
        )
        return ctx.capture(message).number

    def fail(self, recipient: Recipient, api_error: ApiError) -> None:
        """Record that a message could not be generated."""
        self.reject(recipient, NOTHING, "generation_failure", api_error.description or api_error.message)

    def reject(self, recipient: Recipient, outline: Outline, type: str, reason: str) -> None:
        """Record that a message was not generated, as an event of this type."""
        recorder.record(
            self.ctx,
            self.event_fields(recipient, outline),
            type,
            error_code="554",
            raw_reason=reason,
            rcpt_subs=orjson.Fragment(pack(recipient.substitution_data or {}, "substitution_data")),
            reason=reason,
        )

    def metadata_of(self, recipient: Recipient) -> bytes:
        """Return the metadata of one recipient as JSON."""
        if not recipient.metadata and not self.metadata:
            return b"{}"
        return pack({**self.metadata, **(recipient.metadata or {})}, "metadata")

    def event_fields(
        self,
        recipient: Recipient,
        outline: Outline,
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
            "friendly_from": outline.sender,
            "mailbox_provider": recorder.provider_of(domain),
            "message_id": message_id,
            # The vendor puts a local part of its own into the sender on the envelope.
            "msg_from": f"msprvs1={message_id}=bounces-{recorder.CUSTOMER_ID}@{bounces.rpartition('@')[2] or BOUNCES}",
            "msg_size": str(outline.size),
            "raw_rcpt_to": email,
            "rcpt_meta": orjson.Fragment(self.metadata_of(recipient) if metadata is None else metadata),
            "rcpt_tags": recipient.tags,
            "rcpt_to": email.lower(),
            "recipient_domain": domain,
            "routing_domain": domain,
            "sending_domain": self.domain,
            "subject": outline.subject,
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


def _checked_domain(ctx: Context, mailing: Mailing, outline: Outline, domain: str | None) -> str:
    if outline.rendered is not None and outline.rendered.source and not outline.sender and not ctx.strict:
        # A whole mail without a sender is a mistake, but the vendor's own example is one.
        return ""
    if domain is None:
        raise (errors.NO_LOCAL_PART if lacks_local_part(outline.sender) else errors.NO_SENDING_DOMAIN)()
    if (domain == SANDBOX) != mailing.sandbox:
        raise errors.GENERATION_REJECTED(description="Sending domain sandbox option mismatch")
    registry.require(ctx, domain, mailing.subaccount)
    if mailing.dkim_key:
        dkim_keys.require(ctx, domain, mailing.dkim_key)
    return domain
