"""Mail by SMTP: https://developers.sparkpost.com/api/smtp/.

It is sent like a transmission, with the same suppressions, events and webhooks, but without the template language.
It is tracked only if the ``X-MSYS-API`` header says so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.relay import Login, Misaddressed, Rejected, Relay, Submission, Words, reject
from sparkbox.core.logs.messages import RecipientType
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.steps import Steps
from sparkbox.mail.addresses import domain_of
from sparkbox.mail.build import mailbox
from sparkbox.mail.headers import Fields, decoded, first, split, top_fields
from sparkbox.mail.parse import mailboxes_in_steps

from .. import errors, keys
from ..accounts import account, sending_limits
from ..auth import subaccount
from ..domains import registry
from ..engagement import tracking
from ..events import recorder
from ..recipient_lists.recipients import Recipient
from ..transmissions import lifecycle, sending
from ..transmissions.mailing import Draft, Mailing
from ..transmissions.relayed import RelayedMail, relayed
from ..transmissions.rfc822 import with_header
from . import smtp_api
from .smtp_api import Copy, Parameters

USER = "SMTP_Injection"

WORDS = Words(
    authenticated="235 2.0.0 Authed. Go on.",
    refused="535 5.7.8 Sorry.",
    sender="250 2.0.0 MAIL FROM accepted",
    recipient="250 2.0.0 RCPT TO accepted",
    data=r'354 3.0.0 continue. finished with "\r\n.\r\n"',
    accepted="250 2.0.0 OK {id}",
    # https://support.sparkpost.com/momentum/4/message-responses, and recorded:
    # https://github.com/helpyio/helpy/issues/347
    bad_sender="501 5.5.2 MAIL FROM syntax error",
    bad_recipient="501 5.5.2 RCPT TO syntax error",
    busy="421 4.3.3 [internal] smtpapi unable to generate unique transmission id",
)

UNCONFIGURED = (errors.INVALID_DOMAIN, errors.NO_SENDING_DOMAIN)
"""The errors of a sending domain, which are policy rejections: https://github.com/theCrag/website/issues/2160."""

_USER = re.compile(rf"{USER}(?::X-MSYS-SUBACCOUNT=([0-9]{{1,9}}))?")


def claims(user: str) -> bool:
    """Return whether a user name is SparkPost's."""
    return user.partition(":")[0] == USER


def login(credentials: Credentials, user: str, password: str) -> Login | None:
    """Return the account of the API key in the password, and the subaccount in the user name.

    assumed: a key without the grant for SMTP is refused like a wrong one.
    """
    found = _USER.fullmatch(user)
    opened = keys.open_account(credentials, password) if found is not None and password else None
    if found is None or opened is None or not keys.may_inject(opened, password):
        return None
    return Login(opened, [(b"x-msys-subaccount", found[1].encode())] if found[1] else [])


def submit(ctx: Context, submission: Submission) -> Steps[str]:
    """Send a mail to all recipients of its envelope and its ``X-MSYS-API`` header."""
    fields = top_fields(submission.data)
    if _unsubscribes(ctx, submission, fields):
        return _queue_id(ctx.ids)
    if ctx.account.suspended:
        raise errors.SUSPENDED()
    parameters = smtp_api.find(fields)
    if parameters is None:
        parameters, content = Parameters(), (yield from relayed(submission.data, fields))
    else:
        content = yield from relayed((yield from _forwarded(submission.data, fields, parameters)))
    recipients, blind = yield from _recipients(submission, fields, parameters)
    mailing = _mailing(ctx, submission, parameters)
    content.tracked = mailing.open_tracking or mailing.click_tracking
    draft = Draft(mailing, content, parameters.metadata, {})
    limit = sending_limits.exceeded(ctx, len(recipients) + len(blind))
    if limit is not None:
        raise limit()
    try:
        yield from sending.send(ctx, draft, recipients)
    except ApiError as api_error:
        rejected = _rejected(api_error, content)
        if api_error.error in UNCONFIGURED:
            yield from sending.reject(ctx, draft, [*recipients, *blind], rejected.reply)
        raise rejected from None
    for recipient in blind:
        own = yield from relayed(with_header(content.packed, "Bcc", recipient.email))
        own.tracked = content.tracked
        yield from sending.send(ctx, replace(draft, content=own), [recipient])
    return _queue_id(ctx.ids)


def misaddressed(ctx: Context, command: Misaddressed) -> None:
    """Record an invalid address as a policy rejection."""
    recorder.reject(
        ctx,
        recorder.envelope_fields(ctx, command.sender, command.recipient.strip("<>"), subaccount(ctx)),
        command.reply,
    )


RELAY = Relay(claims, login, submit, misaddressed=misaddressed, words=WORDS)


