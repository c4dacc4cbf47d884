"""Sending domains: registering, verifying, changing them, and what may be sent from them."""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.errors import ApiError
from sparkbox.services.sparkpost.domains import models as domains
from sparkbox.services.sparkpost.domains.models import SendingDomain, require
from tests.services.sparkpost.account_client import NOW, AccountClient

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


@pytest.fixture
def client() -> AccountClient:
    return AccountClient()


@pytest.fixture
def strict() -> AccountClient:
    return AccountClient(profile="strict")


def create(client: AccountClient, domain: str = "example.com", *, subaccount: int | None = None, **more: Any) -> Any:
    body = {"domain": domain, "generate_dkim": False, **more}
    return client.call("POST", "/sending-domains", body, subaccount=subaccount)


def verify(client: AccountClient, name: str = "example.com", /, **asked: Any) -> Any:
    return client.call("POST", f"/sending-domains/{name}/verify", asked)


def retrieve(client: AccountClient, domain: str = "example.com") -> Any:
    return client.call("GET", f"/sending-domains/{domain}")


def names(client: AccountClient, query: str = "", *, subaccount: int | None = None) -> list[str]:
    return [row["domain"] for row in client.call("GET", f"/sending-domains{query}", subaccount=subaccount)]


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


def token_of(client: AccountClient, to: str) -> str:
    """The token in the newest mail to an address."""
    mail = next(message for message in client.account.messages.newest() if message.to == to)
    metadata = orjson.loads(mail.metadata)
    assert metadata["token"] in (mail.text or "")
    token: str = metadata["token"]
    return token


# Registering.


def test_a_domain_is_created_with_a_drawn_key_of_2048_bits(client: AccountClient) -> None:
    response = client.call("POST", "/sending-domains", {"domain": "example.com"})
    public = response["dkim"].pop("public")
    assert response == {
        "message": "Successfully Created domain.",
        "domain": "example.com",
        "dkim": {"selector": "scph0326", "signing_domain": "example.com", "headers": "from:to:subject:date"},
    }
    key = load_der_public_key(base64.b64decode(public, validate=True))
    assert isinstance(key, rsa.RSAPublicKey)
    assert (key.key_size, key.public_numbers().e) == (2048, 65537)


