"""Ids and random choices from a seed: the same run gives the same responses."""

from __future__ import annotations

import random
import secrets
from hashlib import sha256
from uuid import UUID

LOWER_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789"


class Ids(random.Random):
    """An account's source of chance."""

    def digits(self, count: int) -> str:
        """Return ``count`` digits, the first not a zero."""
        low = 10 ** (count - 1)
        return str(low + self._below(9 * low))

    def hex(self, count: int) -> str:
        """Return ``count`` lower-case hex digits."""
        return f"{self.getrandbits(4 * count):0{count}x}"

    def text(self, count: int, alphabet: str = LOWER_ALPHANUMERIC) -> str:
        """Return ``count`` characters of ``alphabet``."""
        random, size = self.random, len(alphabet)
        return "".join([alphabet[int(random() * size)] for _ in range(count)])

    def uuid(self) -> str:
        """Return a version 4 UUID."""
        return str(UUID(int=self.getrandbits(128), version=4))

    def _below(self, count: int) -> int:
        return int(self.random() * count) if count < 2**50 else self.randrange(count)


def secret_of(seed: int | None) -> bytes:
    """Return a run's secret: drawn by the machine, unless a seed was given that makes it the same again."""
    return secrets.token_bytes(32) if seed is None else sha256(b"secret:%d" % seed).digest()
