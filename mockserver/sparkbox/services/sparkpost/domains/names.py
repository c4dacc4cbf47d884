"""Domain names as the vendor takes them, for whatever is registered by one.

The texts of the refusals: https://github.com/SparkPost/support-docs/pull/293.
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
    """The name in lower case. Raises 1300 for what is none; an international name is given in its ASCII form."""
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
    """``mail`` of ``mail.example.com``: some labels bring about what the real world would."""
    return name.partition(".")[0]