@pytest.mark.parametrize("bits", [1024, 1537, 4096])
def test_a_drawn_key_has_the_length_that_was_asked_for(client: AccountClient, bits: int) -> None:
    response = client.call("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    key = load_der_public_key(base64.b64decode(response["dkim"]["public"]))
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == bits


@pytest.mark.parametrize("bits", [1023, 4097, 0, -2048, 2**62])
def test_a_key_length_beyond_the_vendors_is_refused(client: AccountClient, bits: int) -> None:
    api_error = client.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    assert api_error == invalid("dkim_key_length must be between 1024 and 4096")


def test_each_domain_gets_its_own_key_and_each_run_the_same_ones() -> None:
    def run() -> list[str]:
        client = AccountClient()
        bodies = [{"domain": f"{name}.example.com"} for name in ("one", "two")]
        return [client.call("POST", "/sending-domains", body)["dkim"]["public"] for body in bodies]

    first, second = run()
    assert first != second
    assert run() == [first, second]


def test_a_domain_without_a_key_shows_none(client: AccountClient) -> None:
    assert create(client) == {"message": "Successfully Created domain.", "domain": "example.com"}
    assert retrieve(client) == {
        "status": UNVERIFIED,
        "shared_with_subaccounts": False,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_one_domain_is_shown_with_its_key_and_without_its_name(client: AccountClient) -> None:
    created = client.call("POST", "/sending-domains", {"domain": "example.com", "shared_with_subaccounts": True})
    assert retrieve(client) == {
        "status": UNVERIFIED,
        "dkim": created["dkim"],
        "shared_with_subaccounts": True,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_a_name_is_the_same_in_any_case(client: AccountClient) -> None:
    assert create(client, "Example.COM")["domain"] == "example.com"
    assert retrieve(client, "EXAMPLE.com")["status"] == UNVERIFIED


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hello", "domain name contains no '.'(s)"),
        ("ex", "domain name length too short"),
        ("", "domain name length too short"),
        ("example*&#.domain.com", "domain name contains invalid characters or spaces"),
        ("two words.com", "domain name contains invalid characters or spaces"),
        ("exämple.com", "domain name contains invalid characters or spaces"),
        ("example..domain.com", "validating domain name syntax"),
        ("-example.com", "validating domain name syntax"),
        ("example.com.", "validating domain name syntax"),
        ("192.168.0.1", "validating domain name syntax"),
        (f"{'a' * 64}.com", "validating domain name syntax"),
        (".".join(["a" * 62] * 4) + ".com", "validating domain name syntax"),
    ],
)
def test_what_is_no_domain_name_is_refused_in_the_vendors_words(client: AccountClient, name: str, words: str) -> None:
    api_error = client.refuse("POST", "/sending-domains", {"domain": name})
    assert api_error == invalid(f"Error {words} for domain: '{name}'")


@pytest.mark.parametrize("body", [{}, {"domain": None}])
def test_a_domain_needs_a_name(client: AccountClient, body: dict[str, Any]) -> None:
    assert client.refuse("POST", "/sending-domains", body)[:3] == missing("")[:3]


@pytest.mark.parametrize("name", ["sparkpostbox.com", "gmail.com", "restricted.example.com"])
def test_a_restricted_domain_is_not_registered(client: AccountClient, name: str) -> None:
    assert client.refuse("POST", "/sending-domains", {"domain": name}) == (
        400,
        "7000",
        "Restricted domain",
        "Please contact SparkPost support to get this domain authorized for your account.",
    )
    assert names(client) == []


def test_a_domain_of_another_account_is_not_registered(client: AccountClient) -> None:
    assert client.refuse("POST", "/sending-domains", {"domain": "taken.example.com"}) == (
        400,
        "7004",
        "Domain in use by another account",
        "Please contact SparkPost support to check about this org-domain availability.",
    )


@pytest.mark.parametrize("subaccount", [None, 7])
def test_a_name_is_taken_for_the_account_and_all_its_subaccounts(client: AccountClient, subaccount: int | None) -> None:
    create(client)
    api_error = client.refuse("POST", "/sending-domains", {"domain": "EXAMPLE.com"}, subaccount=subaccount)
    assert api_error == (409, "1602", "resource conflict", "Sending Domain <example.com> already registered")


def test_an_account_has_so_many_domains_and_no_more(client: AccountClient) -> None:
    store = client.ctx.store[SendingDomain]
    for number in range(domains.MOST_DOMAINS):
        store.put(SendingDomain(f"d{number}.example.com", 0, NOW))
    assert client.refuse("POST", "/sending-domains", {"domain": "example.com"}) == (
        400,
        "7002",
        "Exceeded maximum allowed domains",
        "You have exceeded the maximum allowed sending domains. Please contact support",
    )
    client.account.clock.advance(14 * DAY)
    create(client)


def test_a_new_domain_cannot_be_the_default_bounce_domain(client: AccountClient) -> None:
    body = {"domain": "example.com", "is_default_bounce_domain": True}
    assert client.refuse("POST", "/sending-domains", body) == invalid(
        "'is_default_bounce_domain' cannot be set to true at the time of domain creation"
    )
    create(client, is_default_bounce_domain=False)


def test_fields_of_the_wrong_type_are_refused(client: AccountClient) -> None:
    for field, value in {"domain": 1, "generate_dkim": "yes", "dkim_key_length": "2048", "dkim": []}.items():
        api_error = client.refuse("POST", "/sending-domains", {"domain": "example.com", field: value})
        assert api_error[:3] == (422, "1300", "invalid data format/type")


# Keys of the client's own.


@pytest.mark.parametrize("format", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_a_clients_keys_are_taken_in_both_formats(client: AccountClient, format: PrivateFormat) -> None:
    given = keys(private=private_text(PAIR, format), signing_domain="Sign.Example.com", headers="from:to")
    assert create(client, dkim=given)["dkim"] == {
        "public": public_text(PAIR),
        "selector": "own_key",
        "signing_domain": "sign.example.com",
        "headers": "from:to",
    }


def test_a_clients_keys_are_taken_with_their_pem_lines(client: AccountClient) -> None:
    private = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert create(client, dkim=keys(private=private, public=public))["dkim"]["public"] == public_text(PAIR)


def test_a_dkim_object_of_nulls_counts_as_absent(client: AccountClient) -> None:
    nulls = {"private": None, "public": None, "selector": None, "headers": None}
    response = client.call("POST", "/sending-domains", {"domain": "example.com", "dkim": nulls})
    assert response["dkim"]["selector"] == "scph0326"


@pytest.mark.parametrize("field", ["private", "public", "selector"])
def test_a_clients_keys_are_complete(client: AccountClient, field: str) -> None:
    given = keys()
    del given[field]
    api_error = client.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim": given})
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
def test_keys_that_are_no_pair_are_refused_in_the_vendors_words(
    client: AccountClient, given: dict[str, str], words: str
) -> None:
    api_error = client.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim": keys(**given)})
    assert api_error == invalid(words)
    assert names(client) == []


# Who sees what.


def test_a_subaccounts_domain_says_whose_it_is(client: AccountClient) -> None:
    create(client, subaccount=7)
    fields = retrieve(client)
    assert fields["subaccount_id"] == 7
    assert "shared_with_subaccounts" not in fields


def test_the_main_account_sees_all_domains_and_a_subaccount_its_own_and_the_shared_ones(client: AccountClient) -> None:
    create(client, "main.example.com")
    create(client, "shared.example.com", shared_with_subaccounts=True)
    create(client, "seven.example.com", subaccount=7)
    assert names(client) == ["main.example.com", "shared.example.com", "seven.example.com"]
    assert names(client, subaccount=7) == ["shared.example.com", "seven.example.com"]
    assert names(client, subaccount=8) == ["shared.example.com"]
    assert names(client, subaccount=0) == ["main.example.com", "shared.example.com"]


def test_a_subaccount_does_not_find_what_is_not_shared_with_it(client: AccountClient) -> None:
    create(client)
    assert client.refuse("GET", "/sending-domains/example.com", subaccount=7) == not_found("example.com")


@pytest.mark.parametrize(("method", "end"), [("PUT", ""), ("DELETE", ""), ("POST", "/verify")])
def test_a_subaccount_does_not_change_a_shared_domain(client: AccountClient, method: str, end: str) -> None:
    create(client, shared_with_subaccounts=True)
    api_error = client.refuse(method, f"/sending-domains/example.com{end}", {"dkim_verify": True}, subaccount=7)
    assert api_error == not_found("example.com")


def test_a_subaccount_shares_nothing(client: AccountClient) -> None:
    body = {"domain": "example.com", "shared_with_subaccounts": True}
    assert client.refuse("POST", "/sending-domains", body, subaccount=7)[:2] == (422, "1300")
    create(client, subaccount=7)
    body = {"shared_with_subaccounts": True}
    assert client.refuse("PUT", "/sending-domains/example.com", body, subaccount=7)[:2] == (422, "1300")


def test_a_list_is_filtered_by_any_status(client: AccountClient) -> None:
    for name in ("one.example.com", "two.example.com", "blocked.example.com"):
        client.call("POST", "/sending-domains", {"domain": name})
    verify(client, "one.example.com", dkim_verify=True)
    verify(client, "two.example.com", cname_verify=True)
    client.call("PUT", "/sending-domains/two.example.com", {"is_default_bounce_domain": True})
    assert names(client, "?ownership_verified=true") == ["one.example.com", "two.example.com"]
    assert names(client, "?ownership_verified=false") == ["blocked.example.com"]
    assert names(client, "?dkim_status=valid") == ["one.example.com"]
    assert names(client, "?cname_status=unverified&dkim_status=unverified") == ["blocked.example.com"]
    assert names(client, "?compliance_status=blocked") == ["blocked.example.com"]
    assert names(client, "?is_default_bounce_domain=true") == ["two.example.com"]


@pytest.mark.parametrize("query", ["?dkim_status=good", "?ownership_verified=perhaps"])
def test_a_filter_that_makes_no_sense_is_refused(client: AccountClient, query: str) -> None:
    assert client.refuse("GET", f"/sending-domains{query}")[:3] == (400, "1200", "invalid params")


def test_a_listed_domain_has_its_name_and_no_key(client: AccountClient) -> None:
    client.call("POST", "/sending-domains", {"domain": "example.com", "tracking_domain": "click.example.com"})
    assert client.call("GET", "/sending-domains") == [
        {
            "domain": "example.com",
            "tracking_domain": "click.example.com",
            "status": UNVERIFIED,
            "shared_with_subaccounts": False,
            "is_default_bounce_domain": False,
            "creation_time": "2026-03-01T12:00:00+00:00",
        }
    ]


# Verifying by DNS.


def test_a_verified_key_verifies_the_ownership(client: AccountClient) -> None:
    created = client.call("POST", "/sending-domains", {"domain": "example.com"})
    assert verify(client, dkim_verify=True) == {
        **UNVERIFIED,
        "ownership_verified": True,
        "dkim_status": "valid",
        "dns": {"dkim_record": f"v=DKIM1; k=rsa; h=sha256; p={created['dkim']['public']}"},
    }
    assert retrieve(client)["status"] == {**UNVERIFIED, "ownership_verified": True, "dkim_status": "valid"}


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("cname", "sparkpostmail.com"),
        ("mx", "smtp.sparkpostmail.com"),
        ("spf", "v=spf1 include:sparkpostmail.com ~all"),
    ],
)
def test_any_record_verifies_the_ownership(client: AccountClient, kind: str, record: str) -> None:
    create(client)
    response = verify(client, **{f"{kind}_verify": True})
    assert (response["ownership_verified"], response[f"{kind}_status"]) == (True, "valid")
    assert response["dns"] == {f"{kind}_record": record}


