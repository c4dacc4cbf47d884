"""The errors of sending domains and their DKIM keys.

What the page leaves out is from https://github.com/SparkPost/support-docs/pull/293.
"""

from __future__ import annotations

from ..errors import row

RESTRICTED_DOMAIN = row(
    "restricted_domain",
    400,
    "7000",
    "Restricted domain",
    "Registering a domain of the vendor or of a free mail service, or one that begins with `restricted.`.",
    description="Please contact SparkPost support to get this domain authorized for your account.",
)
DOMAIN_TAKEN = row(
    "domain_taken",
    400,
    "7004",
    "Domain in use by another account",
    "Registering a domain that begins with `taken.`.",
    description="Please contact SparkPost support to check about this org-domain availability.",
)
TOO_MANY_DOMAINS = row(
    "too_many_domains",
    400,
    "7002",
    "Exceeded maximum allowed domains",
    "More than 10,000 sending domains.",
    description="You have exceeded the maximum allowed sending domains. Please contact support",
)
DOMAIN_EXISTS = row(
    "domain_exists",
    409,
    "1602",
    "resource conflict",
    "Registering a sending domain twice.",
    description="Sending Domain <{domain}> already registered",
)
DMARC_POLICY = row(
    "dmarc_policy",
    400,
    "7003",
    "Domain not allowed",
    "Requesting a verification mail for a domain that begins with `dmarc.`.",
    description="Verification by address is not available for Sending Domains with a DMARC policy",
)
RESERVED_MAILBOX = row(
    "reserved_mailbox",
    422,
    "1300",
    "required field is missing",
    "A `verification_mailbox` that has a field of its own.",
    description="verification_mailbox field cannot be 'postmaster' or 'abuse'",
)
REMOTE_FAILED = row(
    "remote_failed",
    400,
    "1404",
    "request to remote endpoint failed",
    "New DKIM keys for a domain that begins with `unverified.`: their DNS record is not found.",
)
DKIM_KEY_REFUSED = row(
    "dkim_key_refused",
    400,
    "1300",
    "invalid params",
    "A DKIM key whose id is taken or malformed, an incomplete key pair, or a change to the default key.",
)
