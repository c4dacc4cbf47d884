"""Whom the contract tests ask: the sandbox, or a real service with credentials from the environment.

==============================  =======================================================================
``SPARKPOST_API_KEY``           a key that may use templates, transmissions, lists and domains
``SPARKPOST_SENDING_DOMAIN``    a verified sending domain of that account
``SPARKPOST_URL``               another base, such as ``https://api.eu.sparkpost.com``
``SENDPULSE_CLIENT_ID``         the API's id …
``SENDPULSE_CLIENT_SECRET``     … and secret
``SENDPULSE_SENDER``            an active sender of that account
``SENDPULSE_URL``               another base
``CONTRACT_RECIPIENTS``         addresses, separated by commas, that tests may send to on a real service
==============================  =======================================================================
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

SINK = "contract.example.sink.sparkpostmail.com"
"""SparkPost's addresses for tests: what is sent there reaches nobody."""


class Unavailable(Exception):
    """A target cannot be asked; ``str()`` says what is missing."""


@dataclass(frozen=True)
class Sparkpost:
    """A SparkPost account to test against."""

    url: str
    key: str
    sending_domain: str
    recipient: str = f"wilma@{SINK}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": self.key, "Content-Type": "application/json"}


@dataclass(frozen=True)
class Sendpulse:
    """A SendPulse account to test against."""

    url: str
    client_id: str
    client_secret: str
    sender: str
    recipient: str


def real_sparkpost(environ: Mapping[str, str] = os.environ) -> Sparkpost:
    return Sparkpost(
        url=environ.get("SPARKPOST_URL", "https://api.sparkpost.com"),
        key=_need(environ, "SPARKPOST_API_KEY"),
        sending_domain=_need(environ, "SPARKPOST_SENDING_DOMAIN"),
    )


def real_sendpulse(environ: Mapping[str, str] = os.environ) -> Sendpulse:
    recipients = [address.strip() for address in _need(environ, "CONTRACT_RECIPIENTS").split(",")]
    return Sendpulse(
        url=environ.get("SENDPULSE_URL", "https://api.sendpulse.com"),
        client_id=_need(environ, "SENDPULSE_CLIENT_ID"),
        client_secret=_need(environ, "SENDPULSE_CLIENT_SECRET"),
        sender=_need(environ, "SENDPULSE_SENDER"),
        recipient=recipients[0],
    )


def _need(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise Unavailable(f"{name} is not set")
    return value


@dataclass
class Pace:
    """Keeps to ``most`` calls in ``seconds``, by waiting; the vendors' limits are documented, so we keep them."""

    most: int
    seconds: float
    _made: deque[float] = field(default_factory=deque)

    def wait(self) -> None:
        now = time.monotonic()
        while self._made and self._made[0] <= now - self.seconds:
            self._made.popleft()
        if len(self._made) >= self.most:
            time.sleep(self._made[0] + self.seconds - now)
        self._made.append(time.monotonic())
