"""Calls of the Sending Domains API that several tests make, and key pairs."""

from __future__ import annotations

import base64
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.services.sparkpost.api import Api

DAY = 86_400.0
UNVERIFIED = {
    "ownership_verified": False,
    "dkim_status": "unverified",
    "cname_status": "unverified",
    "mx_status": "unverified",
    "spf_status": "unverified",
    "abuse_at_status": "unverified",
    "postmaster_at_status": "unverified",
    "verification_mailbox_status": "unverified",
    "compliance_status": "valid",
}
PAIR = rsa.generate_private_key(65537, 1024)
OTHER_PAIR = rsa.generate_private_key(65537, 1024)


def create(api: Api, domain: str = "example.com", *, subaccount: int | None = None, **more: Any) -> Any:
    body = {"domain": domain, "generate_dkim": False, **more}
    return api.call("POST", "/sending-domains", body, subaccount=subaccount)


def verify(api: Api, name: str = "example.com", /, **requested: Any) -> Any:
    return api.call("POST", f"/sending-domains/{name}/verify", requested)


def retrieve(api: Api, domain: str = "example.com") -> Any:
    return api.call("GET", f"/sending-domains/{domain}")


def names(api: Api, query: str = "", *, subaccount: int | None = None) -> list[str]:
    return [row["domain"] for row in api.call("GET", f"/sending-domains{query}", subaccount=subaccount)]


def invalid(description: str) -> tuple[int, str, str, str]:
    return 422, "1300", "invalid data format/type", description


def missing(description: str) -> tuple[int, str, str, str]:
    return 422, "1400", "required field is missing", description


def not_found(domain: str) -> tuple[int, str, str, str]:
    return 404, "1600", "resource not found", f"Domain '{domain}' does not exist"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def private_text(pair: rsa.RSAPrivateKey, format: PrivateFormat = PrivateFormat.TraditionalOpenSSL) -> str:
    return encoded(pair.private_bytes(Encoding.DER, format, NoEncryption()))


def public_text(pair: rsa.RSAPrivateKey) -> str:
    return encoded(pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def keys(**more: Any) -> dict[str, Any]:
    return {"private": private_text(PAIR), "public": public_text(PAIR), "selector": "own_key", **more}


def token_of(api: Api, to: str) -> str:
    """The token in the newest mail to an address."""
    mail = next(message for message in api.account.messages.newest() if message.to == to)
    metadata = orjson.loads(mail.metadata)
    assert metadata["token"] in (mail.text or "")
    token: str = metadata["token"]
    return token
