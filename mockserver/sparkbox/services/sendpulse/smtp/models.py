"""The records of the SMTP service: mails, bounces, unsubscribed addresses."""

from __future__ import annotations

from sparkbox.core.state.store import Record


class SentEmail(Record, frozen=True, gc=False):
    """One mail to one recipient, kept under the number of its captured message; ``code`` is 0 until it is delivered.

    ``links`` and ``clients`` are clicks and opens, each a JSON object.
    """

    most = 100_000

    number: int
    id: str
    sender: str
    recipient: str
    subject: str
    size: int
    sent: float
    ip: str
    code: int = 0
    subcode: str = ""
    response: str = ""
    clicks: int = 0
    opens: int = 0
    links: tuple[bytes, ...] = ()
    clients: tuple[bytes, ...] = ()

    @property
    def key(self) -> int:
        return self.number


class Mail(Record, frozen=True, gc=False):
    """A mail as it was handed over: its id, and the numbers of its :class:`SentEmail`."""

    most = 100_000

    id: str
    numbers: tuple[int, ...]


class Bounce(Record, frozen=True, gc=False):
    """A bounced mail, under its number; ``time`` is when it bounced."""

    most = 10_000

    number: int
    time: float

    @property
    def key(self) -> int:
        return self.number


class Unreachable(Record, frozen=True, gc=False):
    """An address with a hard bounce: nothing more is sent there.

    assumed: the vendor shows no list of them; removing an address from the unsubscribe list removes it here, too.
    """

    most = 100_000

    email: str

    @property
    def key(self) -> str:
        return self.email


class Unsubscribed(Record, frozen=True, gc=False):
    """An address on the unsubscribe list, and why it is there."""

    email: str
    time: float
    by_link: bool = False
    by_user: bool = False
    spam: bool = False
    comment: str = ""

    @property
    def key(self) -> str:
        return self.email
