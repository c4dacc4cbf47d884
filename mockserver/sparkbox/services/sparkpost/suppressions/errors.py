"""The errors of the suppression list; they have no codes."""

from __future__ import annotations

from ..errors import assumed, observed, row

RECIPIENT_NOT_FOUND = observed(
    "recipient_not_found", 404, None, "Recipient could not be found", "An address that is not in the suppression list."
)
SUPPRESSION_TYPE_MISSING = row(
    "suppression_type_missing", 400, None, "Must supply a suppression type", "A suppression without a type."
)
SUPPRESSION_TYPE_UNKNOWN = row(
    "suppression_type_unknown",
    400,
    None,
    "Type must be one of: 'transactional', 'non_transactional'",
    "A suppression of an unknown type.",
)
SUPPRESSIONS_MALFORMED = row(
    "suppressions_malformed",
    400,
    None,
    "PUT body contains {count} invalid or malformed recipient(s): {recipients}",
    "Some suppressions have no address or no type; none is kept.",
)
NO_RECIPIENT_ARRAY = observed(
    "no_recipient_array",
    400,
    None,
    "PUT body must contain an array of recipients",
    "A bulk update without `recipients`.",
)
TOO_MANY_SUPPRESSIONS = assumed(
    "too_many_suppressions",
    400,
    None,
    "recipients must contain at most 10000 entries",
    "A bulk update of more than 10,000 suppressions.",
)
SUPPRESSION_INVALID = assumed(
    "suppression_invalid", 400, None, "{problem}", "An invalid address, description or mailing list id."
)
COMPLIANCE_KEPT = row(
    "compliance_kept",
    403,
    None,
    "Recipient could not be removed - Compliance",
    "Removing an entry of the compliance team; see the simulation `suppression`.",
)
COMPLIANCE_UNCHANGED = assumed(
    "compliance_unchanged",
    403,
    None,
    "Recipient could not be updated - Compliance",
    "Changing an entry of the compliance team; see the simulation `suppression`.",
)
