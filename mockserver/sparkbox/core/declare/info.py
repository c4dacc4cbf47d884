"""The description of a service, known before it is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """The one description of a service: its name, its hosts and the ways in."""

    name: str
    """In the sandbox's URLs, in lower case."""
    title: str
    """As the vendor writes it."""
    hosts: tuple[str, ...] = ()
    """The vendor's API hosts; ``*.`` stands for any first label."""
    docs: str = ""
    """The vendor's documentation."""
    channels: tuple[str, ...] = ()
    """The kinds of messages that it sends, ``email``."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """The ready credentials, by what the vendor calls them."""
    ready: tuple[tuple[str, str], ...] = ()
    """Those of them that open the ready account, each with the secret that goes with it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers that authenticate a request; ``{credential}`` and ``{secret}`` are filled in."""
    has_clients: bool = False
    """Whether a credential is an OAuth client's id."""
    smtp_hosts: tuple[str, ...] = ()
    """The vendor's mail relays."""
    smtp_login: tuple[str, str] = ("", "")
    """The ready user name and password there."""

    @property
    def secret(self) -> str:
        """What goes with every credential; empty where nothing does."""
        return self.ready[0][1] if self.ready else ""

    def authentication(self, credential: str) -> dict[str, str]:
        """Return the headers that authenticate a request."""
        return {name: value.format(credential=credential, secret=self.secret) for name, value in self.headers}