def test_a_domain_called_unverified_has_no_records(client: AccountClient) -> None:
    client.call("POST", "/sending-domains", {"domain": "unverified.example.com"})
    asked = {"dkim_verify": True, "cname_verify": True, "mx_verify": True, "spf_verify": True}
    assert verify(client, "unverified.example.com", **asked) == {
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


def test_a_domain_without_a_key_has_none_to_verify(client: AccountClient) -> None:
    create(client)
    response = verify(client, dkim_verify=True)
    assert response["dkim_status"] == "unverified"
    assert response["dns"] == {"dkim_error": "Domain 'example.com' has no DKIM key."}


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"dkim_verify": false, "abuse_at_token": null}'])
def test_verifying_nothing_is_refused(client: AccountClient, content: bytes | None) -> None:
    create(client)
    response = client.send("POST", "/sending-domains/example.com/verify", content=content)
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "message": "required field is missing",
            "description": "Error no fields specified for verification",
            "code": "1400",
        }
    ]


def test_an_unknown_domain_is_not_verified(client: AccountClient) -> None:
    api_error = client.refuse("POST", "/sending-domains/wrong.domain/verify", {"dkim_verify": True})
    assert api_error == not_found("wrong.domain")


# Verifying by mailbox.


@pytest.mark.parametrize(
    ("kind", "to"), [("abuse_at", "abuse@example.com"), ("postmaster_at", "postmaster@example.com")]
)
def test_a_role_mailbox_verifies_with_the_token_that_it_was_sent(client: AccountClient, kind: str, to: str) -> None:
    create(client)
    assert verify(client, **{f"{kind}_verify": True}) == UNVERIFIED
    response = verify(client, **{f"{kind}_token": token_of(client, to)})
    assert response == {**UNVERIFIED, "ownership_verified": True, f"{kind}_status": "valid"}


