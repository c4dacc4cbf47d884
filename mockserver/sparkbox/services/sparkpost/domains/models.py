"""The records of sending domains.

A domain belongs to the main account or to one subaccount; its name is taken for all of them. There is no DNS here,
so the first label of a name decides how the domain behaves (all assumed):

=============== =======================================================================================
``unverified.``  its DNS records are never found
``blocked.``     it can be registered, but compliance blocks it: nothing can be sent from it
``dmarc.``       it has a DMARC policy, so that no mailbox can verify it
``restricted.``  it cannot be registered, like the vendor's own domains and those of free mail services
``taken.``       it cannot be registered: another account has it
=============== =======================================================================================
"""

from __future__ import annotations

from sparkbox.core.state.store import Record

from .dkim import DkimKey, Status
from .names import first_label

SANDBOX = "sparkpostbox.com"
"""The vendor's sandbox domain: every account can use it without registration."""

GRACE = 14 * 86_400.0
"""A domain that is not verified within two weeks is removed."""


class SendingDomain(Record, frozen=True, gc=False):
    """A registered domain. ``mailbox`` is the local part of the address that the client chose for verification."""

    id: str
    subaccount: int
    created: float
    shared: bool = False
    default_bounce: bool = False
    tracking_domain: str = ""
    dkim: DkimKey | None = None
    keys: tuple[DkimKey, ...] = ()
    """Its DKIM keys beside the default one."""
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
        """Return whether any of its verifications succeeded."""
        return "valid" in (
            self.dkim_status, self.cname_status, self.mx_status, self.spf_status,
            self.abuse_at_status, self.postmaster_at_status, self.verification_mailbox_status,
        )  # fmt: skip

    @property
    def bounces(self) -> bool:
        """Return whether it can be a bounce domain."""
        return "valid" in (self.cname_status, self.mx_status)

    @property
    def blocked(self) -> bool:
        return first_label(self.id) == "blocked"

    def lapsed(self, now: float) -> bool:
        """Return whether it has been removed because it was not verified in time."""
        return now >= self.created + GRACE and not self.verified
