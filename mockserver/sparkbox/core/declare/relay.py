"""Mail handed over by SMTP: what a service says and does about it. ``server/smtp`` speaks the protocol.

A service that has a relay gives a :class:`Relay`; nothing else of the service is known there. Replies are whole lines
as the client reads them, ``550 5.7.1 Unconfigured Sending Domain``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..request.http import Headers
from ..state.steps import StepsAndWaits
from .errors import ApiError

if TYPE_CHECKING:
    from ..state.account import Account
    from ..state.context import Context
    from .credentials import Credentials

_TRY_AGAIN = frozenset({420, 429})
"""Statuses of HTTP that are not for good, beside those from 500 on."""


class Login(NamedTuple):
    """Whose mail it is. ``headers``: what a request by HTTP would say of it, such as a subaccount."""

    account: Account
    headers: Headers


class Submission(NamedTuple):
    """One mail with its envelope; the sender is empty for a bounce (``MAIL FROM:<>``)."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


class Misaddressed(NamedTuple):
    """A command whose path is no address: ``MAIL FROM`` if it has no ``recipient``. The texts are as they came."""

    sender: str
    recipient: str
    reply: str


class Rejected(Exception):
    """A submission that is not taken. ``error`` is for the journal."""

    def __init__(self, reply: str, error: str = "") -> None:
        super().__init__(reply)
        self.reply = reply
        self.error = error or f"smtp_{reply[:3]}"


class Words(NamedTuple):
    """A relay's replies; ``{id}`` is the mail's."""

    authenticated: str = "235 2.7.0 Authentication successful"
    refused: str = "535 5.7.8 Authentication credentials invalid"
    sender: str = "250 2.1.0 Ok"
    recipient: str = "250 2.1.5 Ok"
    data: str = "354 End data with <CR><LF>.<CR><LF>"
    accepted: str = "250 2.0.0 Ok: queued as {id}"
    bad_sender: str = "501 5.1.7 Bad sender address syntax"
    bad_recipient: str = "501 5.1.3 Bad recipient address syntax"
    busy: str = "421 4.3.2 Service not available, try again later"
    """The reply when the relay itself fails; it then closes the connection."""


def reject(api_error: ApiError) -> Rejected:
    """Return an API error as an SMTP reply: permanent, or to try again later."""
    text = api_error.description or api_error.message
    status = api_error.error.status
    reply = "451 4.3.0" if status >= 500 or status in _TRY_AGAIN else "550 5.7.1"
    return Rejected(f"{reply} {one_line(text)}", api_error.error.name)


@dataclass(frozen=True, slots=True)
class Relay:
    """A service's mail relay."""

    claims: Callable[[str], bool]
    """Whether a user name is one of this service's."""
    login: Callable[[Credentials, str, str], Login | None]
    """User name and password; ``None`` if they are refused."""
    submit: Callable[[Context, Submission], StepsAndWaits[str]]
    """Sends a mail and gives its id, in steps. Raises :class:`Rejected`, or the errors of the service."""
    reject: Callable[[ApiError], Rejected] = reject
    """How an error of the service reads in a reply."""
    misaddressed: Callable[[Context, Misaddressed], None] | None = None
    """Told of every path that is no address."""
    words: Words = field(default_factory=Words)
    most_recipients: int = 1000
    most_bytes: int = 20_000_000


def one_line(text: str) -> str:
    """Return text that fits into a reply: printable ASCII, of a bounded length."""
    return "".join(character if " " <= character <= "~" else "?" for character in text[:400])
