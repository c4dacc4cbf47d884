"""Signed tokens: values in a URL that the sandbox itself wrote, so that nothing has to be stored for it.

They are signed with the account's key, which only this run of the sandbox knows. Whoever reads one finds the account by
what :func:`peek` shows, which anybody may have written, and then asks :func:`genuine`. Keys, tokens and codes that have
to be kept are drawn with :func:`chance`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from ..request.json import dumps
from .account import Account
from .ids import LOWER_ALPHANUMERIC, Ids
from .place import Place

LONGEST = 16_384
"""Characters of a token that is read at all."""

_MAC = 16


class Signer(msgspec.Struct, frozen=True, gc=False):
    """Writes the tokens of one account. A message that is made later keeps it until then."""

    key: bytes
    place: Place

    @classmethod
    def of(cls, account: Account) -> Signer:
        return cls(account.key, account.place)

    def sign(self, kind: str, *values: Any) -> str:
        """Return a token of a kind that carries these values."""
        body = base64.urlsafe_b64encode(dumps(values)).rstrip(b"=").decode()
        return _signed(self, kind, body)

    def length(self, *values: Any) -> int:
        """Return how long a token is that carries these values."""
        return (len(dumps(values)) * 4 + 2) // 3 + 1 + _MAC


def peek(token: str) -> list[Any]:
    """Return the values that a token claims to carry; none if it is not one."""
    if len(token) > LONGEST:
        return []
    body = token.partition(".")[0]
    try:
        values = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return []
    return values if isinstance(values, list) else []


def genuine(account: Account, kind: str, token: str) -> bool:
    """Return whether a token is of this kind and account, and as it was written."""
    return same(_signed(Signer.of(account), kind, token.partition(".")[0]), token)


def marked(account: Account, kind: str, text: str, length: int, joint: str = "") -> str:
    """Return ``text`` with a signature of ``length`` lower-case letters and digits behind it.

    For tokens whose form is the vendor's.
    """

    def token(salt: str) -> str:
        digest = hashlib.blake2b(f"{kind}:{text}{salt}".encode("utf-8", "replace"), key=account.key).digest()
        mark = "".join(LOWER_ALPHANUMERIC[byte % len(LOWER_ALPHANUMERIC)] for byte in digest[:length])
        return f"{text}{joint}{mark}"

    return _leading_here(account.place, token)


def chance(account: Account) -> Ids:
    """Return a source of keys, tokens and codes that nobody can guess, and that draws none twice.

    A reset begins an account's own chance anew, as does an account in the place of one that is gone, and a copy of an
    account goes on with the same. A seed that was given draws the same for each account of a credential.
    """
    drawn = b"%d:%s%b" % (account.generation, account.ids.hex(32).encode(), account.life)
    return Ids(hashlib.blake2b(drawn, key=account.key).hexdigest())


def drawn(account: Account, draw: Callable[[Ids], str]) -> str:
    """Return a key, token or code that leads to the account, drawn by ``draw`` from :func:`chance`."""
    source = chance(account)
    while not account.place.leads_here(text := draw(source)):
        continue
    return text


def same(expected: str, given: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(expected.encode("utf-8", "replace"), given.encode("utf-8", "replace"))


def _signed(signer: Signer, kind: str, body: str) -> str:
    def token(salt: str) -> str:
        text = f"{kind}:{body}{salt}".encode("utf-8", "replace")
        return f"{body}.{hashlib.blake2b(text, key=signer.key, digest_size=_MAC // 2).hexdigest()}"

    return _leading_here(signer.place, token)


def _leading_here(place: Place, token: Callable[[str], str]) -> str:
    """Return the first token that leads to a worker; its signature varies with the salt."""
    text, tries = token(""), 0
    while not place.leads_here(text):
        tries += 1
        text = token(f" {tries}")
    return text
