"""The SMTP service's outbox: check a mail, capture it for each recipient and schedule its delivery.

A mail to three people is one id and three :class:`~.models.SentEmail`, each with its captured message. What happens to
them afterwards is their :mod:`.lifecycle`.
"""

from __future__ import annotations

from sparkbox.core.logs.messages import Message, RecipientType
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.message import MailMessage

from .. import addresses, errors
from ..accounts import plans
from ..bulk_email import senders
from ..bulk_email.models import Blocked
from . import tracking
from .domains import SenderDomain
from .drafts import Draft, Mailbox
from .lifecycle import DELIVERY, DELIVERY_SECONDS, deliver
from .models import Mail, SentEmail, Unreachable, Unsubscribed

USED_IP = "203.0.113.10"
"""The address that mail leaves from."""

WORK_A_STEP = 1000
"""Links that are replaced, of all messages together."""

_GETTING_NOTHING = (Unsubscribed, Blocked, Unreachable)
"""Records of addresses that get no mail."""

SENDING_ERRORS = (
    errors.NO_SMTP_USER,
    errors.ACCOUNT_EXPIRED,
    errors.QUOTA_EXCEEDED,
    errors.FREE_SERVICE,
    errors.SENDER_INVALID,
    errors.SENDING_LIMITED,
    errors.INVALID_OPERATION,
)
"""The errors of :func:`check_sender`, of :func:`send` and of a suspended account."""


def check_sender(ctx: Context, address: str) -> None:
    """Raise an error unless the account may send, and may send from this address."""
    plan = plans.current(ctx)
    if plan.smtp == "none":
        raise errors.NO_SMTP_USER()
    if plan.smtp == "expired":
        raise errors.ACCOUNT_EXPIRED()
    if addresses.is_free(address):
        raise errors.FREE_SERVICE()
    if ctx.strict and not senders.is_active(ctx, address) and not _has_domain(ctx, addresses.domain_of(address)):
        raise errors.SENDER_INVALID()


def send(ctx: Context, draft: Draft, *, to_unsubscribed: bool = False) -> Steps[str]:
    """Capture a mail for each recipient, schedule its delivery, and return its id.

    Recipients who unsubscribed, are blacklisted or bounced for good get nothing, and nobody is told;
    ``to_unsubscribed``: they do.
    """
    plan = yield from tracking.plan(ctx, draft.html)
    chance = ctx.ids.text(13)
    id = f"{chance[:6]}-0{chance[6:11]}-{chance[11:]}"
    plans.check_sending(ctx)
    recipients = _recipients(ctx, draft, to_unsubscribed)
    plans.count_smtp_emails(ctx, len(recipients))
    large = plan.weight * len(recipients) > WORK_A_STEP
    if large:
        job = lifecycle.start(ctx, id, DELIVERY, full=errors.SENDING_LIMITED)
        ctx.clock.cancel(job)  # scheduled again once all is captured
    elif recipients:
        lifecycle.queue(ctx, id, DELIVERY_SECONDS, deliver, full=errors.SENDING_LIMITED)
    size, work = draft.size, 0
    numbers: list[int] = []
    for kind, box in recipients:
        work += plan.weight
        if work > WORK_A_STEP and numbers:
            work = plan.weight
            yield
        message = ctx.capture(tracking.tracked(ctx, plan, _message(id, draft, kind, box)))
        numbers.append(message.number)
        ctx.store[SentEmail].put(
            SentEmail(
                message.number, id, draft.sender.email, box.email, draft.subject, size, ctx.now, ctx.request.client
            )
        )
    ctx.store[Mail].put(Mail(id, tuple(numbers)))
    if large:
        yield from lifecycle.start_or_finish(ctx, id, DELIVERY)
    return id


def _has_domain(ctx: Context, name: str) -> bool:
    domain = ctx.store[SenderDomain].get(name)
    return domain is not None and domain.active


def _recipients(ctx: Context, draft: Draft, to_unsubscribed: bool) -> list[tuple[RecipientType, Mailbox]]:
    listed = [] if to_unsubscribed else [ctx.store[kind] for kind in _GETTING_NOTHING if kind in ctx.store]
    kinds: tuple[tuple[RecipientType, tuple[Mailbox, ...]], ...] = (
        ("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc),
    )  # fmt: skip
    chosen: dict[str, tuple[RecipientType, Mailbox]] = {}
    for kind, boxes in kinds:
        for box in boxes:
            if listed and any(addresses.get(box.email) is not None for addresses in listed):
                continue
            chosen.setdefault(box.email, (kind, box))
    return list(chosen.values())


def _message(id: str, draft: Draft, kind: RecipientType, box: Mailbox) -> Message:
    shown = len(draft.to) > 1 or kind != "to"
    return MailMessage(
        vendor_id=id,
        sender=draft.sender.email,
        sender_name=draft.sender.name,
        to=box.email,
        to_name=box.name,
        header_to=(draft.header_to or ", ".join(map(str, draft.to))) if shown else "",
        rcpt_type=kind,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        reply_to=draft.reply_to,
        headers=draft.headers or ((("Cc", ", ".join(map(str, draft.cc))),) if draft.cc else ()),
        attachments=draft.attachments,
        source=draft.source,
    )
