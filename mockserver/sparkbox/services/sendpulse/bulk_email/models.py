"""The records of mailing lists: lists, their e-mails, variables and counts."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

NEW, ACTIVE, CONFIRMATION_REQUESTED, UNSUBSCRIBED, BLOCKED = 0, 1, 2, 4, 8
STATUSES = {
    0: "New",
    1: "Active",
    2: "Confirmation requested",
    3: "Activation requested",
    4: "Unsubscribed",
    5: "Rejected by administrator",
    6: "Unsubscribed from all",
    7: "Activation letter sent",
    8: "Blocked by user",
    9: "Sending error",
    10: "Blocked by host",
    11: "Blocked by sender name",
    12: "Blocked by part of the address",
    13: "Deleted by user",
    14: "Temporarily unavailable",
}
SENDABLE = (NEW, ACTIVE)
"""The statuses that campaigns go to: addresses from the API need no confirmation."""

VariableType = Literal["string", "number", "date"]
Value = str | int | float
Variables = dict[str, Value]


class Variable(Record, frozen=True, gc=False):
    """A variable of one mailing list."""

    name: str
    type: VariableType

    @property
    def key(self) -> str:
        return self.name


class Contact(Record, frozen=True, gc=False):
    """One e-mail in one mailing list; ``variables`` is a JSON object. Kept under ``store[Contact, list_id]``."""

    email: str
    added: float
    status: int = NEW
    phone: str = ""
    variables: bytes = b"{}"
    tags: tuple[int, ...] = ()
    source: str = "api"

    @property
    def key(self) -> str:
        return self.email


class Listed(Record, frozen=True, gc=False):
    """The mailing lists that an address is in, by id."""

    email: str
    lists: tuple[int, ...]

    @property
    def key(self) -> str:
        return self.email


class Subscribers(Record, frozen=True, gc=False):
    """How many contacts all mailing lists have together; a single record."""

    count: int

    @property
    def key(self) -> str:
        return "all"


class Blocked(Record, frozen=True, gc=False):
    """A blacklisted address."""

    email: str
    comment: str
    added: float

    @property
    def key(self) -> str:
        return self.email


class ListCounts(Record, frozen=True, gc=False):
    """How many contacts of a list campaigns do not go to, and how many have a phone.

    ``unsendable`` are those of another status, ``blocked`` the others that are blacklisted.
    assumed: a phone is new, active or an exception as its contact's status is.
    """

    list_id: int
    unsendable: int = 0
    blocked: int = 0
    new_phones: int = 0
    active_phones: int = 0
    exc_phones: int = 0

    @property
    def key(self) -> int:
        return self.list_id


class Engagement(Record, frozen=True, gc=False):
    """The totals of all campaigns for an address."""

    email: str
    sent: int = 0
    opened: int = 0
    clicked: int = 0

    @property
    def key(self) -> str:
        return self.email


class MailingList(Record, frozen=True, gc=False):
    """A mailing list; its contacts are in ``store[Contact, id]``, its variables in ``store[Variable, id]``."""

    first_id = 100_001

    id: int
    name: str
    created: float


class ListName(Record, frozen=True, gc=False):
    """A name that is taken, and by which list."""

    name: str
    list_id: int

    @property
    def key(self) -> str:
        return self.name
