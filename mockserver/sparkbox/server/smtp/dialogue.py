"""The state of one conversation, and the replies of its commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from typing import Any, NamedTuple

from sparkbox.core.declare.relay import Login, Words
from sparkbox.core.request.body_budget import BodyBudget

from .gateway import Gateway, Identity
from .idle import Idle
from .incoming import Incoming
from .login import Exchange

NO_WORDS = Words()


class Last(NamedTuple):
    """The last bytes of a connection; ``at_once``: it is cut off."""

    data: bytes
    at_once: bool = False


class StartTls(NamedTuple):
    """A reply after which the client begins a TLS handshake."""

    data: bytes


Reply = bytes | Last | StartTls
"""The bytes of a reply with their line ends, and what follows it."""
Replies = Reply | Coroutine[Any, Any, Reply]
"""A reply, or one that has to be awaited."""


class Dialogue:
    """What commands read and change. It begins anew after STARTTLS."""

    __slots__ = (
        "budget", "client", "encrypted", "exchange", "extended", "gateway", "greeted", "has_starttls", "identity",
        "idle", "incoming", "recipients", "sender", "unknown", "used", "words",
    )  # fmt: skip

    def __init__(self, gateway: Gateway, budget: BodyBudget, idle: Idle, client: str, *, has_starttls: bool) -> None:
        self.gateway = gateway
        self.budget = budget
        self.idle = idle
        self.client = client
        self.has_starttls = has_starttls
        self.encrypted = False
        """Whether STARTTLS was used."""
        self.used: Counter[str] = Counter()
        """How often the connection has used each command that has a limit."""
        self.unknown = 0
        """How many commands were not known."""
        self.begin()

    def begin(self) -> None:
        """Forget everything about the client but how much it may still do."""
        self.greeted = False
        self.extended = False
        """Whether the client said ``EHLO``."""
        self.identity: Identity | None = None
        self.words = NO_WORDS
        """The replies of the client's service."""
        self.exchange: Exchange | None = None
        """The login that the next lines belong to."""
        self.incoming: Incoming | None = None
        """The mail that the next lines belong to."""
        self.reset()

    def reset(self) -> None:
        """Drop the envelope."""
        self.sender = ""
        """An address, or ``<>``; empty before ``MAIL``."""
        self.recipients: list[str] = []

    def follow_clock(self) -> Login | None:
        """Let the account's clock decide from now on when the connection is idle for too long. Return the login."""
        login = None if self.identity is None else self.gateway.login(self.identity)
        if login is not None:
            self.idle.follow(login.account)
        return login


def line(text: str) -> bytes:
    """Return a reply of one line."""
    return f"{text}\r\n".encode("utf-8", "replace")
