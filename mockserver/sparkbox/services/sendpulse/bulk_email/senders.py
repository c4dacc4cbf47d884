"""Senders: the addresses that an account may send from. Each is activated with a code that is mailed to it.

https://sendpulse.com/integrations/api/bulk-email#senders. The code is in the captured message, in its text and as
``activation_code`` in its metadata.
"""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, Store, replace
from sparkbox.mail.message import MailMessage

from .. import addresses, errors
from ..accounts import plans
from ..requests.fields import AnyText, complain
from ..results import RESULT, Result
from .models import Blocked

CODE_EVERY = 15 * 60
"""Seconds between two activation codes."""

operations = Operations("Senders", docs="https://sendpulse.com/integrations/api/bulk-email#senders")


class Sender(Record, frozen=True, gc=False):
    """An address to send from; ``code`` activates it, ``requested`` is when a code was last requested."""

    email: str
    name: str
    active: bool = False
    code: str = ""
    requested: float = 0.0

    @property
    def key(self) -> str:
        return self.email


class NewSender(Body):
    email: Annotated[str, complain()]
    name: Annotated[str, complain()]


class SenderToDelete(Body):
    email: AnyText = None


class Activation(Body):
    code: AnyText = None


class SenderFields(TypedDict):
    name: str
    email: str
    status: str
    is_allowed_for_smtp: bool


class SenderResult(TypedDict):
    result: bool
    email: str


@operations.get("/senders")
def list_senders(ctx: Context) -> list[SenderFields]:
    """Get a list of all senders."""
    return [
        {
            "name": sender.name,
            "email": sender.email,
            "status": "Active" if sender.active else "Inactive",
            "is_allowed_for_smtp": True,
        }
        for sender in ctx.store[Sender].values()
    ]


@operations.post(
    "/senders",
    errors=[
        errors.SENDER_NAME_EMPTY,
        errors.SENDER_EMAIL_EMPTY,
        errors.SENDER_FREE,
        errors.SENDER_DMARC,
        errors.SENDER_TAKEN,
        errors.SENDER_BLACKLISTED,
        errors.SENDER_QUOTA,
    ],
)
def add_sender(ctx: Context, body: NewSender) -> Result:
    """Add a sender email.

    It is inactive until the code is confirmed that is mailed to it.
    """
    email = _new_address(ctx, body.email)
    name = body.name.strip()
    if not name:
        raise errors.SENDER_NAME_EMPTY()
    senders = ctx.store[Sender]
    if len(senders) >= plans.MOST_SENDERS[plans.current(ctx).category]:
        raise errors.SENDER_QUOTA()
    sender = Sender(email, name[:255], code=ctx.ids.hex(32))
    if not senders.add(sender):
        raise errors.SENDER_TAKEN()
    if not addresses.gets_no_mail(email):
        _mail_code(ctx, sender)
    return RESULT


@operations.delete("/senders", errors=[errors.SENDER_EMAIL_EMPTY, errors.EMAIL_SYNTAX, errors.SENDER_NOT_FOUND])
def delete_sender(ctx: Context, body: SenderToDelete) -> Result:
    """Delete a sender."""
    if body.email is None or str(body.email).strip() == "":
        raise errors.SENDER_EMAIL_EMPTY()
    email = addresses.read(body.email)
    if email is None:
        raise errors.EMAIL_SYNTAX()
    if ctx.store[Sender].delete(email) is None:
        raise errors.SENDER_NOT_FOUND()
    return RESULT


@operations.get(
    "/senders/{email}/code",
    errors=[
        errors.EMAIL_MISSING,
        errors.EMAIL_SYNTAX,
        errors.SENDER_NOT_FOUND,
        errors.NOTHING_TO_ACTIVATE,
        errors.CODE_SENT,
        errors.CODE_NOT_SENT,
    ],
)
def request_activation_code(ctx: Context, email: str) -> SenderResult:
    """Request activation code.

    At most once in 15 minutes. The new code replaces the one that was mailed when the sender was added.
    """
    sender = _awaiting(ctx, email)
    if sender.requested and ctx.now - sender.requested < CODE_EVERY:
        raise errors.CODE_SENT()
    if addresses.gets_no_mail(sender.email):
        raise errors.CODE_NOT_SENT()
    sender = replace(sender, code=ctx.ids.hex(32), requested=ctx.now)
    ctx.store[Sender].put(sender)
    _mail_code(ctx, sender)
    return {"result": True, "email": sender.email}


@operations.post(
    "/senders/{email}/code",
    errors=[
        errors.EMAIL_MISSING,
        errors.EMAIL_SYNTAX,
        errors.SENDER_NOT_FOUND,
        errors.NOTHING_TO_ACTIVATE,
        errors.CODE_MISSING,
    ],
)
def activate_sender(ctx: Context, email: str, body: Activation) -> SenderResult:
    """Activate a sender.

    With the code from the mail.
    """
    if body.code is None or str(body.code).strip() == "":
        raise errors.CODE_MISSING()
    sender = _awaiting(ctx, email)
    if str(body.code).strip() != sender.code:
        raise errors.ARGUMENT_INVALID(name="code", complaint="is invalid")
    ctx.store[Sender].put(replace(sender, active=True, code=""))
    return {"result": True, "email": sender.email}


def seed_account(account: Account, store: Store) -> None:
    """Give a new account one active sender, as a real one has the address that it was registered with."""
    store[Sender].put(Sender("sender@example.com", "Mock Sender", active=True))


def is_active(ctx: Context, email: str) -> bool:
    """Return whether an address was added and activated."""
    sender = ctx.store[Sender].get(email)
    return sender is not None and sender.active


def _new_address(ctx: Context, text: str) -> str:
    if not text.strip():
        raise errors.SENDER_EMAIL_EMPTY()
    email = addresses.read(text)
    if email is None:
        raise errors.ARGUMENT_INVALID(name="email", complaint="is invalid")
    if addresses.is_free(email):
        raise errors.SENDER_FREE()
    if addresses.has_strict_dmarc(email):
        raise errors.SENDER_DMARC()
    if ctx.store[Blocked].get(email) is not None:
        raise errors.SENDER_BLACKLISTED()
    return email


def _awaiting(ctx: Context, text: str) -> Sender:
    if not text.strip():
        raise errors.EMAIL_MISSING()
    email = addresses.read(text)
    if email is None:
        raise errors.EMAIL_SYNTAX()
    sender = ctx.store[Sender].get(email)
    if sender is None:
        raise errors.SENDER_NOT_FOUND()
    if sender.active:
        raise errors.NOTHING_TO_ACTIVATE()
    return sender


def _mail_code(ctx: Context, sender: Sender) -> None:
    ctx.capture(
        MailMessage(
            sender="no-reply@sendpulse.com",
            sender_name="SendPulse",
            to=sender.email,
            to_name=sender.name,
            subject="Confirm your sender address",
            text=f"Activate {sender.email} with this code:\n\n{sender.code}\n",
            metadata=dumps({"activation_code": sender.code}),
            status="delivered",
        )
    )
