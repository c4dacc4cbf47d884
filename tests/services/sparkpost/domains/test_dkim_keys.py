"""The further DKIM keys of a sending domain."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.errors import ApiError
from sparkbox.services.sparkpost.domains import dkim, dkim_keys
from tests.services.sparkpost.api import Api

PATH = "/sending-domains/example.com/dkim-keys"
PAIR = rsa.generate_private_key(65537, 1024)
INCOMPLETE = "When providing custom keys, private, public, and selector must all be specified"


@pytest.fixture
def api() -> Api:
    api = Api()
    api.call("POST", "/sending-domains", {"domain": "example.com", "dkim_key_length": 1024})
    return api


def create(api: Api, id: str = "marketing", **more: Any) -> Any:
    return api.call("POST", PATH, {"id": id, "dkim_key_length": 1024, **more})


def listed(api: Api) -> list[str]:
    return [key["id"] for key in api.call("GET", PATH)]


def bad(description: str) -> tuple[int, str, str, str]:
    return 400, "1300", "invalid params", description


def not_found(description: str) -> tuple[int, str, str, str]:
    return 404, "1600", "resource not found", description


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def own_keys(pair: rsa.RSAPrivateKey = PAIR) -> dict[str, Any]:
    private = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"private": encoded(private), "public": encoded(public), "selector": "mkt2026"}


def test_generated_dkim_key_shows_its_dns_record(api: Api) -> None:
    key = api.call("POST", PATH, {"id": "marketing", "signing_domain": "mkt.example.com", "headers": "from:to"})
    public, selector = key.pop("public"), key.pop("selector")
    assert re.fullmatch(r"[a-z]{6}0326", selector)
    loaded = load_der_public_key(base64.b64decode(public, validate=True))
    assert isinstance(loaded, rsa.RSAPublicKey)
    assert loaded.key_size == 2048
    assert key == {
        "id": "marketing",
        "signing_domain": "mkt.example.com",
        "headers": "from:to",
        "dkim_status": "unverified",
        "is_default": False,
        "dkim_key_length": 2048,
        "created_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T12:00:00Z",
        "dns": {
            "dkim_record": f"{selector}._domainkey.mkt.example.com",
            "dkim_value": f"v=DKIM1; k=rsa; h=sha256; p={public}",
        },
    }


def test_own_dkim_pair_is_accepted_for_a_further_key(api: Api) -> None:
    key = api.call("POST", PATH, {"id": "marketing", **own_keys()})
    assert key["public"] == own_keys()["public"]
    assert key["dkim_key_length"] == 1024
    assert key["signing_domain"] == "example.com"
    assert key["headers"] == "from:to:subject:date"
    assert key["dns"]["dkim_record"] == "mkt2026._domainkey.example.com"


def test_dkim_keys_are_listed_after_the_default_one(api: Api) -> None:
    key = create(api)
    del key["dns"]
    response = api.send("GET", PATH).json()
    default = response["results"][0]
    assert response == {"results": [default, key], "total_count": 2}
    domain = api.call("GET", "/sending-domains/example.com")
    assert default == {
        **domain["dkim"],
        "id": "default",
        "dkim_status": "unverified",
        "is_default": True,
        "dkim_key_length": 1024,
    }


def test_domain_without_default_dkim_key_lists_none(api: Api) -> None:
    api.call("POST", "/sending-domains", {"domain": "bare.example.com", "generate_dkim": False})
    response = api.send("GET", "/sending-domains/bare.example.com/dkim-keys").json()
    assert response == {"results": [], "total_count": 0}
    api_error = api.refuse("GET", "/sending-domains/bare.example.com/dkim-keys/default")
    assert api_error == not_found("DKIM key 'default' does not exist")


def test_dkim_key_is_shown_as_created(api: Api) -> None:
    key = create(api)
    assert api.call("GET", f"{PATH}/marketing") == key


def test_default_dkim_key_is_shown_with_its_record(api: Api) -> None:
    key = api.call("GET", f"{PATH}/default")
    assert key["is_default"] is True
    assert key["dns"]["dkim_record"] == "scph0326._domainkey.example.com"
    assert "created_at" not in key


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": ""}])
def test_a_key_needs_an_id(api: Api, body: dict[str, Any]) -> None:
    assert api.refuse("POST", PATH, body) == (422, "1400", "required field is missing", "id is required")


def test_dkim_key_id_is_unique(api: Api) -> None:
    create(api)
    assert api.refuse("POST", PATH, {"id": "marketing"}) == bad("Key ID 'marketing' already exists")
    create(api, "Marketing")


def test_dkim_key_id_default_is_reserved(api: Api) -> None:
    assert api.refuse("POST", PATH, {"id": "default"}) == bad("Key ID 'default' is reserved")


@pytest.mark.parametrize("id", ["-a", "_a", "a b", "a/b", "é", "a" * 65, "a\n"])
def test_dkim_key_id_has_letters_digits_hyphens_and_underscores(api: Api, id: str) -> None:
    assert api.refuse("POST", PATH, {"id": id})[:3] == bad("")[:3]
    assert listed(api) == ["default"]


@pytest.mark.parametrize("id", ["a", "0-_", "a" * 64])
def test_dkim_key_id_can_have_64_characters(api: Api, id: str) -> None:
    create(api, id)
    assert api.call("GET", f"{PATH}/{id}")["id"] == id


def test_domain_has_at_most_256_further_dkim_keys(api: Api) -> None:
    for number in range(dkim_keys.MOST_KEYS):
        create(api, f"key{number}")
    assert api.refuse("POST", PATH, {"id": "more"}) == bad("Domain 'example.com' already has 256 DKIM keys")
    assert len(listed(api)) == 257


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("left_out", ["private", "public", "selector"])
def test_own_dkim_pair_must_be_complete(api: Api, method: str, left_out: str) -> None:
    create(api, "there")
    body = own_keys()
    del body[left_out]
    path, id = (PATH, {"id": "new"}) if method == "POST" else (f"{PATH}/there", {})
    assert api.refuse(method, path, {**id, **body}) == bad(INCOMPLETE)


@pytest.mark.parametrize("bits", [1023, 4097])
def test_dkim_key_length_out_of_range_is_refused(api: Api, bits: int) -> None:
    api_error = api.refuse("POST", PATH, {"id": "marketing", "dkim_key_length": bits})
    assert api_error[3] == "dkim_key_length must be between 1024 and 4096"


def test_changed_headers_leave_a_dkim_key_verified(api: Api) -> None:
    create(api)
    api.call("POST", f"{PATH}/marketing/verify", {})
    api.account.clock.advance(60)
    response = api.call("PUT", f"{PATH}/marketing", {"headers": "from:reply-to"})
    assert response.pop("message") == "Successfully updated DKIM key."
    assert (response["headers"], response["dkim_status"]) == ("from:reply-to", "valid")
    assert (response["created_at"], response["updated_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z")
    assert api.call("GET", f"{PATH}/marketing") == response


def test_new_signing_domain_has_to_be_verified_again(api: Api) -> None:
    create(api)
    api.call("POST", f"{PATH}/marketing/verify", {})
    assert api.call("PUT", f"{PATH}/marketing", {"signing_domain": "example.com"})["dkim_status"] == "valid"
    response = api.call("PUT", f"{PATH}/marketing", {"signing_domain": "mkt.example.com"})
    assert (response["signing_domain"], response["dkim_status"]) == ("mkt.example.com", "unverified")


def test_new_dkim_pair_has_to_be_verified_again(api: Api) -> None:
    create(api, dkim_key_length=2048)
    api.call("POST", f"{PATH}/marketing/verify", {})
    response = api.call("PUT", f"{PATH}/marketing", own_keys())
    assert (response["selector"], response["dkim_key_length"], response["dkim_status"]) == (
        "mkt2026",
        1024,
        "unverified",
    )


def test_dkim_key_id_cannot_be_changed(api: Api) -> None:
    create(api)
    assert api.refuse("PUT", f"{PATH}/marketing", {"id": "other"}) == bad("Field 'id' is immutable")


def test_default_dkim_key_cannot_be_changed_here(api: Api) -> None:
    assert api.refuse("PUT", f"{PATH}/default", {"headers": "from"}) == bad(
        "Cannot update default key via this endpoint. Use /sending-domains/{domain} instead."
    )
    assert api.refuse("DELETE", f"{PATH}/default") == bad("Cannot delete default key")
    assert api.refuse("POST", f"{PATH}/default/verify", {}) == bad(
        "Cannot verify default key via this endpoint. Use /sending-domains/{domain}/verify with dkim_verify: true "
        "instead."
    )


def test_deleted_dkim_key_is_not_found(api: Api) -> None:
    create(api)
    assert api.send("DELETE", f"{PATH}/marketing").status_code == 204
    assert listed(api) == ["default"]
    gone = not_found("DKIM key 'marketing' does not exist")
    for method, end in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/verify")]:
        assert api.refuse(method, f"{PATH}/marketing{end}", {}) == gone


def test_dkim_keys_are_deleted_with_their_domain(api: Api) -> None:
    create(api)
    api.send("DELETE", "/sending-domains/example.com")
    api.call("POST", "/sending-domains", {"domain": "example.com"})
    assert listed(api) == ["default"]


@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("POST", ""), ("GET", "/a"), ("PUT", "/a"), ("DELETE", "/a"), ("POST", "/a/verify")],
)
def test_an_unknown_domain_has_no_keys(api: Api, method: str, end: str) -> None:
    api_error = api.refuse(method, f"/sending-domains/wrong.domain/dkim-keys{end}", {"id": "a"})
    assert api_error == not_found("Domain 'wrong.domain' does not exist")


def test_subaccount_can_only_read_dkim_keys_of_a_shared_domain(api: Api) -> None:
    create(api)
    api.call("PUT", "/sending-domains/example.com", {"shared_with_subaccounts": True})
    assert api.call("GET", f"{PATH}/marketing", subaccount=7)["id"] == "marketing"
    api_error = api.refuse("DELETE", f"{PATH}/marketing", subaccount=7)
    assert api_error == not_found("Domain 'example.com' does not exist")


def test_dkim_key_is_verified_by_dns(api: Api) -> None:
    key = create(api)
    assert api.call("POST", f"{PATH}/marketing/verify", {}) == {
        "id": "marketing",
        "dkim_status": "valid",
        "dns": key["dns"],
    }
    assert api.call("GET", f"{PATH}/marketing")["dkim_status"] == "valid"


def test_a_key_does_not_verify_the_ownership_of_its_domain(api: Api) -> None:
    create(api)
    api.call("POST", f"{PATH}/marketing/verify", {})
    assert api.call("GET", "/sending-domains/example.com")["status"]["ownership_verified"] is False


def test_signing_domain_beginning_with_unverified_has_no_record(api: Api) -> None:
    key = create(api, signing_domain="unverified.example.com")
    assert api.call("POST", f"{PATH}/marketing/verify", {}) == {
        "id": "marketing",
        "dkim_status": "invalid",
        "dns": {**key["dns"], "dkim_error": "DNS record not found. Please add the TXT record and try again."},
    }


# What may be signed with.


def refused(api: Api, domain: str, key_id: str) -> str | None:
    """Return the message of the error when signing; ``None`` without an error."""
    try:
        dkim_keys.require(api.ctx, domain, key_id)
    except ApiError as caught:
        api_error = caught
    else:
        return None
    assert (api_error.error.status, api_error.error.code, api_error.description) == (400, "1100", None)
    return api_error.message


def test_the_easy_profile_signs_with_any_key_that_the_domain_has(api: Api) -> None:
    create(api)
    assert refused(api, "example.com", "marketing") is None
    assert refused(api, "unknown.example.com", "marketing") is None
    assert refused(api, "example.com", "none") == "Invalid DKIM key ID 'none' for sending domain 'example.com'"


def test_the_strict_profile_signs_with_verified_keys(api: Api) -> None:
    api.account.profile = "strict"
    create(api)
    unverified = "DKIM key 'marketing' is not verified for sending domain 'example.com'"
    assert refused(api, "example.com", "marketing") == unverified
    api.call("POST", f"{PATH}/marketing/verify", {})
    assert refused(api, "example.com", "marketing") is None
    unknown = "Invalid DKIM key ID 'marketing' for sending domain 'unknown.example.com'"
    assert refused(api, "unknown.example.com", "marketing") == unknown


def test_mail_with_unknown_dkim_key_is_refused(api: Api) -> None:
    api.account.profile = "strict"
    create(api)
    api.call("POST", "/sending-domains/example.com/verify", {"cname_verify": True, "dkim_verify": True})
    for key_id, words in (
        ("none", "Invalid DKIM key ID 'none'"),
        ("marketing", "DKIM key 'marketing' is not verified"),
    ):
        body = {
            "recipients": [{"address": "ada@mail.example"}],
            "content": {"from": "shop@example.com", "subject": "Hello", "text": "Hello"},
            "options": {"dkim_key": key_id},
        }
        response = api.send("POST", "/transmissions", body)
        message = f"{words} for sending domain 'example.com'"
        assert (response.status_code, response.json()["errors"]) == (400, [{"message": message, "code": "1100"}])


# Reading keys.


def test_an_elliptic_or_locked_key_is_no_rsa_key() -> None:
    public = own_keys()["public"]
    elliptic = ec.generate_private_key(ec.SECP256R1())
    for data in (
        elliptic.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        PAIR.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
    ):
        with pytest.raises(ApiError) as caught:
            dkim.check_pair(encoded(data), public)
        assert caught.value.description == "Unable to read private key."
    theirs = encoded(elliptic.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ApiError) as caught:
        dkim.check_pair(own_keys()["private"], theirs)
    assert caught.value.description == "Public key does not seem valid. Please use another key pair."


@pytest.mark.parametrize("bits", [768, 1023, 4097])
def test_a_key_that_is_too_short_or_too_long_is_refused(bits: int) -> None:
    numbers = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 12345)
    public = numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ApiError) as caught:
        dkim.check_pair(own_keys()["private"], encoded(public))
    assert caught.value.description == "Public key does not seem valid. Please use another key pair."


@settings(max_examples=200, deadline=None)
@given(private=st.binary(max_size=400).map(encoded) | st.text(max_size=60), public=st.binary(max_size=200).map(encoded))
def test_arbitrary_texts_are_no_dkim_pair(private: str, public: str) -> None:
    for pair in ((private, public), (private, own_keys()["public"]), (own_keys()["private"], public)):
        with pytest.raises(ApiError):
            dkim.check_pair(*pair)


text = st.text(st.characters(), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["id", "signing_domain", "headers", "private", "public", "selector", "dkim_key_length"]
bodies = json_values | st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5)


@settings(max_examples=60, deadline=None)
@given(body=bodies, target=st.sampled_from([("POST", ""), ("PUT", "/marketing"), ("POST", "/marketing/verify")]))
def test_any_body_gets_a_response_in_the_envelope(body: Any, target: tuple[str, str]) -> None:
    api = Api()
    api.call("POST", "/sending-domains", {"domain": "example.com", "generate_dkim": False})
    create(api)
    response = api.send(target[0], f"{PATH}{target[1]}", content=json.dumps(body).encode())
    assert response.status_code in (200, 400, 422)
    assert ("results" in response.json()) == (response.status_code == 200)
    assert ("errors" in response.json()) == (response.status_code != 200)
