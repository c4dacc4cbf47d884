"""The five services: where each is found, and how it is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from sparkbox.core.declare.info import ServiceInfo

if TYPE_CHECKING:
    from sparkbox.core.declare.service import Service
    from sparkbox.core.state.accounts import Ready

SPARKPOST = ServiceInfo(
    "sparkpost",
    "SparkPost",
    hosts=("api.sparkpost.com", "api.eu.sparkpost.com", "*.api.e.sparkpost.com"),
    docs="https://developers.sparkpost.com/api/",
    channels=("email",),
    credentials={"key": "mock-sparkpost-key"},
    ready=(("mock-sparkpost-key", ""),),
    headers=(("Authorization", "{credential}"),),
    smtp_hosts=("smtp.sparkpostmail.com", "smtp.eu.sparkpostmail.com"),
    smtp_login=("SMTP_Injection", "mock-sparkpost-key"),
)
SENDPULSE = ServiceInfo(
    "sendpulse",
    "SendPulse",
    hosts=("api.sendpulse.com",),
    docs="https://sendpulse.com/integrations/api",
    channels=("email",),
    credentials={"id": "mock-sendpulse-id", "secret": "mock-sendpulse-secret", "key": "mock-sendpulse-key"},
    ready=(("mock-sendpulse-id", "mock-sendpulse-secret"), ("mock-sendpulse-key", "")),
    headers=(("Authorization", "Bearer {credential}"),),
    has_clients=True,
    smtp_hosts=("smtp-pulse.com",),
    smtp_login=("sender@example.com", "mock-sendpulse-id"),
)
ENGAGESPARK = ServiceInfo(
    "engagespark",
    "engageSPARK",
    hosts=("api.engagespark.com", "start.engagespark.com"),
    docs="https://openapi.engagespark.com/",
    channels=("sms", "whatsapp", "topup"),
    credentials={"token": "mock-engagespark-token", "organization": "1"},
    ready=(("mock-engagespark-token", ""),),
    headers=(("Authorization", "Token {credential}"),),
)
SENDSPARK = ServiceInfo(
    "sendspark",
    "Sendspark",
    hosts=("api-gw.sendspark.com", "sendspark.com"),
    docs="https://help.sendspark.com/",
    channels=("video",),
    credentials={
        "key": "mock-sendspark-key",
        "secret": "mock-sendspark-secret",
        "workspace": "mock-workspace",
    },
    ready=(("mock-sendspark-key", "mock-sendspark-secret"),),
    headers=(("x-api-key", "{credential}"), ("x-api-secret", "{secret}")),
)
SPARKED = ServiceInfo(
    "sparked",
    "Sparked",
    hosts=("api.sparked.com",),
    docs="https://sparked.com/integration",
    credentials={"client": "mock-sparked-id", "secret": "mock-sparked-secret", "creator": "cr_mock"},
    ready=(("mock-sparked-id", "mock-sparked-secret"),),
    headers=(("Authorization", "Bearer {credential}"),),
    has_clients=True,
)
SERVICES = (SPARKPOST, SENDPULSE, ENGAGESPARK, SENDSPARK, SPARKED)


def load(name: str) -> Service:
    """Import a service's package and return its ``SERVICE``."""
    service: Service = import_module(f"{__name__}.{name}").SERVICE
    return service


def loaders() -> dict[str, Callable[[], Service]]:
    """Return how to load each service, for a sandbox."""
    return {info.name: partial(load, info.name) for info in SERVICES}


def ready() -> dict[str, Ready]:
    """Return all ready credentials."""
    from sparkbox.core.state.accounts import Ready

    return {credential: Ready(info.name, secret) for info in SERVICES for credential, secret in info.ready}


def channels() -> tuple[str, ...]:
    """Return the kinds of messages that the services send, each once."""
    return tuple(dict.fromkeys(channel for info in SERVICES for channel in info.channels))


def hosts() -> tuple[str, ...]:
    """Return all vendors' host names."""
    return tuple(host for info in SERVICES for host in info.hosts)


def relays() -> tuple[str, ...]:
    """Return the names of the services that have a mail relay."""
    return tuple(info.name for info in SERVICES if info.smtp_hosts)


def smtp_hosts() -> tuple[str, ...]:
    """Return all vendors' mail relays."""
    return tuple(host for info in SERVICES for host in info.smtp_hosts)
