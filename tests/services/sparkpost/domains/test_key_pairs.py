"""A client's own DKIM keys for a sending domain."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.domains.calls import (
    OTHER_PAIR,
    PAIR,
    create,
    invalid,
    keys,
    missing,
    names,
    private_text,
    public_text,
)


@pytest.mark.parametrize("format", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_own_dkim_pair_is_accepted_in_both_formats(api: Api, format: PrivateFormat) -> None:
    given = keys(private=private_text(PAIR, format), signing_domain="Sign.Example.com", headers="from:to")
    assert create(api, dkim=given)["dkim"] == {
        "public": public_text(PAIR),
        "selector": "own_key",
        "signing_domain": "sign.example.com",
        "headers": "from:to",
    }


def test_own_dkim_pair_is_accepted_with_pem_lines(api: Api) -> None:
    private = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert create(api, dkim=keys(private=private, public=public))["dkim"]["public"] == public_text(PAIR)


def test_a_dkim_object_of_nulls_counts_as_absent(api: Api) -> None:
    nulls = {"private": None, "public": None, "selector": None, "headers": None}
    response = api.call("POST", "/sending-domains", {"domain": "example.com", "dkim": nulls})
    assert response["dkim"]["selector"] == "scph0326"


@pytest.mark.parametrize("field", ["private", "public", "selector"])
def test_own_dkim_pair_must_be_complete(api: Api, field: str) -> None:
    given = keys()
    del given[field]
    api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim": given})
    assert api_error == missing(f"field 'dkim.{field}' is required")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"private": " "}, "Empty keys are not allowed."),
        ({"public": ""}, "Empty keys are not allowed."),
        ({"private": "%%%"}, "Private key does not seem valid. Please use another key pair."),
        ({"private": "A" * 100_000}, "Private key does not seem valid. Please use another key pair."),
        ({"public": "MIGf..."}, "Public key does not seem valid. Please use another key pair."),
        ({"public": "AAAA"}, "Public key does not seem valid. Please use another key pair."),
        ({"private": "AAAA"}, "Unable to read private key."),
        ({"private": private_text(OTHER_PAIR)}, "Private and public DKIM keys do not match."),
        ({"selector": ""}, "Error: DKIM selector length is zero."),
        ({"selector": "a b"}, "Error: DKIM selector 'a b' contains invalid characters."),
    ],
)
def test_dkim_keys_that_are_no_pair_are_refused(api: Api, given: dict[str, str], words: str) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim": keys(**given)})
    assert api_error == invalid(words)
    assert names(api) == []