def test_a_nominated_mailbox_verifies_and_is_shown(client: AccountClient) -> None:
    create(client)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": "susan.calvin"}
    assert verify(client, **asked) == {**UNVERIFIED, "verification_mailbox": "susan.calvin"}
    token = token_of(client, "susan.calvin@example.com")
    assert verify(client, verification_mailbox_token=token) == {
        **UNVERIFIED,
        "ownership_verified": True,
        "verification_mailbox_status": "valid",
        "verification_mailbox": "susan.calvin",
    }


def test_another_nominated_mailbox_has_to_be_verified_anew(client: AccountClient) -> None:
    create(client)
    verify(client, verification_mailbox_verify=True, verification_mailbox="one")
    verify(client, verification_mailbox_token=token_of(client, "one@example.com"))
    response = verify(client, verification_mailbox_verify=True, verification_mailbox="two")
    assert (response["verification_mailbox"], response["verification_mailbox_status"]) == ("two", "unverified")


def test_a_mailbox_that_is_nominated_again_stays_verified(client: AccountClient) -> None:
    create(client)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": "one"}
    verify(client, **asked)
    verify(client, verification_mailbox_token=token_of(client, "one@example.com"))
    assert verify(client, **asked)["verification_mailbox_status"] == "valid"


@pytest.mark.parametrize("token", ["wrong", "a" * 32])
def test_a_wrong_token_verifies_nothing_and_is_no_error(client: AccountClient, token: str) -> None:
    create(client)
    verify(client, abuse_at_verify=True)
    assert verify(client, abuse_at_token=token) == UNVERIFIED


