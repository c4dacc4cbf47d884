"""A pair of DKIM keys as clients hand them in. It was made for these tests and signs nothing."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_KEY = rsa.generate_private_key(65537, 1024)

PAIR = {
    "private": base64.b64encode(
        _KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    ).decode(),
    "public": base64.b64encode(
        _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
}
"""``private`` and ``public``, in base64."""
