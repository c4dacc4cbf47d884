"""Mail addresses: what the vendor takes for one, and its parts."""

from __future__ import annotations

import re

_LOCAL = r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}"
_DOMAIN = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")
_DOMAIN_NAME = re.compile(_DOMAIN)
_BETWEEN = re.compile(r"[\s<>,;:\"]+")

LONGEST = 320


def is_address(text: str) -> bool:
    """Whether ``text`` is one bare address, ``local@domain``."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None


def split_name(text: str) -> tuple[str, str]:
    """``Fred <fred@example.com>`` or a bare address as name and address, neither of them checked."""
    name, opening, rest = text.strip().rpartition("<")
    if not opening or not rest.endswith(">"):
        return "", text.strip()
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].strip()
    return name, rest[:-1].strip()


def domain_of(address: str) -> str | None:
    """The domain in lower case; ``None`` if the address has no readable one."""
    local, at, domain = address.rpartition("@")
    if not at or "@" in local or "," in local or len(domain) > 253 or _DOMAIN_NAME.fullmatch(domain) is None:
        return None
    return domain.lower()


def addresses_in(header: str) -> frozenset[str]:
    """All addresses in a header like ``Cc``, in lower case."""
    return frozenset(word.lower() for word in _BETWEEN.split(header) if "@" in word)
