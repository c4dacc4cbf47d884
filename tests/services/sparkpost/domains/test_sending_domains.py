"""The Sending Domains API: creating, listing, updating and deleting domains."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost.domains import registry
from sparkbox.services.sparkpost.domains.models import SendingDomain
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.domains.calls import (
    DAY,
    PAIR,
    UNVERIFIED,
    create,
    invalid,
    keys,
    missing,
    names,
    not_found,
    public_text,
    retrieve,
    verify,
)
from tests.services.view import NOW

# Registering.


def test_new_domain_gets_a_dkim_key_of_2048_bits(api: Api) -> None:
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
def test_generated_dkim_key_has_the_requested_length(api: Api, bits: int) -> None:
    response = api.call("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    key = load_der_public_key(base64.b64decode(response["dkim"]["public"]))
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == bits


@pytest.mark.parametrize("bits", [1023, 4097, 0, -2048, 2**62])
def test_dkim_key_length_out_of_range_is_refused(api: Api, bits: int) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": bits})
    assert api_error == invalid("dkim_key_length must be between 1024 and 4096")


def test_generated_dkim_keys_are_reproducible() -> None:
    def run() -> list[str]:
        api = Api()
        bodies = [{"domain": f"{name}.example.com"} for name in ("one", "two")]
        return [api.call("POST", "/sending-domains", body)["dkim"]["public"] for body in bodies]

    first, second = run()
    assert first != second
    assert run() == [first, second]


def test_domain_without_dkim_key_shows_none(api: Api) -> None:
    assert create(api) == {"message": "Successfully Created domain.", "domain": "example.com"}
    assert retrieve(api) == {
        "status": UNVERIFIED,
        "shared_with_subaccounts": False,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_domain_is_shown_with_its_key_and_without_its_name(api: Api) -> None:
    created = api.call("POST", "/sending-domains", {"domain": "example.com", "shared_with_subaccounts": True})
    assert retrieve(api) == {
        "status": UNVERIFIED,
        "dkim": created["dkim"],
        "shared_with_subaccounts": True,
        "is_default_bounce_domain": False,
        "creation_time": "2026-03-01T12:00:00+00:00",
    }


def test_domain_name_ignores_case(api: Api) -> None:
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
def test_invalid_domain_name_is_refused(api: Api, name: str, words: str) -> None:
    api_error = api.refuse("POST", "/sending-domains", {"domain": name})
    assert api_error == invalid(f"Error {words} for domain: '{name}'")


@pytest.mark.parametrize("body", [{}, {"domain": None}])
def test_a_domain_needs_a_name(api: Api, body: dict[str, Any]) -> None:
    assert api.refuse("POST", "/sending-domains", body)[:3] == missing("")[:3]


@pytest.mark.parametrize("name", ["sparkpostbox.com", "gmail.com", "restricted.example.com"])
def test_restricted_domain_cannot_be_registered(api: Api, name: str) -> None:
    assert api.refuse("POST", "/sending-domains", {"domain": name}) == (
        400,
        "7000",
        "Restricted domain",
        "Please contact SparkPost support to get this domain authorized for your account.",
    )
    assert names(api) == []


def test_domain_beginning_with_taken_cannot_be_registered(api: Api) -> None:
    assert api.refuse("POST", "/sending-domains", {"domain": "taken.example.com"}) == (
        400,
        "7004",
        "Domain in use by another account",
        "Please contact SparkPost support to check about this org-domain availability.",
    )


@pytest.mark.parametrize("subaccount", [None, 7])
def test_domain_name_is_unique_across_subaccounts(api: Api, subaccount: int | None) -> None:
    create(api)
    api_error = api.refuse("POST", "/sending-domains", {"domain": "EXAMPLE.com"}, subaccount=subaccount)
    assert api_error == (409, "1602", "resource conflict", "Sending Domain <example.com> already registered")


def test_account_has_at_most_10_000_domains(api: Api) -> None:
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


# Who sees what.


def test_domain_of_a_subaccount_shows_its_id(api: Api) -> None:
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


def test_subaccount_does_not_find_unshared_domains(api: Api) -> None:
    create(api)
    assert api.refuse("GET", "/sending-domains/example.com", subaccount=7) == not_found("example.com")


@pytest.mark.parametrize(("method", "end"), [("PUT", ""), ("DELETE", ""), ("POST", "/verify")])
def test_a_subaccount_does_not_change_a_shared_domain(api: Api, method: str, end: str) -> None:
    create(api, shared_with_subaccounts=True)
    api_error = api.refuse(method, f"/sending-domains/example.com{end}", {"dkim_verify": True}, subaccount=7)
    assert api_error == not_found("example.com")


def test_subaccount_cannot_share_domains(api: Api) -> None:
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
def test_invalid_domain_filter_is_refused(api: Api, query: str) -> None:
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


# Changing and deleting.


def test_update_changes_only_its_fields(api: Api) -> None:
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


def test_strict_profile_requires_registered_tracking_domains(strict: Api) -> None:
    body = {"domain": "example.com", "tracking_domain": "click.example.com"}
    assert strict.refuse("POST", "/sending-domains", body) == (
        400,
        "1200",
        "invalid params",
        "Tracking domain 'click.example.com' is not a registered tracking domain",
    )


def test_new_dkim_pair_is_verified_on_update(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "example.com"})
    api.call("PUT", "/sending-domains/example.com", {"dkim": keys()})
    fields = retrieve(api)
    assert (fields["dkim"]["public"], fields["dkim"]["selector"]) == (public_text(PAIR), "own_key")
    assert fields["status"]["dkim_status"] == "valid"


def test_unverifiable_dkim_pair_changes_nothing(api: Api) -> None:
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


def test_deleted_domain_is_not_found(api: Api) -> None:
    create(api)
    response = api.send("DELETE", "/sending-domains/example.com", content=b"[]")
    assert (response.status_code, response.content) == (204, b"")
    assert api.refuse("GET", "/sending-domains/example.com") == not_found("example.com")
    assert api.refuse("DELETE", "/sending-domains/example.com") == not_found("example.com")
    assert api.refuse("PUT", "/sending-domains/example.com", {}) == not_found("example.com")
    create(api)


def test_unverified_domain_is_removed_after_two_weeks(api: Api) -> None:
    for name in ("kept.example.com", "lost.example.com"):
        create(api, name)
    verify(api, "kept.example.com", cname_verify=True)
    api.account.clock.advance(14 * DAY - 1)
    assert names(api) == ["kept.example.com", "lost.example.com"]
    api.account.clock.advance(1)
    assert names(api) == ["kept.example.com"]
    assert api.refuse("GET", "/sending-domains/lost.example.com") == not_found("lost.example.com")
    create(api, "lost.example.com")


# The examples, and whatever else comes.


def test_documented_examples_get_the_documented_responses(api: Api) -> None:
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
        api.replay(f"domains/{operation}")


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
def test_any_body_gets_a_response_in_the_envelope(body: Any, target: tuple[str, str]) -> None:
    api = Api()
    create(api)
    response = api.send(target[0], f"/sending-domains{target[1]}", content=json.dumps(body).encode())
    assert response.status_code in (200, 400, 404, 409, 422)
    assert ("results" in response.json()) == (response.status_code == 200)
    assert ("errors" in response.json()) == (response.status_code != 200)


@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=40) | st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True))
def test_registered_domain_name_can_be_read_back(name: str) -> None:
    api = Api()
    response = api.send("POST", "/sending-domains", {"domain": name, "generate_dkim": False})
    assert response.status_code in (200, 400, 422)
    if response.status_code == 200:
        assert names(api) == [name.lower()]
        assert retrieve(api, name)["status"]["ownership_verified"] is False
