"""Verification of sending domains: by DNS records, or by a token that is mailed to one of their mailboxes.

https://developers.sparkpost.com/api/sending-domains/#sending-domains-post-verify-a-sending-domain. There is no DNS
here: a record is found unless the domain begins with ``unverified.``. The mail with the token is captured like any
other; its metadata has ``domain``, ``field`` (the field to post the token in) and ``token``.

assumed: the mail, the texts on MX records, and the errors in ``dns`` (documented for further DKIM keys only).
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import NotRequired

from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace
from sparkbox.mail.addresses import is_address
from sparkbox.mail.message import MailMessage

from .. import errors
from ..fields import Flag, Text64, Text255
from .dkim import DkimKey, Status
from .errors import DMARC_POLICY, RESERVED_MAILBOX
from .models import SendingDomain
from .names import first_label

CNAME = "sparkpostmail.com"
SPF = "v=spf1 include:sparkpostmail.com ~all"
MX = "smtp.sparkpostmail.com"
SENDER = "noreply@sparkpost.com"

NOT_FOUND = "DNS record not found. Please add the {type} record and try again."


class Verification(Body):
    dkim_verify: Flag | None = None
    cname_verify: Flag | None = None
    mx_verify: Flag | None = None
    spf_verify: Flag | None = None
    abuse_at_verify: Flag | None = None
    postmaster_at_verify: Flag | None = None
    verification_mailbox_verify: Flag | None = None
    verification_mailbox: Text64 | None = None
    abuse_at_token: Text255 | None = None
    postmaster_at_token: Text255 | None = None
    verification_mailbox_token: Text255 | None = None


class DnsFields(TypedDict):
    dkim_record: NotRequired[str]
    dkim_error: NotRequired[str]
    cname_record: NotRequired[str]
    cname_error: NotRequired[str]
    mx_record: NotRequired[str]
    mx_error: NotRequired[str]
    spf_record: NotRequired[str]
    spf_error: NotRequired[str]


DNS = ("dkim", "cname", "mx", "spf")
MAILBOXES = ("abuse_at", "postmaster_at", "verification_mailbox")


def verify(ctx: Context, domain: SendingDomain, requested: Verification) -> tuple[SendingDomain, DnsFields]:
    """Verify a domain as requested; return it and the results of its DNS.

    A wrong token changes nothing and is no error. Mails are sent last, when no error can follow.
    """
    tokens = [kind for kind in MAILBOXES if getattr(requested, f"{kind}_token")]
    records = [kind for kind in DNS if getattr(requested, f"{kind}_verify")]
    mailboxes = [kind for kind in MAILBOXES if getattr(requested, f"{kind}_verify")]
    if not tokens and not records and not mailboxes:
        raise errors.MISSING(description="Error no fields specified for verification")
    if mailboxes and first_label(domain.id) == "dmarc":
        raise DMARC_POLICY()
    nominated = _nominated(domain, requested)
    for kind in tokens:
        if getattr(requested, f"{kind}_token") == getattr(domain, f"{kind}_token"):
            domain = replace(domain, **{f"{kind}_status": "valid"})
    dns: DnsFields = {}
    for kind in records:
        domain, found = _check_record(domain, kind)
        dns |= found
    if nominated and nominated != domain.mailbox:
        domain = replace(domain, mailbox=nominated, verification_mailbox_status="unverified")
    for kind in mailboxes:
        domain = _send_token(ctx, domain, kind)
    return domain, dns


def dkim_found(domain: str, key: DkimKey) -> bool:
    """Return whether the DNS has the record of a key."""
    return "unverified" not in (first_label(domain), first_label(key.signing_domain))


def _check_record(domain: SendingDomain, kind: str) -> tuple[SendingDomain, DnsFields]:
    if kind == "dkim":
        return _check_dkim(domain)
    found = first_label(domain.id) != "unverified"
    status: Status = "valid" if found else "invalid"
    changed = replace(domain, **{f"{kind}_status": status})
    if not found:
        type = "TXT" if kind == "spf" else kind.upper()
        return changed, {f"{kind}_error": NOT_FOUND.format(type=type)}  # type: ignore[misc]
    return changed, {f"{kind}_record": {"cname": CNAME, "mx": MX, "spf": SPF}[kind]}  # type: ignore[misc]


def _check_dkim(domain: SendingDomain) -> tuple[SendingDomain, DnsFields]:
    if domain.dkim is None:
        return domain, {"dkim_error": f"Domain '{domain.id}' has no DKIM key."}
    if dkim_found(domain.id, domain.dkim):
        key = replace(domain.dkim, status="valid")
        return replace(domain, dkim=key), {"dkim_record": key.record_value}
    key = replace(domain.dkim, status="invalid")
    return replace(domain, dkim=key), {"dkim_error": NOT_FOUND.format(type="TXT")}


def _nominated(domain: SendingDomain, requested: Verification) -> str:
    if not requested.verification_mailbox_verify:
        return ""
    mailbox = requested.verification_mailbox
    if not mailbox:
        raise errors.MISSING(description="verification_mailbox field required to verify mailbox")
    if mailbox.lower() in ("postmaster", "abuse"):
        raise RESERVED_MAILBOX()
    if not is_address(f"{mailbox}@{domain.id}"):
        raise errors.INVALID(description="verification_mailbox field must be the local part of an email address")
    return mailbox


def _send_token(ctx: Context, domain: SendingDomain, kind: str) -> SendingDomain:
    token = ctx.ids.text(32, string.ascii_lowercase)
    mailbox = domain.mailbox if kind == "verification_mailbox" else kind.removesuffix("_at")
    field = f"{kind}_token"
    ctx.capture(
        MailMessage(
            sender=SENDER,
            sender_name="SparkPost",
            to=f"{mailbox}@{domain.id}",
            subject=f"Verify your sending domain {domain.id}",
            text="\n".join(_letter(domain.id, field, token)),
            metadata=dumps({"domain": domain.id, "field": field, "token": token}),
        )
    )
    return replace(domain, **{field: token})


def _letter(domain: str, field: str, token: str) -> Iterator[str]:
    # assumed: the vendor's mail has a link into its own user interface, which posts the token.
    yield f"Somebody has asked to send mail from {domain}."
    yield f"To allow it, post this token as {field} to /api/v1/sending-domains/{domain}/verify:"
    yield ""
    yield token
