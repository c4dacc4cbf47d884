"""The domains that mail can be sent from."""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError
from sparkbox.services.sparkpost.domains.registry import require
from tests.services.sparkpost.api import Api
from tests.services.sparkpost.domains.calls import create, names, verify

# What may be sent from.


def refused(api: Api, domain: str, owner: int | None = None) -> str | None:
    """Return the description of the error when sending; ``None`` without an error."""
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


def test_sandbox_domain_needs_no_registration(strict: Api) -> None:
    assert refused(strict, "sparkpostbox.com") is None
    assert refused(strict, "sparkpostbox.com", owner=7) is None


def test_strict_profile_requires_the_senders_own_domain(strict: Api) -> None:
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
