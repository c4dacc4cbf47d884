"""The sending domains of an account: what is known of each, who may see it, and whether it may be sent from.

A domain belongs to the main account or to one subaccount, and its name is taken for all of them. There is no DNS here,
so the first label of a name says what the real world would (assumed, all of it):

=============== =======================================================================================
``unverified.``  its DNS records are never found
``blocked.``     it is registered, but compliance blocks it: nothing may be sent from it
``dmarc.``       it has a DMARC policy, so that no mailbox can verify it
``restricted.``  it cannot be registered, like the vendor's own domains and those of the free mail services
``taken.``       it cannot be registered, another account has it
=============== =======================================================================================
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from .. import errors
from ..auth import given_subaccount, subaccount
from .dkim import DkimKey, Status
from .names import first_label

SANDBOX = "sparkpostbox.com"
"""The sandbox domain: it is everybody's, and needs no registration."""

MOST_DOMAINS = 10_000
GRACE = 14 * 86_400.0
"""A domain that is not verified within two weeks is removed."""


class SendingDomain(Record, frozen=True, gc=False):
    """A registered domain. ``mailbox`` is the local part that was nominated for verification."""

    id: str
    subaccount: int
    created: float
    shared: bool = False
    default_bounce: bool = False
    tracking_domain: str = ""
    dkim: DkimKey | None = None
    keys: tuple[DkimKey, ...] = ()
    """Its further DKIM keys."""
    cname_status: Status = "unverified"
    mx_status: Status = "unverified"
    spf_status: Status = "unverified"
    abuse_at_status: Status = "unverified"
    postmaster_at_status: Status = "unverified"
    verification_mailbox_status: Status = "unverified"
    mailbox: str = ""
    abuse_at_token: str = ""
    postmaster_at_token: str = ""
    verification_mailbox_token: str = ""

    @property
    def dkim_status(self) -> Status:
        return "unverified" if self.dkim is None else self.dkim.status

    @property
    def verified(self) -> bool:
        """Whether any of its verifications succeeded."""
        return "valid" in (
            self.dkim_status, self.cname_status, self.mx_status, self.spf_status,
            self.abuse_at_status, self.postmaster_at_status, self.verification_mailbox_status,
        )  # fmt: skip

    @property
    def bounces(self) -> bool:
        """Whether it may be used as a bounce domain."""
        return "valid" in (self.cname_status, self.mx_status)

    @property
    def blocked(self) -> bool:
        return first_label(self.id) == "blocked"

    def lapsed(self, now: float) -> bool:
        """Whether it was removed, for want of verification."""
        return now >= self.created + GRACE and not self.verified


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
    """Refuses what may not be sent from ``domain``, with 7001.

    The easy profile lets everything pass but a registered domain that is blocked. The strict profile asks for a
    verified domain, of the sender's own or shared by the main account; the sandbox domain always passes. ``owner`` is
    the subaccount that sends, 0 for the main account; ``None``: the one that the request names.
    """
    name = domain.lower()
    if not ctx.strict:
        known = ctx.store[SendingDomain].get(name)
        if known is None or not known.blocked:
            return
        raise errors.INVALID_DOMAIN(description=f"Blocked Sending Domain <{name}>")
    if name == SANDBOX:
        return
    known = lookup(ctx, name)
    if known is None or not known.verified or not _usable(known, subaccount(ctx) if owner is None else owner):
        raise errors.INVALID_DOMAIN()
    if known.blocked:
        raise errors.INVALID_DOMAIN(description=f"Blocked Sending Domain <{name}>")


def lookup(ctx: Context, name: str) -> SendingDomain | None:
    """A domain by its name in lower case, whosever it is."""
    domain = ctx.store[SendingDomain].get(name)
    if domain is not None and domain.lapsed(ctx.now):
        ctx.store[SendingDomain].delete(name)
        return None
    return domain


def full(ctx: Context) -> bool:
    """Whether the account takes no more domains; those that were not verified in time make room."""
    kept = ctx.store[SendingDomain]
    if len(kept) >= MOST_DOMAINS:
        for domain in kept.values():
            if domain.lapsed(ctx.now):
                kept.delete(domain.id)
    return len(kept) >= MOST_DOMAINS


def visible(ctx: Context) -> list[SendingDomain]:
    """The domains that a request may see, the oldest first.

    Without ``X-MSYS-SUBACCOUNT`` those are all, with it the subaccount's own and those that are shared.
    """
    given = given_subaccount(ctx)
    domains = ctx.store[SendingDomain].values()
    return [domain for domain in domains if not domain.lapsed(ctx.now) and (given is None or _usable(domain, given))]


def find(ctx: Context, name: str) -> SendingDomain:
    """The domain that a request reads; 1600 if it may not see it."""
    domain, given = lookup(ctx, name.lower()), given_subaccount(ctx)
    if domain is None or (given is not None and not _usable(domain, given)):
        raise errors.RESOURCE_NOT_FOUND(description=f"Domain '{name}' does not exist")
    return domain


def own(ctx: Context, name: str) -> SendingDomain:
    """The domain that a request changes; 1600 for a domain that is only shared with its subaccount."""
    domain = find(ctx, name)
    if given_subaccount(ctx) not in (None, domain.subaccount):
        raise errors.RESOURCE_NOT_FOUND(description=f"Domain '{name}' does not exist")
    return domain


def status_fields(domain: SendingDomain) -> StatusFields:
    """The status object."""
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
