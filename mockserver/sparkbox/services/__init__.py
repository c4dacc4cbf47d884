"""The five services: where each is found, and how it is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparkbox.core.declare.service import Service
    from sparkbox.core.state.account import Ready


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """A service before it is imported."""

    name: str
    title: str
    hosts: tuple[str, ...]
    """The vendor's API hosts, ``*.`` for any first label."""
    credentials: str
    """What is ready to be used, for the start-up card."""
    ready: tuple[tuple[str, str], ...]
    """The same as pairs of a credential and the secret that goes with it."""
    smtp_hosts: tuple[str, ...] = ()
    """The vendor's mail relays."""
    smtp_login: tuple[str, str] = ("", "")
    """The ready user name and password there."""


SERVICES = (
    ServiceInfo(
        "sparkpost",
        "SparkPost",
        ("api.sparkpost.com", "api.eu.sparkpost.com", "*.api.e.sparkpost.com"),
        "key mock-sparkpost-key",
        (("mock-sparkpost-key", ""),),
        ("smtp.sparkpostmail.com", "smtp.eu.sparkpostmail.com"),
        ("SMTP_Injection", "mock-sparkpost-key"),
    ),
    ServiceInfo(
        "sendpulse",
        "SendPulse",
        ("api.sendpulse.com",),
        "id mock-sendpulse-id  secret mock-sendpulse-secret",
        (("mock-sendpulse-id", "mock-sendpulse-secret"), ("mock-sendpulse-key", "")),
        ("smtp-pulse.com",),
        ("sender@example.com", "mock-sendpulse-id"),
    ),
    ServiceInfo(
        "engagespark",
        "engageSPARK",
        ("api.engagespark.com", "start.engagespark.com"),
        "token mock-engagespark-token  organisation 1",
        (("mock-engagespark-token", ""),),
    ),
    ServiceInfo(
        "sendspark",
        "Sendspark",
        ("api-gw.sendspark.com", "sendspark.com"),
        "key mock-sendspark-key  secret mock-sendspark-secret  workspace mock-workspace",
        (("mock-sendspark-key", "mock-sendspark-secret"),),
    ),
    ServiceInfo(
        "sparked",
        "Sparked",
        ("api.sparked.com",),
        "client mock-sparked-id  secret mock-sparked-secret  creator cr_mock",
        (("mock-sparked-id", "mock-sparked-secret"),),
    ),
)


def load(name: str) -> Service:
    """Imports a service's package and gives its ``SERVICE``."""
    service: Service = import_module(f"{__name__}.{name}").SERVICE
    return service


def loaders() -> dict[str, Callable[[], Service]]:
    """For a sandbox: how to load each service."""
    return {info.name: partial(load, info.name) for info in SERVICES}


def ready() -> dict[str, Ready]:
    """All ready credentials."""
    from sparkbox.core.state.account import Ready

    return {credential: Ready(info.name, secret) for info in SERVICES for credential, secret in info.ready}


def hosts() -> tuple[str, ...]:
    """All vendors' host names."""
    return tuple(host for info in SERVICES for host in info.hosts)


def relays() -> tuple[str, ...]:
    """The services that have a mail relay, by name."""
    return tuple(info.name for info in SERVICES if info.smtp_hosts)


def smtp_hosts() -> tuple[str, ...]:
    """All vendors' mail relays."""
    return tuple(host for info in SERVICES for host in info.smtp_hosts)