def _unsubscribes(ctx: Context, submission: Submission, fields: Fields) -> bool:
    """Take a mail to the address in a List-Unsubscribe header. It goes to nobody else, and anybody may send it."""
    if {recipient.lower() for recipient in submission.recipients} != {tracking.UNSUBSCRIBE_MAILBOX}:
        return False
    found = tracking.read_subject(ctx.sandbox, decoded(first(fields, "subject")))
    if found is None:
        return False
    theirs = Context(ctx.sandbox, ctx.service, found.account, ctx.request)
    sender = {"mailfrom": submission.sender} if submission.sender else {}
    lifecycle.record(theirs, found.subject, "list_unsubscribe", ip_address=ctx.request.client or "127.0.0.1", **sender)
    return True


def _forwarded(data: bytes, fields: Fields, parameters: Parameters) -> Steps[bytes]:
    """Remove the ``X-MSYS-API`` header from a mail, and add its ``cc``."""
    head, _ = split(data)
    source = smtp_api.without(head) + data[len(head) :]
    return with_header(source, "Cc", (yield from _cc(fields, parameters.cc))) if parameters.cc else source


def _mailing(ctx: Context, submission: Submission, parameters: Parameters) -> Mailing:
    options, defaults = parameters.options, account.options(ctx)
    id, tracked = recorder.digits(ctx.ids), defaults["smtp_tracking_default"]
    mailing = Mailing(
        id,
        f"template_{id}",
        subaccount=subaccount(ctx),
        campaign_id=parameters.campaign_id,
        return_path=_return_path(ctx, submission.sender),
        substitute=False,
        transactional=options.get("transactional", defaults["transactional_default"]),
        skip_suppression=options.get("skip_suppression", False),
        open_tracking=options.get("open_tracking", tracked),
        click_tracking=options.get("click_tracking", tracked and defaults["click_tracking"]),
        ip_pool=options.get("ip_pool") or "shared",
        dkim_key=options.get("dkim_key", ""),
        recv_method="esmtp",
    )
    mailing.initial_open = mailing.open_tracking and defaults["initial_open_pixel_tracking"]
    mailing.unsubscribe_header = not mailing.transactional or defaults["transactional_unsub"]
    mailing.engagement_url = ctx.request.base_url
    return mailing


def _return_path(ctx: Context, sender: str) -> str:
    """Return the envelope's sender if its domain is set up for bounces; otherwise the vendor writes its own."""
    domain = domain_of(sender)
    known = None if domain is None else registry.get(ctx, domain)
    return sender if known is not None and known.bounces else ""


def _recipients(
    submission: Submission, fields: Fields, parameters: Parameters
) -> Steps[tuple[list[Recipient], list[Recipient]]]:
    """Return all recipients once: those who get the same mail, and those who see themselves as ``Bcc`` in theirs."""
    to = yield from mailboxes_in_steps(fields, "to")
    cc = yield from mailboxes_in_steps(fields, "cc")
    shown, copied = [{address.lower(): name for name, address in boxes} for boxes in (to, cc)]
    names = {**copied, **shown}
    header_to = ", ".join([mailbox(address, name) for name, address in to])
    found: dict[str, Recipient] = {}

    def add(email: str, name: str, kind: RecipientType) -> None:
        # The To of a mail to one recipient is no news.
        text = "" if shown.keys() == {email.lower()} else header_to
        recipient = Recipient(email, name, text, tags=parameters.tags, rcpt_type=kind)
        found.setdefault(email.lower(), recipient)

    for email in submission.recipients:
        known = email.lower()
        kind: RecipientType = "cc" if known in copied else "bcc"
        add(email, names.get(known, ""), "to" if known in shown or not (shown or copied) else kind)
    for copies, kind in ((parameters.cc, "cc"), (parameters.archive, "archive")):
        for copy in copies:
            add(copy.email, copy.name, kind)
    open = list(found.values())
    for copy in parameters.bcc:
        add(copy.email, copy.name, "bcc")
    return open, list(found.values())[len(open) :]


def _cc(fields: Fields, copies: tuple[Copy, ...]) -> Steps[str]:
    """Return ``Cc`` with the mail's own and those of ``X-MSYS-API``, each on a line."""
    own = [mailbox(address, name) for name, address in (yield from mailboxes_in_steps(fields, "cc"))]
    return ",\r\n ".join([*own, *[mailbox(copy.email, copy.name) for copy in copies]])


def _rejected(api_error: ApiError, content: RelayedMail) -> Rejected:
    if api_error.error in UNCONFIGURED and "description" not in api_error.values:
        domain = domain_of(content.sender) or ""
        return Rejected(f"550 5.7.1 Unconfigured Sending Domain <{domain}>", api_error.error.name)
    return reject(api_error)


def _queue_id(ids: Ids) -> str:
    """Return an id like the vendor's, ``EB/D8-12371-C6B1C955``."""
    return f"{ids.hex(2)}/{ids.hex(2)}-{ids.digits(5)}-{ids.hex(8)}".upper()
