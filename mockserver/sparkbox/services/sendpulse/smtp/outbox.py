"""The SMTP service's mails: handed over, delivered a second later, followed by what becomes of them.

A mail to three people is one id and three :class:`SentEmail`, each with its captured message. Everything that happens
to them is an event in the shape of the vendor's webhooks; :func:`follow` keeps statuses, tracking, bounces and the
unsubscribe list in step, whoever emits it. The recipient's address decides what happens: see :mod:`.outcomes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkbox.core.logs.events import Event
from sparkbox.core.logs.messages import Message, RecipientType
from sparkbox.core.request.json import dumps
from sparkbox.core.state.clock import TooManyJobs
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace
from sparkbox.mail.message import MailMessage
from sparkbox.mail.outcomes import Reason

from .. import addresses, errors
from ..accounts import plans
from ..bulk_email import senders
from ..bulk_email.blacklist import Blocked
from . import outcomes
from . import tracking as smtp_tracking
from .domains import SenderDomain
from .drafts import Draft, Mailbox
from .models import Bounce, Mail, SentEmail, Unreachable, Unsubscribed
from .outcomes import Step

USED_IP = "203.0.113.10"
"""The address that mail leaves from."""

DELIVERY_SECONDS = 1.0
MOST_TRACKED = 100
WORK_A_STEP = 1000
"""Links that are replaced, of all messages together."""
_RESPONSES = {
    "delivered": Reason("250", "2.0.0", "OK"),
    "undelivered": Reason("550", "5.0.0", "Not delivered"),
    "hard_bounces": Reason("550", "5.1.2", "host unknown"),
    "soft_bounces": Reason("452", "4.2.2", "Mailbox full"),
}
_BOUNCES = ("hard_bounces", "soft_bounces")
"""The vendor shows these as the e-mail service has them: with ``email`` and ``task_id``, and a code that is a number.

https://sendpulse.com/knowledge-base/smtp/smtp-webhooks. assumed: the fields of all events are there as well, and
``task_id`` is the mail's number.
"""


SENDING_ERRORS = (
    errors.NO_SMTP_USER,
    errors.ACCOUNT_EXPIRED,
    errors.QUOTA_EXCEEDED,
    errors.FREE_SERVICE,
    errors.SENDER_INVALID,
    errors.SENDING_LIMITED,
    errors.INVALID_OPERATION,
)
"""What :func:`check_sender` and :func:`send` refuse with, and what a suspended account is refused with."""


def check_sender(ctx: Context, address: str) -> None:
    """Refuses a sender that the account may not send from, or an account that may not send."""
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
    """Captures the mail for each recipient, has it delivered in a second, and gives its id.

    Recipients who unsubscribed, are blacklisted or bounced for good get nothing, and nobody is told;
    ``to_unsubscribed``: they do.
    """
    tracked = yield from smtp_tracking.plan(ctx, draft.html)
    id = f"{ctx.ids.text(6)}-0{ctx.ids.text(5)}-{ctx.ids.text(2)}"
    plans.check_sending(ctx)
    recipients = _recipients(ctx, draft, to_unsubscribed)
    plans.count_smtp_emails(ctx, len(recipients))
    job = 0
    if recipients:
        try:
            job = ctx.call_in(DELIVERY_SECONDS, deliver, id)
        except TooManyJobs:
            raise errors.SENDING_LIMITED() from None
    size, work = draft.size, 0
    numbers: list[int] = []
    for kind, box in recipients:
        work += tracked.weight
        if work > WORK_A_STEP and numbers:
            work = tracked.weight
            ctx.clock.cancel(job)  # which would not find what is not yet kept
            yield
        message = ctx.capture(smtp_tracking.tracked(ctx, tracked, _message(id, draft, kind, box)))
        numbers.append(message.number)
        ctx.store[SentEmail].put(
            SentEmail(
                message.number, id, draft.sender.email, box.email, draft.subject, size, ctx.now, ctx.request.client
            )
        )
    ctx.store[Mail].put(Mail(id, tuple(numbers)))
    if numbers and tracked.weight * len(numbers) > WORK_A_STEP:
        try:
            ctx.call_in(DELIVERY_SECONDS, deliver, id)
        except TooManyJobs:
            yield from deliver(ctx, id)
    return id


def deliver(ctx: Context, id: str) -> Steps[None]:
    """The job that hands a mail to its recipients' servers, where it takes its course."""
    mail = ctx.store[Mail].get(id)
    for number in mail.numbers if mail is not None else ():
        yield from go_on(ctx, number, 0, waited=False)


def go_on(ctx: Context, number: int, step: int, waited: bool = True) -> Steps[None]:
    """The job that takes one step after the other of what becomes of a mail.

    When too many jobs wait for the clock, the steps follow upon each other at once.
    """
    sent = ctx.store[SentEmail].get(number)
    for each in () if sent is None else outcomes.of(sent.recipient, _seed(sent))[step:]:
        if each.after and not waited and _put_off(ctx, each.after, number, step):
            return
        yield from _take(ctx, each, number)
        step, waited = step + 1, False


def emit(ctx: Context, event: str, sent: SentEmail, **more: Any) -> None:
    """A fact about a mail; with the remote server's answer where the event is about that."""
    fact = _fact(ctx, event, sent.id, sent.recipient, sent.sender, sent.subject)
    if event in _RESPONSES:
        fact |= _response(event, _RESPONSES[event])
    if event in _BOUNCES:
        fact |= {"email": sent.recipient, "task_id": sent.number}
    ctx.emit(event, {**fact, **more}, message=sent.number)


def emit_resubscribed(ctx: Context, email: str) -> None:
    """The fact that an address asked to get mail again."""
    ctx.emit("resubscribed", _fact(ctx, "resubscribed", "", email, "", ""))