def test_a_token_fits_its_own_mailbox_alone(client: AccountClient) -> None:
    create(client)
    verify(client, abuse_at_verify=True, postmaster_at_verify=True)
    assert verify(client, postmaster_at_token=token_of(client, "abuse@example.com")) == UNVERIFIED


def test_a_second_mail_makes_the_first_ones_token_worthless(client: AccountClient) -> None:
    create(client)
    verify(client, abuse_at_verify=True)
    first = token_of(client, "abuse@example.com")
    verify(client, abuse_at_verify=True)
    assert verify(client, abuse_at_token=first) == UNVERIFIED
    assert verify(client, abuse_at_token=token_of(client, "abuse@example.com"))["abuse_at_status"] == "valid"


def test_a_mailbox_has_to_be_nominated(client: AccountClient) -> None:
    create(client)
    api_error = client.refuse("POST", "/sending-domains/example.com/verify", {"verification_mailbox_verify": True})
    assert api_error == missing("verification_mailbox field required to verify mailbox")


@pytest.mark.parametrize("mailbox", ["abuse", "Postmaster"])
def test_a_role_mailbox_is_not_nominated(client: AccountClient, mailbox: str) -> None:
    create(client)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert client.refuse("POST", "/sending-domains/example.com/verify", asked) == (
        422,
        "1300",
        "required field is missing",
        "verification_mailbox field cannot be 'postmaster' or 'abuse'",
    )


@pytest.mark.parametrize("mailbox", ["me@example.com", "a b", "me\r\nBcc: you"])
def test_what_is_no_mailbox_gets_no_mail(client: AccountClient, mailbox: str) -> None:
    create(client)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert client.refuse("POST", "/sending-domains/example.com/verify", asked)[:2] == (422, "1300")
    assert len(client.account.messages) == 0


def test_a_domain_with_a_dmarc_policy_is_not_verified_by_mailbox(client: AccountClient) -> None:
    create(client, "dmarc.example.com")
    assert client.refuse("POST", "/sending-domains/dmarc.example.com/verify", {"abuse_at_verify": True}) == (
        400,
        "7003",
        "Domain not allowed",
        "Verification by address is not available for Sending Domains with a DMARC policy",
    )
    assert verify(client, "dmarc.example.com", cname_verify=True)["ownership_verified"] is True


# Changing and deleting.


def test_an_update_changes_what_it_names_and_nothing_else(client: AccountClient) -> None:
    created = client.call("POST", "/sending-domains", {"domain": "example.com"})
    before = retrieve(client)
    body = {"tracking_domain": "click.example.com", "shared_with_subaccounts": True}
    assert client.call("PUT", "/sending-domains/example.com", body) == {
        "message": "Successfully Updated Domain.",
        "domain": "example.com",
    }
    assert retrieve(client) == {**before, **body}
    assert retrieve(client)["dkim"] == created["dkim"]


def test_an_empty_tracking_domain_removes_it(client: AccountClient) -> None:
    create(client, tracking_domain="click.example.com")
    client.call("PUT", "/sending-domains/example.com", {"tracking_domain": ""})
    assert "tracking_domain" not in retrieve(client)


