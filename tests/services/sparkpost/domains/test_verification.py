"""Verification of sending domains by DNS and by mailbox."""

from __future__ import annotations

import pytest

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.domains.calls import (
    UNVERIFIED,
    create,
    missing,
    not_found,
    retrieve,
    token_of,
    verify,
)

# Verifying by DNS.


def test_a_verified_key_verifies_the_ownership(api: Api) -> None:
    created = api.call("POST", "/sending-domains", {"domain": "example.com"})
    assert verify(api, dkim_verify=True) == {
        **UNVERIFIED,
        "ownership_verified": True,
        "dkim_status": "valid",
        "dns": {"dkim_record": f"v=DKIM1; k=rsa; h=sha256; p={created['dkim']['public']}"},
    }
    assert retrieve(api)["status"] == {**UNVERIFIED, "ownership_verified": True, "dkim_status": "valid"}


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("cname", "sparkpostmail.com"),
        ("mx", "smtp.sparkpostmail.com"),
        ("spf", "v=spf1 include:sparkpostmail.com ~all"),
    ],
)
def test_any_record_verifies_the_ownership(api: Api, kind: str, record: str) -> None:
    create(api)
    response = verify(api, **{f"{kind}_verify": True})
    assert (response["ownership_verified"], response[f"{kind}_status"]) == (True, "valid")
    assert response["dns"] == {f"{kind}_record": record}


def test_domain_beginning_with_unverified_has_no_dns_records(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "unverified.example.com"})
    requested = {"dkim_verify": True, "cname_verify": True, "mx_verify": True, "spf_verify": True}
    assert verify(api, "unverified.example.com", **requested) == {
        **UNVERIFIED,
        "dkim_status": "invalid",
        "cname_status": "invalid",
        "mx_status": "invalid",
        "spf_status": "invalid",
        "dns": {
            "dkim_error": "DNS record not found. Please add the TXT record and try again.",
            "cname_error": "DNS record not found. Please add the CNAME record and try again.",
            "mx_error": "DNS record not found. Please add the MX record and try again.",
            "spf_error": "DNS record not found. Please add the TXT record and try again.",
        },
    }


def test_domain_without_dkim_key_cannot_verify_one(api: Api) -> None:
    create(api)
    response = verify(api, dkim_verify=True)
    assert response["dkim_status"] == "unverified"
    assert response["dns"] == {"dkim_error": "Domain 'example.com' has no DKIM key."}


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"dkim_verify": false, "abuse_at_token": null}'])
def test_verifying_nothing_is_refused(api: Api, content: bytes | None) -> None:
    create(api)
    response = api.send("POST", "/sending-domains/example.com/verify", content=content)
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "message": "required field is missing",
            "description": "Error no fields specified for verification",
            "code": "1400",
        }
    ]


def test_an_unknown_domain_is_not_verified(api: Api) -> None:
    api_error = api.refuse("POST", "/sending-domains/wrong.domain/verify", {"dkim_verify": True})
    assert api_error == not_found("wrong.domain")


# Verifying by mailbox.


@pytest.mark.parametrize(
    ("kind", "to"), [("abuse_at", "abuse@example.com"), ("postmaster_at", "postmaster@example.com")]
)
def test_role_mailbox_verifies_with_its_token(api: Api, kind: str, to: str) -> None:
    create(api)
    assert verify(api, **{f"{kind}_verify": True}) == UNVERIFIED
    response = verify(api, **{f"{kind}_token": token_of(api, to)})
    assert response == {**UNVERIFIED, "ownership_verified": True, f"{kind}_status": "valid"}


def test_verification_mailbox_verifies_and_is_shown(api: Api) -> None:
    create(api)
    requested = {"verification_mailbox_verify": True, "verification_mailbox": "susan.calvin"}
    assert verify(api, **requested) == {**UNVERIFIED, "verification_mailbox": "susan.calvin"}
    token = token_of(api, "susan.calvin@example.com")
    assert verify(api, verification_mailbox_token=token) == {
        **UNVERIFIED,
        "ownership_verified": True,
        "verification_mailbox_status": "valid",
        "verification_mailbox": "susan.calvin",
    }


def test_new_verification_mailbox_has_to_be_verified_again(api: Api) -> None:
    create(api)
    verify(api, verification_mailbox_verify=True, verification_mailbox="one")
    verify(api, verification_mailbox_token=token_of(api, "one@example.com"))
    response = verify(api, verification_mailbox_verify=True, verification_mailbox="two")
    assert (response["verification_mailbox"], response["verification_mailbox_status"]) == ("two", "unverified")


def test_same_verification_mailbox_stays_verified(api: Api) -> None:
    create(api)
    requested = {"verification_mailbox_verify": True, "verification_mailbox": "one"}
    verify(api, **requested)
    verify(api, verification_mailbox_token=token_of(api, "one@example.com"))
    assert verify(api, **requested)["verification_mailbox_status"] == "valid"


@pytest.mark.parametrize("token", ["wrong", "a" * 32])
def test_a_wrong_token_verifies_nothing_and_is_no_error(api: Api, token: str) -> None:
    create(api)
    verify(api, abuse_at_verify=True)
    assert verify(api, abuse_at_token=token) == UNVERIFIED


def test_verification_token_fits_its_own_mailbox_only(api: Api) -> None:
    create(api)
    verify(api, abuse_at_verify=True, postmaster_at_verify=True)
    assert verify(api, postmaster_at_token=token_of(api, "abuse@example.com")) == UNVERIFIED


def test_new_verification_token_replaces_the_old_one(api: Api) -> None:
    create(api)
    verify(api, abuse_at_verify=True)
    first = token_of(api, "abuse@example.com")
    verify(api, abuse_at_verify=True)
    assert verify(api, abuse_at_token=first) == UNVERIFIED
    assert verify(api, abuse_at_token=token_of(api, "abuse@example.com"))["abuse_at_status"] == "valid"


def test_verification_mailbox_is_required(api: Api) -> None:
    create(api)
    api_error = api.refuse("POST", "/sending-domains/example.com/verify", {"verification_mailbox_verify": True})
    assert api_error == missing("verification_mailbox field required to verify mailbox")


@pytest.mark.parametrize("mailbox", ["abuse", "Postmaster"])
def test_role_mailbox_cannot_be_the_verification_mailbox(api: Api, mailbox: str) -> None:
    create(api)
    requested = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert api.refuse("POST", "/sending-domains/example.com/verify", requested) == (
        422,
        "1300",
        "required field is missing",
        "verification_mailbox field cannot be 'postmaster' or 'abuse'",
    )


@pytest.mark.parametrize("mailbox", ["me@example.com", "a b", "me\r\nBcc: you"])
def test_invalid_mailbox_is_refused(api: Api, mailbox: str) -> None:
    create(api)
    requested = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert api.refuse("POST", "/sending-domains/example.com/verify", requested)[:2] == (422, "1300")
    assert len(api.account.messages) == 0


def test_domain_with_dmarc_policy_cannot_be_verified_by_mailbox(api: Api) -> None:
    create(api, "dmarc.example.com")
    assert api.refuse("POST", "/sending-domains/dmarc.example.com/verify", {"abuse_at_verify": True}) == (
        400,
        "7003",
        "Domain not allowed",
        "Verification by address is not available for Sending Domains with a DMARC policy",
    )
    assert verify(api, "dmarc.example.com", cname_verify=True)["ownership_verified"] is True