def reach_again(ctx: Context, email: str) -> None:
    """Lets an address get mail again, whatever kept it from that but the blacklist."""
    ctx.store[Unsubscribed].delete(email)
    ctx.store[Unreachable].delete(email)


def follow(ctx: Context, event: Event) -> None:
    """Takes in what happened to a mail or to a subscription."""
    reaction = _REACTIONS.get(event.type)
    if reaction is not None:
        reaction(ctx, event, event.json())


def _seed(sent: SentEmail) -> str:
    """What decides where the recipient's address leaves it to chance."""
    return f"{sent.id}:{sent.recipient}"


def _put_off(ctx: Context, seconds: float, number: int, step: int) -> bool:
    try:
        ctx.call_in(seconds, go_on, number, step)
    except TooManyJobs:
        return False
    return True


def _take(ctx: Context, step: Step, number: int) -> Steps[None]:
    sent = ctx.store[SentEmail].get(number)
    if sent is None:
        return
    more: dict[str, Any] = {}
    if step.reason is not None:
        more = _response(step.event, step.reason)
    if step.event in ("opened", "clicked"):
        more = outcomes.reader(_seed(sent))
    if step.event == "clicked":
        message = ctx.account.messages.get(number)
        found = (message.html, message.text) if message is not None else (None, None)
        more["link_url"] = smtp_tracking.target_of(ctx, (yield from outcomes.first_link(*found)))
    emit(ctx, step.event, sent, **more)


def _response(event: str, reason: Reason) -> dict[str, Any]:
    """What the remote server said. Its code is text, and of a bounce a number."""
    return {
        "smtp_server_response_code": int(reason.code) if event in _BOUNCES else reason.code,
        "smtp_server_response_subcode": reason.enhanced,
        "smtp_server_response": str(reason),
    }


def _answered(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    sent = ctx.store[SentEmail].get(event.message)
    if sent is None:
        return
    usual = _RESPONSES[event.type]
    given = str(data.get("smtp_server_response_code"))
    ctx.store[SentEmail].put(
        replace(
            sent,
            code=int(given) if given.isascii() and given.isdigit() and len(given) == 3 else int(usual.code),
            subcode=str(data.get("smtp_server_response_subcode", usual.enhanced)),
            response=str(data.get("smtp_server_response", usual)),
        )
    )
    if event.type == "delivered":
        ctx.mark(sent.number, "delivered")
    else:
        if event.type == "hard_bounces":
            ctx.store[Unreachable].put(Unreachable(sent.recipient))
        ctx.store[Bounce].put(Bounce(sent.number, event.time))
        ctx.mark(sent.number, "bounced")


def _tracked(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    sent = ctx.store[SentEmail].get(event.message)
    if sent is None:
        return
    trace = {
        "browser": str(data.get("browser_name", "")),
        "os": str(data.get("open_platform", "")),
        "ip": str(data.get("ip", "")),
        "country": str(data.get("country", "")),
        "action_date": event.time,
    }
    if event.type == "opened":
        clients = (*sent.clients, dumps(trace))[-MOST_TRACKED:]
        ctx.store[SentEmail].put(replace(sent, opens=sent.opens + 1, clients=clients))
    else:
        link = dumps({"url": str(data.get("link_url", "")), "screen_resolution": "", **trace})
        ctx.store[SentEmail].put(replace(sent, clicks=sent.clicks + 1, links=(*sent.links, link)[-MOST_TRACKED:]))
    ctx.mark(sent.number, event.type)


def _left(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    email = _recipient(ctx, event, data)
    if email is not None:
        before = ctx.store[Unsubscribed].get(email) or Unsubscribed(email, event.time)
        spam = event.type == "spam_by_user"
        after = replace(before, spam=before.spam or spam, by_link=before.by_link or not spam)
        ctx.store[Unsubscribed].put(after)


def _returned(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    email = _recipient(ctx, event, data)
    if email is not None:
        reach_again(ctx, email)


_REACTIONS: dict[str, Callable[[Context, Event, dict[str, Any]], None]] = {
    "delivered": _answered,
    "undelivered": _answered,
    "hard_bounces": _answered,
    "soft_bounces": _answered,
    "opened": _tracked,
    "clicked": _tracked,
    "spam_by_user": _left,
    "unsubscribed": _left,
    "resubscribed": _returned,
}


def _fact(ctx: Context, event: str, id: str, recipient: str, sender: str, subject: str) -> dict[str, Any]:
    return {
        "event": event,
        "timestamp": int(ctx.now),
        "message_id": id,
        "recipient": recipient,
        "sender": sender,
        "subject": subject,
    }


def _recipient(ctx: Context, event: Event, data: dict[str, Any]) -> str | None:
    sent = ctx.store[SentEmail].get(event.message)
    return sent.recipient if sent is not None else addresses.read(data.get("recipient"))


def _has_domain(ctx: Context, name: str) -> bool:
    domain = ctx.store[SenderDomain].get(name)
    return domain is not None and domain.active


def _recipients(ctx: Context, draft: Draft, to_unsubscribed: bool) -> list[tuple[RecipientType, Mailbox]]:
    dropping = (ctx.store[Unsubscribed], ctx.store[Blocked], ctx.store[Unreachable])
    kinds: tuple[tuple[RecipientType, tuple[Mailbox, ...]], ...] = (
        ("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc),
    )  # fmt: skip
    chosen: dict[str, tuple[RecipientType, Mailbox]] = {}
    for kind, boxes in kinds:
        for box in boxes:
            dropped = any(listed.get(box.email) is not None for listed in dropping)
            if to_unsubscribed or not dropped:
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
