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
from sparkbox.services.sparkpost.domains import registry
from sparkbox.services.sparkpost.domains.models import SendingDomain
from sparkbox.services.sparkpost.domains.registry import require
from tests.services.sparkpost.api import Api
from tests.services.view import NOW

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
def strict() -> Api:
    return Api(profile="strict")


def create(api: Api, domain: str = "example.com", *, subaccount: int | None = None, **more: Any) -> Any:
    body = {"domain": domain, "generate_dkim": False, **more}
    return api.call("POST", "/sending-domains", body, subaccount=subaccount)


def verify(api: Api, name: str = "example.com", /, **asked: Any) -> Any:
    return api.call("POST", f"/sending-domains/{name}/verify", asked)


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


# Registering.


def test_a_domain_is_created_with_a_drawn_key_of_2048_bits(api: Api) -> None:
    response = api.call("POST", "/sending-domains", {"domain": "example.com"})
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
def test_a_drawn_key_has_the_length_that_was_asked_for(api: Api, bits: int) -> None:
    response = api.call("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    key = load_der_public_key(base64.b64decode(response["dkim"]["public"]))
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == bits


@pytest.mark.parametrize("bits", [1023, 4097, 0, -2048, 2**62])
def test_a_key_length_beyond_the_vendors_is_refused(api: Api, bits: int) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    assert api_error == invalid("dkim_key_length must be between 1024 and 4096")


def test_each_domain_gets_its_own_key_and_each_run_the_same_ones() -> None:
    def run() -> list[str]:
        api = Api()
        bodies = [{"domain": f"{name}.example.com"} for name in ("one", "two")]
        return [api.call("POST", "/sending-domains", body)["dkim"]["public"] for body in bodies]

    first, second = run()
    assert first != second
    assert run() == [first, second]


def test_a_domain_without_a_key_shows_none(api: Api) -> None:
    assert create(api) == {"message": "Successfully Created domain.", "domain": "example.com"}
    assert retrieve(api) == {
        "status": UNVERIFIED,
        "shared_with_subaccounts": False,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_one_domain_is_shown_with_its_key_and_without_its_name(api: Api) -> None:
    created = api.call("POST", "/sending-domains", {"domain": "example.com", "shared_with_subaccounts": True})
    assert retrieve(api) == {
        "status": UNVERIFIED,
        "dkim": created["dkim"],
        "shared_with_subaccounts": True,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_a_name_is_the_same_in_any_case(api: Api) -> None:
    assert create(api, "Example.COM")["domain"] == "example.com"
    assert retrieve(api, "EXAMPLE.com")["status"] == UNVERIFIED


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
def test_what_is_no_domain_name_is_refused_in_the_vendors_words(api: Api, name: str, words: str) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": name})
    assert api_error == invalid(f"Error {words} for domain: '{name}'")


@pytest.mark.parametrize("body", [{}, {"domain": None}])
def test_a_domain_needs_a_name(api: Api, body: dict[str, Any]) -> None:
    assert api.refuse("POST", "/sending-domains", body)[:3] == missing("")[:3]


@pytest.mark.parametrize("name", ["sparkpostbox.com", "gmail.com", "restricted.example.com"])
def test_a_restricted_domain_is_not_registered(api: Api, name: str) -> None:
    assert api.refuse("POST", "/sending-domains", {"domain": name}) == (
        400,
        "7000",
        "Restricted domain",
        "Please contact SparkPost support to get this domain authorized for your account.",
    )
    assert names(api) == []


def test_a_domain_of_another_account_is_not_registered(api: Api) -> None:
    assert api.refuse("POST", "/sending-domains", {"domain": "taken.example.com"}) == (
        400,
        "7004",
        "Domain in use by another account",
        "Please contact SparkPost support to check about this org-domain availability.",
    )


@pytest.mark.parametrize("subaccount", [None, 7])
def test_a_name_is_taken_for_the_account_and_all_its_subaccounts(api: Api, subaccount: int | None) -> None:
    create(api)
    api_error = api.refuse("POST", "/sending-domains", {"domain": "EXAMPLE.com"}, subaccount=subaccount)
    assert api_error == (409, "1602", "resource conflict", "Sending Domain <example.com> already registered")


def test_an_account_has_so_many_domains_and_no_more(api: Api) -> None:
    store = api.ctx.store[SendingDomain]
    for number in range(registry.MOST_DOMAINS):
        store.put(SendingDomain(f"d{number}.example.com", 0, NOW))
    assert api.refuse("POST", "/sending-domains", {"domain": "example.com"}) == (
        400,
        "7002",
        "Exceeded maximum allowed domains",
        "You have exceeded the maximum allowed sending domains. Please contact support",
    )
    api.account.clock.advance(14 * DAY)
    create(api)


def test_a_new_domain_cannot_be_the_default_bounce_domain(api: Api) -> None:
    body = {"domain": "example.com", "is_default_bounce_domain": True}
    assert api.refuse("POST", "/sending-domains", body) == invalid(
        "'is_default_bounce_domain' cannot be set to true at the time of domain creation"
    )
    create(api, is_default_bounce_domain=False)


def test_fields_of_the_wrong_type_are_refused(api: Api) -> None:
    for field, value in {"domain": 1, "generate_dkim": "yes", "dkim_key_length": "2048", "dkim": []}.items():
        api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", field: value})
        assert api_error[:3] == (422, "1300", "invalid data format/type")


# Keys of the api's own.


@pytest.mark.parametrize("format", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_a_clients_keys_are_taken_in_both_formats(api: Api, format: PrivateFormat) -> None:
    given = keys(private=private_text(PAIR, format), signing_domain="Sign.Example.com", headers="from:to")
    assert create(api, dkim=given)["dkim"] == {
        "public": public_text(PAIR),
        "selector": "own_key",
        "signing_domain": "sign.example.com",
        "headers": "from:to",
    }


def test_a_clients_keys_are_taken_with_their_pem_lines(api: Api) -> None:
    private = PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert create(api, dkim=keys(private=private, public=public))["dkim"]["public"] == public_text(PAIR)


def test_a_dkim_object_of_nulls_counts_as_absent(api: Api) -> None:
    nulls = {"private": None, "public": None, "selector": None, "headers": None}
    response = api.call("POST", "/sending-domains", {"domain": "example.com", "dkim": nulls})
    assert response["dkim"]["selector"] == "scph0326"


@pytest.mark.parametrize("field", ["private", "public", "selector"])
def test_a_clients_keys_are_complete(api: Api, field: str) -> None:
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
def test_keys_that_are_no_pair_are_refused_in_the_vendors_words(api: Api, given: dict[str, str], words: str) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim": keys(**given)})
    assert api_error == invalid(words)
    assert names(api) == []


# Who sees what.


def test_a_subaccounts_domain_says_whose_it_is(api: Api) -> None:
    create(api, subaccount=7)
    fields = retrieve(api)
    assert fields["subaccount_id"] == 7
    assert "shared_with_subaccounts" not in fields


def test_the_main_account_sees_all_domains_and_a_subaccount_its_own_and_the_shared_ones(api: Api) -> None:
    create(api, "main.example.com")
    create(api, "shared.example.com", shared_with_subaccounts=True)
    create(api, "seven.example.com", subaccount=7)
    assert names(api) == ["main.example.com", "shared.example.com", "seven.example.com"]
    assert names(api, subaccount=7) == ["shared.example.com", "seven.example.com"]
    assert names(api, subaccount=8) == ["shared.example.com"]
    assert names(api, subaccount=0) == ["main.example.com", "shared.example.com"]


def test_a_subaccount_does_not_find_what_is_not_shared_with_it(api: Api) -> None:
    create(api)
    assert api.refuse("GET", "/sending-domains/example.com", subaccount=7) == not_found("example.com")


@pytest.mark.parametrize(("method", "end"), [("PUT", ""), ("DELETE", ""), ("POST", "/verify")])
def test_a_subaccount_does_not_change_a_shared_domain(api: Api, method: str, end: str) -> None:
    create(api, shared_with_subaccounts=True)
    api_error = api.refuse(method, f"/sending-domains/example.com{end}", {"dkim_verify": True}, subaccount=7)
    assert api_error == not_found("example.com")


def test_a_subaccount_shares_nothing(api: Api) -> None:
    body = {"domain": "example.com", "shared_with_subaccounts": True}
    assert api.refuse("POST", "/sending-domains", body, subaccount=7)[:2] == (422, "1300")
    create(api, subaccount=7)
    body = {"shared_with_subaccounts": True}
    assert api.refuse("PUT", "/sending-domains/example.com", body, subaccount=7)[:2] == (422, "1300")


def test_a_list_is_filtered_by_any_status(api: Api) -> None:
    for name in ("one.example.com", "two.example.com", "blocked.example.com"):
        api.call("POST", "/sending-domains", {"domain": name})
    verify(api, "one.example.com", dkim_verify=True)
    verify(api, "two.example.com", cname_verify=True)
    api.call("PUT", "/sending-domains/two.example.com", {"is_default_bounce_domain": True})
    assert names(api, "?ownership_verified=true") == ["one.example.com", "two.example.com"]
    assert names(api, "?ownership_verified=false") == ["blocked.example.com"]
    assert names(api, "?dkim_status=valid") == ["one.example.com"]
    assert names(api, "?cname_status=unverified&dkim_status=unverified") == ["blocked.example.com"]
    assert names(api, "?compliance_status=blocked") == ["blocked.example.com"]
    assert names(api, "?is_default_bounce_domain=true") == ["two.example.com"]


@pytest.mark.parametrize("query", ["?dkim_status=good", "?ownership_verified=perhaps"])
def test_a_filter_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert api.refuse("GET", f"/sending-domains{query}")[:3] == (400, "1200", "invalid params")


def test_a_listed_domain_has_its_name_and_no_key(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "example.com", "tracking_domain": "click.example.com"})
    assert api.call("GET", "/sending-domains") == [
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


def test_a_domain_called_unverified_has_no_records(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "unverified.example.com"})
    asked = {"dkim_verify": True, "cname_verify": True, "mx_verify": True, "spf_verify": True}
    assert verify(api, "unverified.example.com", **asked) == {
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


def test_a_domain_without_a_key_has_none_to_verify(api: Api) -> None:
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
def test_a_role_mailbox_verifies_with_the_token_that_it_was_sent(api: Api, kind: str, to: str) -> None:
    create(api)
    assert verify(api, **{f"{kind}_verify": True}) == UNVERIFIED
    response = verify(api, **{f"{kind}_token": token_of(api, to)})
    assert response == {**UNVERIFIED, "ownership_verified": True, f"{kind}_status": "valid"}


def test_a_nominated_mailbox_verifies_and_is_shown(api: Api) -> None:
    create(api)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": "susan.calvin"}
    assert verify(api, **asked) == {**UNVERIFIED, "verification_mailbox": "susan.calvin"}
    token = token_of(api, "susan.calvin@example.com")
    assert verify(api, verification_mailbox_token=token) == {
        **UNVERIFIED,
        "ownership_verified": True,
        "verification_mailbox_status": "valid",
        "verification_mailbox": "susan.calvin",
    }


def test_another_nominated_mailbox_has_to_be_verified_anew(api: Api) -> None:
    create(api)
    verify(api, verification_mailbox_verify=True, verification_mailbox="one")
    verify(api, verification_mailbox_token=token_of(api, "one@example.com"))
    response = verify(api, verification_mailbox_verify=True, verification_mailbox="two")
    assert (response["verification_mailbox"], response["verification_mailbox_status"]) == ("two", "unverified")


def test_a_mailbox_that_is_nominated_again_stays_verified(api: Api) -> None:
    create(api)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": "one"}
    verify(api, **asked)
    verify(api, verification_mailbox_token=token_of(api, "one@example.com"))
    assert verify(api, **asked)["verification_mailbox_status"] == "valid"


@pytest.mark.parametrize("token", ["wrong", "a" * 32])
def test_a_wrong_token_verifies_nothing_and_is_no_error(api: Api, token: str) -> None:
    create(api)
    verify(api, abuse_at_verify=True)
    assert verify(api, abuse_at_token=token) == UNVERIFIED


def test_a_token_fits_its_own_mailbox_alone(api: Api) -> None:
    create(api)
    verify(api, abuse_at_verify=True, postmaster_at_verify=True)
    assert verify(api, postmaster_at_token=token_of(api, "abuse@example.com")) == UNVERIFIED


def test_a_second_mail_makes_the_first_ones_token_worthless(api: Api) -> None:
    create(api)
    verify(api, abuse_at_verify=True)
    first = token_of(api, "abuse@example.com")
    verify(api, abuse_at_verify=True)
    assert verify(api, abuse_at_token=first) == UNVERIFIED
    assert verify(api, abuse_at_token=token_of(api, "abuse@example.com"))["abuse_at_status"] == "valid"


def test_a_mailbox_has_to_be_nominated(api: Api) -> None:
    create(api)
    api_error = api.refuse("POST", "/sending-domains/example.com/verify", {"verification_mailbox_verify": True})
    assert api_error == missing("verification_mailbox field required to verify mailbox")


@pytest.mark.parametrize("mailbox", ["abuse", "Postmaster"])
def test_a_role_mailbox_is_not_nominated(api: Api, mailbox: str) -> None:
    create(api)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert api.refuse("POST", "/sending-domains/example.com/verify", asked) == (
        422,
        "1300",
        "required field is missing",
        "verification_mailbox field cannot be 'postmaster' or 'abuse'",
    )


@pytest.mark.parametrize("mailbox", ["me@example.com", "a b", "me\r\nBcc: you"])
def test_what_is_no_mailbox_gets_no_mail(api: Api, mailbox: str) -> None:
    create(api)
    asked = {"verification_mailbox_verify": True, "verification_mailbox": mailbox}
    assert api.refuse("POST", "/sending-domains/example.com/verify", asked)[:2] == (422, "1300")
    assert len(api.account.messages) == 0


def test_a_domain_with_a_dmarc_policy_is_not_verified_by_mailbox(api: Api) -> None:
    create(api, "dmarc.example.com")
    assert api.refuse("POST", "/sending-domains/dmarc.example.com/verify", {"abuse_at_verify": True}) == (
        400,
        "7003",
        "Domain not allowed",
        "Verification by address is not available for Sending Domains with a DMARC policy",
    )
    assert verify(api, "dmarc.example.com", cname_verify=True)["ownership_verified"] is True


# Changing and deleting.


def test_an_update_changes_what_it_names_and_nothing_else(api: Api) -> None:
    created = api.call("POST", "/sending-domains", {"domain": "example.com"})
    before = retrieve(api)
    body = {"tracking_domain": "click.example.com", "shared_with_subaccounts": True}
    assert api.call("PUT", "/sending-domains/example.com", body) == {
        "message": "Successfully Updated Domain.",
        "domain": "example.com",
    }
    assert retrieve(api) == {**before, **body}
    assert retrieve(api)["dkim"] == created["dkim"]


def test_an_empty_tracking_domain_removes_it(api: Api) -> None:
    create(api, tracking_domain="click.example.com")
    api.call("PUT", "/sending-domains/example.com", {"tracking_domain": ""})
    assert "tracking_domain" not in retrieve(api)


def test_the_strict_profile_takes_registered_tracking_domains_alone(strict: Api) -> None:
    body = {"domain": "example.com", "tracking_domain": "click.example.com"}
    assert strict.refuse("POST", "/sending-domains", body) == (
        400,
        "1200",
        "invalid params",
        "Tracking domain 'click.example.com' is not a registered tracking domain",
    )


def test_new_keys_are_verified_as_they_are_set(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "example.com"})
    api.call("PUT", "/sending-domains/example.com", {"dkim": keys()})
    fields = retrieve(api)
    assert (fields["dkim"]["public"], fields["dkim"]["selector"]) == (public_text(PAIR), "own_key")
    assert fields["status"]["dkim_status"] == "valid"


def test_new_keys_that_cannot_be_verified_change_nothing(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "unverified.example.com"})
    before = retrieve(api, "unverified.example.com")
    body = {"dkim": keys(), "shared_with_subaccounts": True}
    assert api.refuse("PUT", "/sending-domains/unverified.example.com", body) == (
        400,
        "1404",
        "request to remote endpoint failed",
        "Unable to verify DKIM record of unverified.example.com. DNS DKIM query error: no TXT record at "
        "'own_key._domainkey.unverified.example.com'",
    )
    assert retrieve(api, "unverified.example.com") == before


def test_only_a_bounce_domain_can_be_the_default_one(api: Api) -> None:
    create(api)
    body = {"is_default_bounce_domain": True}
    assert api.refuse("PUT", "/sending-domains/example.com", body) == invalid(
        "Domain must have cname_status 'valid' or mx_status 'valid' in order to set 'is_default_bounce_domain' to true"
    )
    verify(api, cname_verify=True)
    api.call("PUT", "/sending-domains/example.com", body)
    assert retrieve(api)["is_default_bounce_domain"] is True


def test_the_account_and_each_subaccount_have_one_default_bounce_domain(api: Api) -> None:
    owners = {"one.example.com": None, "two.example.com": None, "seven.example.com": 7}
    for name, owner in owners.items():
        create(api, name, subaccount=owner)
        verify(api, name, mx_verify=True)
        api.call("PUT", f"/sending-domains/{name}", {"is_default_bounce_domain": True})
    assert names(api, "?is_default_bounce_domain=true") == ["two.example.com", "seven.example.com"]
    api.call("PUT", "/sending-domains/two.example.com", {"is_default_bounce_domain": False})
    assert names(api, "?is_default_bounce_domain=true") == ["seven.example.com"]


def test_a_deleted_domain_is_gone(api: Api) -> None:
    create(api)
    response = api.send("DELETE", "/sending-domains/example.com", content=b"[]")
    assert (response.status_code, response.content) == (204, b"")
    assert api.refuse("GET", "/sending-domains/example.com") == not_found("example.com")
    assert api.refuse("DELETE", "/sending-domains/example.com") == not_found("example.com")
    assert api.refuse("PUT", "/sending-domains/example.com", {}) == not_found("example.com")
    create(api)


def test_a_domain_that_is_not_verified_within_two_weeks_is_removed(api: Api) -> None:
    for name in ("kept.example.com", "lost.example.com"):
        create(api, name)
    verify(api, "kept.example.com", cname_verify=True)
    api.account.clock.advance(14 * DAY - 1)
    assert names(api) == ["kept.example.com", "lost.example.com"]
    api.account.clock.advance(1)
    assert names(api) == ["kept.example.com"]
    assert api.refuse("GET", "/sending-domains/lost.example.com") == not_found("lost.example.com")
    create(api, "lost.example.com")


# What may be sent from.


def refused(api: Api, domain: str, owner: int | None = None) -> str | None:
    """The description of the refusal to send; ``None`` if there is none."""
    try:
        require(api.ctx, domain, owner)
    except ApiError as caught:
        api_error = caught
    else:
        return None
    assert (api_error.error.status, api_error.error.code, api_error.message) == (400, "7001", "Invalid domain")
    return api_error.description


def test_the_easy_profile_sends_from_any_domain_but_a_blocked_one(api: Api) -> None:
    create(api)
    create(api, "blocked.example.com")
    assert refused(api, "unknown.example.com") is None
    assert refused(api, "example.com") is None
    assert refused(api, "Blocked.Example.com") == "Blocked Sending Domain <blocked.example.com>"


def test_the_strict_profile_sends_from_verified_domains(strict: Api) -> None:
    create(strict)
    unverified = "Unconfigured or unverified sending domain."
    assert refused(strict, "unknown.example.com") == unverified
    assert refused(strict, "example.com") == unverified
    verify(strict, cname_verify=True)
    assert refused(strict, "EXAMPLE.com") is None
    assert refused(strict, "mail.example.com") == unverified


def test_the_strict_profile_does_not_send_from_a_blocked_domain(strict: Api) -> None:
    create(strict, "blocked.example.com")
    verify(strict, "blocked.example.com", cname_verify=True)
    assert refused(strict, "blocked.example.com") == "Blocked Sending Domain <blocked.example.com>"


def test_the_sandbox_domain_is_always_there(strict: Api) -> None:
    assert refused(strict, "sparkpostbox.com") is None
    assert refused(strict, "sparkpostbox.com", owner=7) is None


def test_the_strict_profile_asks_whose_domain_it_is(strict: Api) -> None:
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


def test_the_examples_are_answered_as_they_say(api: Api) -> None:
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
        api.replay(f"sending-domains/{operation}")


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
    api = Api()
    create(api)
    response = api.send(target[0], f"/sending-domains{target[1]}", content=json.dumps(body).encode())
    assert response.status_code in (200, 400, 404, 409, 422)
    assert ("results" in response.json()) == (response.status_code == 200)
    assert ("errors" in response.json()) == (response.status_code != 200)


@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=40) | st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True))
def test_a_name_that_is_taken_can_be_read_back(name: str) -> None:
    api = Api()
    response = api.send("POST", "/sending-domains", {"domain": name, "generate_dkim": False})
    assert response.status_code in (200, 400, 422)
    if response.status_code == 200:
        assert names(api) == [name.lower()]
        assert retrieve(api, name)["status"]["ownership_verified"] is False
