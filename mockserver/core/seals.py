"""Sealed tokens: values in a URL that the sandbox itself wrote, so that nothing has to be stored for it.

They are signed with the account's credential. Who reads one finds the account by what :func:`peek` shows, which anybody
may have written, and then asks :func:`genuine`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from .account import Account
from .json import dumps
from .sandbox import Sandbox

LONGEST = 16_384
"""Characters of a token that is read at all."""

_MAC = 16


class Sealer:
    """Writes the tokens of one account."""

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._key = _key(sandbox, account)

    def seal(self, kind: str, *values: Any) -> str:
        """A token of a kind that carries these values."""
        body = base64.urlsafe_b64encode(dumps(values)).rstrip(b"=").decode()
        return f"{body}.{_sign(self._key, kind, body)}"


def peek(token: str) -> list[Any]:
    """The values that a token claims to carry; none if it is not one."""
    if len(token) > LONGEST:
        return []
    body = token.partition(".")[0]
    try:
        values = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return []
    return values if isinstance(values, list) else []


def genuine(sandbox: Sandbox, account: Account, kind: str, token: str) -> bool:
    """Whether a token is of this kind and account, and as it was written."""
    body, _, mac = token.partition(".")
    signed = _sign(_key(sandbox, account), kind, body)
    return hmac.compare_digest(signed.encode(), mac.encode("utf-8", "replace"))


def _key(sandbox: Sandbox, account: Account) -> bytes:
    return hashlib.sha256(f"{sandbox.settings.seed}:{account.credential}".encode("utf-8", "replace")).digest()


def _sign(key: bytes, kind: str, body: str) -> str:
    return hashlib.blake2b(f"{kind}:{body}".encode("utf-8", "replace"), key=key, digest_size=_MAC // 2).hexdigest()
