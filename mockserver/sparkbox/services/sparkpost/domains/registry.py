"""The sending domains of an account: who can see and change them, and which of them can send.

https://developers.sparkpost.com/api/sending-domains/
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from sparkbox.core.state.context import Context

from .. import errors
from ..auth import given_subaccount, subaccount
from .dkim import Status
from .models import SANDBOX, SendingDomain

MOST_DOMAINS = 10_000


class StatusFields(TypedDict):
    ownership_verified: bool
    dkim_status: Status
    cname_status: Status
    mx_status: Status
    spf_status: Status
    abuse_at_status: Status
    postmaster_at_status: Status
    verification_mailbox_status: Status
    verification_mailbox: NotRequired[str]
    compliance_status: str


def require(ctx: Context, domain: str, owner: int | None = None) -> None:
    """Raise 7001 unless mail can be sent from ``domain``.

    The easy profile refuses only a registered domain that is blocked. The strict profile requires a verified domain
    that belongs to the sender or is shared by the main account; the sandbox domain always passes. ``owner`` is the
    subaccount that sends, 0 for the main account; ``None`` stands for the one that the request names.
    """
    name = domain.lower()
    if not ctx.strict:
        known = ctx.store[SendingDomain].get(name)
        if known is None or not known.blocked:
            return
        raise errors.INVALID_DOMAIN(description=f"Blocked Sending Domain <{name}>")
    if name == SANDBOX:
        return
    known = get(ctx, name)
    if known is None or not known.verified or not _usable(known, subaccount(ctx) if owner is None else owner):
        raise errors.INVALID_DOMAIN()
    if known.blocked:
        raise errors.INVALID_DOMAIN(description=f"Blocked Sending Domain <{name}>")


def get(ctx: Context, name: str) -> SendingDomain | None:
    """Return a domain by its name in lower case, whoever owns it."""
    domain = ctx.store[SendingDomain].get(name)
    if domain is not None and domain.lapsed(ctx.now):
        ctx.store[SendingDomain].delete(name)
        return None
    return domain


def is_full(ctx: Context) -> bool:
    """Return whether the account has as many domains as it can; those not verified in time are removed first."""
    kept = ctx.store[SendingDomain]
    if len(kept) >= MOST_DOMAINS:
        for domain in kept.values():
            if domain.lapsed(ctx.now):
                kept.delete(domain.id)
    return len(kept) >= MOST_DOMAINS


def visible(ctx: Context) -> list[SendingDomain]:
    """Return the domains that a request can see, oldest first.

    Without ``X-MSYS-SUBACCOUNT`` these are all domains, with it the subaccount's own and the shared ones.
    """
    given = given_subaccount(ctx)
    domains = ctx.store[SendingDomain].values()
    return [domain for domain in domains if not domain.lapsed(ctx.now) and (given is None or _usable(domain, given))]


def find(ctx: Context, name: str) -> SendingDomain:
    """Return the domain that a request reads; raise 1600 if the request cannot see it."""
    domain, given = get(ctx, name.lower()), given_subaccount(ctx)
    if domain is None or (given is not None and not _usable(domain, given)):
        raise errors.RESOURCE_NOT_FOUND(description=f"Domain '{name}' does not exist")
    return domain


def own(ctx: Context, name: str) -> SendingDomain:
    """Return the domain that a request changes; raise 1600 for one that is only shared with its subaccount."""
    domain = find(ctx, name)
    if given_subaccount(ctx) not in (None, domain.subaccount):
        raise errors.RESOURCE_NOT_FOUND(description=f"Domain '{name}' does not exist")
    return domain


def status_fields(domain: SendingDomain) -> StatusFields:
    """Return the status object of a domain."""
    fields: StatusFields = {
        "ownership_verified": domain.verified,
        "dkim_status": domain.dkim_status,
        "cname_status": domain.cname_status,
        "mx_status": domain.mx_status,
        "spf_status": domain.spf_status,
        "abuse_at_status": domain.abuse_at_status,
        "postmaster_at_status": domain.postmaster_at_status,
        "verification_mailbox_status": domain.verification_mailbox_status,
        "compliance_status": "blocked" if domain.blocked else "valid",
    }
    if domain.mailbox:
        fields["verification_mailbox"] = domain.mailbox
    return fields


def _usable(domain: SendingDomain, owner: int) -> bool:
    # Only the main account's domains are ever shared.
    return domain.subaccount == owner or domain.shared