def test_the_strict_profile_takes_registered_tracking_domains_alone(strict: AccountClient) -> None:
    body = {"domain": "example.com", "tracking_domain": "click.example.com"}
    assert strict.refuse("POST", "/sending-domains", body) == (
        400,
        "1200",
        "invalid params",
        "Tracking domain 'click.example.com' is not a registered tracking domain",
    )


def test_new_keys_are_verified_as_they_are_set(client: AccountClient) -> None:
    client.call("POST", "/sending-domains", {"domain": "example.com"})
    client.call("PUT", "/sending-domains/example.com", {"dkim": keys()})
    fields = retrieve(client)
    assert (fields["dkim"]["public"], fields["dkim"]["selector"]) == (public_text(PAIR), "own_key")
    assert fields["status"]["dkim_status"] == "valid"


def test_new_keys_that_cannot_be_verified_change_nothing(client: AccountClient) -> None:
    client.call("POST", "/sending-domains", {"domain": "unverified.example.com"})
    before = retrieve(client, "unverified.example.com")
    body = {"dkim": keys(), "shared_with_subaccounts": True}
    assert client.refuse("PUT", "/sending-domains/unverified.example.com", body) == (
        400,
        "1404",
        "request to remote endpoint failed",
        "Unable to verify DKIM record of unverified.example.com. DNS DKIM query error: no TXT record at "
        "'own_key._domainkey.unverified.example.com'",
    )
    assert retrieve(client, "unverified.example.com") == before


def test_only_a_bounce_domain_can_be_the_default_one(client: AccountClient) -> None:
    create(client)
    body = {"is_default_bounce_domain": True}
    assert client.refuse("PUT", "/sending-domains/example.com", body) == invalid(
        "Domain must have cname_status 'valid' or mx_status 'valid' in order to set 'is_default_bounce_domain' to true"
    )
    verify(client, cname_verify=True)
    client.call("PUT", "/sending-domains/example.com", body)
    assert retrieve(client)["is_default_bounce_domain"] is True


def test_the_account_and_each_subaccount_have_one_default_bounce_domain(client: AccountClient) -> None:
    owners = {"one.example.com": None, "two.example.com": None, "seven.example.com": 7}
    for name, owner in owners.items():
        create(client, name, subaccount=owner)
        verify(client, name, mx_verify=True)
        client.call("PUT", f"/sending-domains/{name}", {"is_default_bounce_domain": True})
    assert names(client, "?is_default_bounce_domain=true") == ["two.example.com", "seven.example.com"]
    client.call("PUT", "/sending-domains/two.example.com", {"is_default_bounce_domain": False})
    assert names(client, "?is_default_bounce_domain=true") == ["seven.example.com"]


def test_a_deleted_domain_is_gone(client: AccountClient) -> None:
    create(client)
    response = client.send("DELETE", "/sending-domains/example.com", content=b"[]")
    assert (response.status_code, response.content) == (204, b"")
    assert client.refuse("GET", "/sending-domains/example.com") == not_found("example.com")
    assert client.refuse("DELETE", "/sending-domains/example.com") == not_found("example.com")
    assert client.refuse("PUT", "/sending-domains/example.com", {}) == not_found("example.com")
    create(client)


def test_a_domain_that_is_not_verified_within_two_weeks_is_removed(client: AccountClient) -> None:
    for name in ("kept.example.com", "lost.example.com"):
        create(client, name)
    verify(client, "kept.example.com", cname_verify=True)
    client.account.clock.advance(14 * DAY - 1)
    assert names(client) == ["kept.example.com", "lost.example.com"]
    client.account.clock.advance(1)
    assert names(client) == ["kept.example.com"]
    assert client.refuse("GET", "/sending-domains/lost.example.com") == not_found("lost.example.com")
    create(client, "lost.example.com")


# What may be sent from.


def refused(client: AccountClient, domain: str, owner: int | None = None) -> str | None:
    """The description of the refusal to send; ``None`` if there is none."""
    try:
        require(client.ctx, domain, owner)
    except ApiError as caught:
        api_error = caught
    else:
        return None
    assert (api_error.error.status, api_error.error.code, api_error.message) == (400, "7001", "Invalid domain")
    return api_error.description


