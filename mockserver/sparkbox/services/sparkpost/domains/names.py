"""Domain names as the vendor accepts them.

The errors' texts are from https://github.com/SparkPost/support-docs/pull/293.
"""

from __future__ import annotations

import re

from .. import errors

SHORTEST = 4
LONGEST = 253

_CHARACTERS = re.compile(r"[A-Za-z0-9.-]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")


def check(text: str) -> str:
    """Return the name in lower case; raise 1300 if it is invalid. International names come in their ASCII form."""
    name = text.lower()
    if len(name) < SHORTEST:
        raise errors.INVALID(description=f"Error domain name length too short for domain: '{text}'")
    if _CHARACTERS.fullmatch(name) is None:
        raise errors.INVALID(
            description=f"Error domain name contains invalid characters or spaces for domain: '{text}'"
        )
    if "." not in name:
        raise errors.INVALID(description=f"Error domain name contains no '.'(s) for domain: '{text}'")
    if len(name) > LONGEST or _NAME.fullmatch(name) is None:
        raise errors.INVALID(description=f"Error validating domain name syntax for domain: '{text}'")
    return name


def first_label(name: str) -> str:
    """Return ``mail`` of ``mail.example.com``; some first labels decide how a domain behaves."""
    return name.partition(".")[0]
