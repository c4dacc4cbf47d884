"""E-mail addresses and phone numbers as SendPulse takes them."""

from __future__ import annotations

import re
from functools import lru_cache

from sparkbox.mail.addresses import is_address

LONGEST = 254
_CACHED = 10_000
_NOT_IN_PHONES = re.compile(r"[\s().-]+")
_PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")

# fmt: off
FREE_PROVIDERS = frozenset((
    "aol.com", "bk.ru", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "i.ua",
    "icloud.com", "inbox.ru", "list.ru", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com",
    "outlook.com", "proton.me", "protonmail.com", "rambler.ru", "ukr.net", "web.de", "ya.ru", "yahoo.com",
    "yahoo.co.uk", "yandex.ru", "yandex.ua", "ymail.com", "zoho.com",
))
# fmt: on
"""Free mail providers, from which nobody may send. The vendor publishes no list; these are the usual ones."""


def read(text: object) -> str | None:
    """Return an address in lower case, without white space around it; ``None`` if it is not one.

    assumed: at most 254 characters, ASCII before the ``@``, and a top-level domain of two letters or more.
    """
    return _read(text) if isinstance(text, str) and len(text) <= 320 else None


@lru_cache(_CACHED)
def _read(text: str) -> str | None:
    address = text.strip().lower()
    if len(address) > LONGEST or not is_address(address):
        return None
    local, _, domain = address.partition("@")
    _, dot, top = domain.rpartition(".")
    return address if local.isascii() and dot and len(top) > 1 and top[0].isalpha() else None


def domain_of(address: str) -> str:
    """Return the domain of an address."""
    return address.rpartition("@")[2]


def read_domain(text: str) -> str | None:
    """Return a domain in lower case; ``None`` if it is not one."""
    address = read(f"x@{text.strip()}")
    return None if address is None else domain_of(address)


def is_free(address: str) -> bool:
    """Return whether an address belongs to a free mail provider."""
    return domain_of(address) in FREE_PROVIDERS


def has_strict_dmarc(address: str) -> bool:
    """Return whether a domain's DMARC policy forbids others to send for it.

    There is no DNS here, so the name decides: the domain begins with ``dmarc.``.
    """
    return domain_of(address).startswith("dmarc.")


def gets_no_mail(address: str) -> bool:
    """Return whether no mail can reach an address: RFC 2606 reserves ``.invalid`` for that."""
    return address.endswith(".invalid")


def read_phone(value: object) -> str | None:
    """Return the digits of an international phone number; ``None`` if it is not one."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value) if isinstance(value, str) or abs(value) < 10**15 else ""
    found = _PHONE.fullmatch(_NOT_IN_PHONES.sub("", text)) if len(text) <= 40 else None
    return found[1] if found else None