def test_the_easy_profile_sends_from_any_domain_but_a_blocked_one(client: AccountClient) -> None:
    create(client)
    create(client, "blocked.example.com")
    assert refused(client, "unknown.example.com") is None
    assert refused(client, "example.com") is None
    assert refused(client, "Blocked.Example.com") == "Blocked Sending Domain <blocked.example.com>"


def test_the_strict_profile_sends_from_verified_domains(strict: AccountClient) -> None:
    create(strict)
    unverified = "Unconfigured or unverified sending domain."
    assert refused(strict, "unknown.example.com") == unverified
    assert refused(strict, "example.com") == unverified
    verify(strict, cname_verify=True)
    assert refused(strict, "EXAMPLE.com") is None
    assert refused(strict, "mail.example.com") == unverified


def test_the_strict_profile_does_not_send_from_a_blocked_domain(strict: AccountClient) -> None:
    create(strict, "blocked.example.com")
    verify(strict, "blocked.example.com", cname_verify=True)
    assert refused(strict, "blocked.example.com") == "Blocked Sending Domain <blocked.example.com>"


def test_the_sandbox_domain_is_always_there(strict: AccountClient) -> None:
    assert refused(strict, "sparkpostbox.com") is None
    assert refused(strict, "sparkpostbox.com", owner=7) is None


def test_the_strict_profile_asks_whose_domain_it_is(strict: AccountClient) -> None:
    create(strict, "main.example.com")
    create(strict, "shared.example.com", shared_with_subaccounts=True)
    create(strict, "seven.example.com", subaccount=7)
    for name in ("main.example.com", "shared.example.com", "seven.example.com"):
        verify(strict, name, cname_verify=True)
    unverified = "Unconfigured or unverified sending domain."
    allowed = {
        owner: [name for name in names(strict) if refused(strict, name, owner) is None] for owner in (None, 0, 7, 8)
    }
    assert allowed == {
        None: ["main.example.com", "shared.example.com"],
        0: ["main.example.com", "shared.example.com"],
        7: ["shared.example.com", "seven.example.com"],
        8: ["shared.example.com"],
    }
    assert refused(strict, "seven.example.com", 8) == unverified


# The examples, and whatever else comes.


def test_the_examples_are_answered_as_they_say(client: AccountClient) -> None:
    for operation in (
        "create_sending_domain",
        "verify_sending_domain",
        "update_sending_domain",
        "retrieve_sending_domain",
        "list_sending_domains",
        "create_dkim_key",
        "verify_dkim_key",
        "update_dkim_key",
        "retrieve_dkim_key",
        "list_dkim_keys",
        "delete_dkim_key",
        "delete_sending_domain",
    ):
        client.replay(f"sending-domains/{operation}")


text = st.text(st.characters(), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "domain", "tracking_domain", "dkim", "generate_dkim", "dkim_key_length", "shared_with_subaccounts",
    "is_default_bounce_domain", "dkim_verify", "verification_mailbox_verify", "verification_mailbox", "abuse_at_token",
]  # fmt: skip
bodies = json_values | st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5)


@settings(max_examples=60, deadline=None)
@given(body=bodies, target=st.sampled_from([("POST", ""), ("PUT", "/example.com"), ("POST", "/example.com/verify")]))
def test_any_body_is_answered_in_the_envelope(body: Any, target: tuple[str, str]) -> None:
    client = AccountClient()
    create(client)
    response = client.send(target[0], f"/sending-domains{target[1]}", content=json.dumps(body).encode())
    assert response.status_code in (200, 400, 404, 409, 422)
    assert ("results" in response.json()) == (response.status_code == 200)
    assert ("errors" in response.json()) == (response.status_code != 200)


@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=40) | st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True))
def test_a_name_that_is_taken_can_be_read_back(name: str) -> None:
    client = AccountClient()
    response = client.send("POST", "/sending-domains", {"domain": name, "generate_dkim": False})
    assert response.status_code in (200, 400, 422)
    if response.status_code == 200:
        assert names(client) == [name.lower()]
        assert retrieve(client, name)["status"]["ownership_verified"] is False
