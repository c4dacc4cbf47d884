"""What all targets have in common. Each service's own are in its folder's ``target``, with the environment they need.

===========================  ==============================================================================
``CONTRACT_RECIPIENTS``      addresses, separated by commas, that tests may send mail to on a real service
``CONTRACT_WEBHOOK_TARGET``  a URL for webhooks that the service reaches, and that answers 200 to every POST
``<SERVICE>_URL``            another base than the vendor's usual one, such as ``https://api.eu.sparkpost.com``
===========================  ==============================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from sparkbox.services import SERVICES

PREFIX = "contract-"
"""Begins the name of everything that a run makes on a real service."""


class Unavailable(Exception):
    """A target cannot be asked; ``str()`` says what is missing."""


def need(environ: Mapping[str, str], name: str) -> str:
    """A variable of the environment; :class:`Unavailable` without it."""
    value = environ.get(name, "")
    if not value:
        raise Unavailable(f"{name} is not set")
    return value


def allowed_recipients(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The addresses that the environment lets tests send to, in lower case."""
    listed = environ.get("CONTRACT_RECIPIENTS", "").split(",")
    return [address.strip().lower() for address in listed if address.strip()]


def real_places(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where services are by the environment's word: base URL to service."""
    named = {info.name: environ.get(f"{info.name.upper()}_URL", "") for info in SERVICES}
    return {url.rstrip("/"): service for service, url in named.items() if url}
