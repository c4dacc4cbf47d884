"""Mail by SMTP: https://sendpulse.com/knowledge-base/smtp. It is sent like mail by ``POST /smtp/emails``.

The vendor's login is the account's e-mail with a password for SMTP. Here any e-mail is accepted, and the password is
the account's credential by HTTP: a client id or an API key. assumed: the texts of the replies.
"""

from __future__ import annotations

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.relay import Login, Rejected, Relay, Submission, reject
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail.addresses import read as read_mailbox
from sparkbox.mail.headers import decoded, values
from sparkbox.mail.parse import Mail, mailboxes_in_steps, read_in_steps

from .. import addresses, errors
from . import drafts, outbox
from .drafts import Draft, Mailbox

_SHOWN_ELSEWHERE = frozenset({"from", "to", "subject", "reply-to"})


def claims(user: str) -> bool:
    """Return whether a user name is SendPulse's: an e-mail."""
    return "@" in user


def login(credentials: Credentials, user: str, password: str) -> Login | None:
    """Return the account that the password opens."""
    account = credentials.open(password) if addresses.read(user) is not None and password else None
    return None if account is None else Login(account, [])


def submit(ctx: Context, submission: Submission) -> Steps[str]:
    """Send a mail to all recipients of its envelope."""
    if ctx.account.suspended:
        raise errors.INVALID_OPERATION()
    draft = yield from _draft(submission)
    outbox.check_sender(ctx, draft.sender.email)
    return (yield from outbox.send(ctx, draft))


def rejected(api_error: ApiError) -> Rejected:
    """Return an API error as an SMTP reply."""
    if api_error.error is errors.SENDING_LIMITED:
        return Rejected(f"451 4.7.1 {api_error.message}", api_error.error.name)
    return reject(api_error)


RELAY = Relay(
    claims,
    login,
    submit,
    reject=rejected,
    most_recipients=drafts.MOST_RECIPIENTS,
    most_bytes=drafts.MOST_BYTES,
)


def _draft(submission: Submission) -> Steps[Draft]:
    mail = yield from read_in_steps(submission.data)
    senders = values(mail.fields, "from") or [submission.sender]
    sender = read_mailbox(senders[0]) if len(senders) == 1 else None
    email = None if sender is None else addresses.read(sender.email)
    if sender is None or email is None:
        raise Rejected("550 5.1.7 Sender address rejected", errors.FROM_INVALID.name)
    to = yield from mailboxes_in_steps(mail.fields, "to")
    cc = yield from mailboxes_in_steps(mail.fields, "cc")
    sorted_out = _sorted_out(submission.recipients, to, cc)
    return Draft(
        Mailbox(email, decoded(sender.name)),
        mail.header("subject"),
        *sorted_out,
        html=mail.html,
        text=mail.text,
        reply_to=mail.header("reply-to"),
        attachments=mail.attachments,
        source=submission.data,
        header_to=mail.header("to"),
        headers=_others(mail),
    )


def _sorted_out(
    recipients: tuple[str, ...], to: list[tuple[str, str]], cc: list[tuple[str, str]]
) -> tuple[tuple[Mailbox, ...], tuple[Mailbox, ...], tuple[Mailbox, ...]]:
    """Split the envelope's recipients into those in ``To``, in ``Cc`` and in neither."""
    shown, copied = [{address.lower(): name for name, address in boxes} for boxes in (to, cc)]
    found: tuple[list[Mailbox], list[Mailbox], list[Mailbox]] = ([], [], [])
    for recipient in recipients:
        email = addresses.read(recipient)
        if email is None:
            raise Rejected(f"550 5.1.3 {errors.RECIPIENT_INVALID.message}", errors.RECIPIENT_INVALID.name)
        if email in shown or not (shown or copied):
            found[0].append(Mailbox(email, shown.get(email, "")))
        elif email in copied:
            found[1].append(Mailbox(email, copied[email]))
        else:
            found[2].append(Mailbox(email, ""))
    return tuple(found[0]), tuple(found[1]), tuple(found[2])


def _others(mail: Mail) -> tuple[tuple[str, str], ...]:
    return tuple([(name, value) for name, value in mail.headers if name.lower() not in _SHOWN_ELSEWHERE])
