"""DKIM keys: drawn by the sandbox or handed in by a client, and the DNS records that belong to them.

A key that the sandbox draws comes from the account's ids, so the same run gives the same keys. It is an RSA public key
for every reader, but nobody has its private half: the sandbox signs nothing.
"""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING, Literal

from sparkbox.core.state.clock import moment
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.store import Record

from .. import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

Status = Literal["unverified", "pending", "invalid", "valid"]

DEFAULT_BITS = 2048
FEWEST_BITS, MOST_BITS = 1024, 4096
HEADERS = "from:to:subject:date"
MOST_TEXT = 8192
"""Characters of a key in base64: those of 4096 bits have less than half of it."""

_EXPONENT = 65537
_SMALL_PRIMES = math.prod(n for n in range(3, 752) if all(n % divisor for divisor in range(2, math.isqrt(n) + 1)))
_ARMOUR = re.compile(r"-----[A-Z ]{1,64}-----|\s+")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class DkimKey(Record, frozen=True, gc=False):
    """A key without its private half. ``public`` is base64 of the DER form, ``bits`` the length of its modulus."""

    id: str
    signing_domain: str
    public: str
    selector: str
    bits: int
    headers: str = HEADERS
    status: Status = "unverified"
    created: float = 0.0
    updated: float = 0.0

    @property
    def record_name(self) -> str:
        """Where its TXT record belongs."""
        return f"{self.selector}._domainkey.{self.signing_domain}"

    @property
    def record_value(self) -> str:
        """What its TXT record says."""
        return f"v=DKIM1; k=rsa; h=sha256; p={self.public}"


def draw(ids: Ids, bits: int) -> str:
    """A new public key of ``bits`` bits."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    half = bits // 2
    return _encode(RSAPublicNumbers(_EXPONENT, _factor(ids, half) * _factor(ids, bits - half)))


def new_selector(prefix: str, now: float) -> str:
    """``scph0316``: the vendor's selectors end in the month and year of the key."""
    return f"{prefix}{moment(now):%m%y}"


def check_pair(private: str, public: str) -> tuple[str, int]:
    """A client's keys, PKCS #1 or PKCS #8, with or without PEM lines: the public key as it is kept, and its length.

    Raises 1300 in the vendor's words (https://github.com/SparkPost/support-docs/pull/293) for what is no pair.
    """
    if not private.strip() or not public.strip():
        raise errors.INVALID(description="Empty keys are not allowed.")
    private_der, public_der = _decode(private), _decode(public)
    if private_der is None:
        raise errors.INVALID(description="Private key does not seem valid. Please use another key pair.")
    numbers = None if public_der is None else _read_public(public_der)
    if numbers is None or not FEWEST_BITS <= numbers.n.bit_length() <= MOST_BITS:
        raise errors.INVALID(description="Public key does not seem valid. Please use another key pair.")
    its_public_half = _read_private(private_der)
    if its_public_half is None:
        raise errors.INVALID(description="Unable to read private key.")
    if its_public_half != numbers:
        raise errors.INVALID(description="Private and public DKIM keys do not match.")
    return _ARMOUR.sub("", public), numbers.n.bit_length()


def check_selector(selector: str) -> str:
    """Raises 1300 for what could be no part of a DNS name."""
    if not selector:
        raise errors.INVALID(description="Error: DKIM selector length is zero.")
    if _SELECTOR.fullmatch(selector) is None:
        raise errors.INVALID(description=f"Error: DKIM selector '{selector}' contains invalid characters.")
    return selector


def check_bits(bits: int | None) -> int:
    """The length of a key to be drawn. Raises 1300 outside of 1024 to 4096."""
    if bits is None:
        return DEFAULT_BITS
    if not FEWEST_BITS <= bits <= MOST_BITS:
        raise errors.INVALID(description=f"dkim_key_length must be between {FEWEST_BITS} and {MOST_BITS}")
    return bits


def _factor(ids: Ids, bits: int) -> int:
    # The two highest bits, so that a product of two factors has all of its bits.
    while True:
        factor = ids.getrandbits(bits) | (0b11 << (bits - 2)) | 1
        if math.gcd(factor, _SMALL_PRIMES) == 1:
            return factor


def _encode(numbers: RSAPublicNumbers) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = numbers.public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _decode(text: str) -> bytes | None:
    if len(text) > MOST_TEXT:
        return None
    try:
        return base64.b64decode(_ARMOUR.sub("", text), validate=True)
    except ValueError:
        return None


def _read_public(der: bytes) -> RSAPublicNumbers | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        return _numbers(load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm):
        return None


def _read_private(der: bytes) -> RSAPublicNumbers | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        # Whether its primes are primes takes 0.3 s to find out, and nothing is signed with it.
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        return _numbers(key.public_key()) if isinstance(key, RSAPrivateKey) else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _numbers(key: object) -> RSAPublicNumbers | None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    return key.public_numbers() if isinstance(key, RSAPublicKey) else None
