"""The accounts that tests run against. Each service's own is in its folder's ``target`` module, as ``TARGET``."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Annotated, ClassVar, Self, get_args, get_origin, get_type_hints

import httpx

from sparkbox import World
from sparkbox.services import SERVICES

PREFIX = "contract-"
"""Begins the name of everything that a run makes on a real service."""


class Unavailable(Exception):
    """There is no account to test with; ``str()`` says what is missing."""


@dataclass(frozen=True, slots=True)
class Variable:
    """The environment variable behind a field of a target. It has to be set unless there is a ``default``."""

    name: str
    default: str | None = None
    parse: Callable[[str], str] = str.strip

    def read(self, environ: Mapping[str, str]) -> str:
        """Return the field's value; :class:`Unavailable` if the variable is required and not set."""
        value = environ.get(self.name) or self.default
        if value is None:
            raise Unavailable(f"{self.name} is not set")
        return self.parse(value)


@dataclass(frozen=True, kw_only=True)
class Target:
    """An account to test against, of the real service or of the sandbox.

    A field that is annotated with a :class:`Variable` comes from the environment where the account is a real one.
    """

    service: ClassVar[str]
    vendor: ClassVar[str]
    """The vendor's usual base URL; ``<SERVICE>_URL`` in the environment is another."""
    calls_a_second: ClassVar[float] = 5.0
    """How often the real service is called, at most."""

    url: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers that authenticate a request."""
        return {}

    @classmethod
    def real(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Return the account that the environment names; :class:`Unavailable` if it names none."""
        fields = {name: variable.read(environ) for name, variable in cls.variables().items()}
        return cls(url=environ.get(url_variable(cls.service), cls.vendor).rstrip("/"), **fields)

    @classmethod
    def sandbox(cls, world: World) -> Self:
        """Return a world's account, prepared as a user would do it."""
        raise NotImplementedError

    @classmethod
    def variables(cls) -> dict[str, Variable]:
        """The variables by field."""
        hints = get_type_hints(cls, include_extras=True)
        return {name: get_args(hint)[1] for name, hint in hints.items() if get_origin(hint) is Annotated}

    @property
    def environment(self) -> dict[str, str]:
        """The environment that names this account as the real one."""
        return {variable.name: getattr(self, name) for name, variable in self.variables().items()}

    def client(self, verify: ssl.SSLContext | bool = True) -> httpx.Client:
        """Return an HTTP client that sends the account's credentials."""
        return httpx.Client(base_url=self.url, headers=self.headers, verify=verify, timeout=30)


@cache
def target_of(service: str) -> type[Target]:
    """Return the kind of target of a service."""
    target: type[Target] = import_module(f"{__package__}.{service}.target").TARGET
    return target


def url_variable(service: str) -> str:
    """Return the name of the variable that holds another base URL of a service."""
    return f"{service.upper()}_URL"


def first_address(listed: str) -> str:
    """Return the first of some addresses that are separated by commas."""
    return listed.split(",")[0].strip().lower()


def allowed_recipients(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the addresses that the environment lets tests send to, in lower case."""
    listed = environ.get("CONTRACT_RECIPIENTS", "").split(",")
    return [address.strip().lower() for address in listed if address.strip()]


def real_places(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the base URLs that the environment names, each with its service."""
    named = {info.name: environ.get(url_variable(info.name), "") for info in SERVICES}
    return {url.rstrip("/"): service for service, url in named.items() if url}
