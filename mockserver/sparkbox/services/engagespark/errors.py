"""engageSPARK's errors: ``{"error", "errorCode", "context"}``; 401, 402 and 404 have the text alone.

https://openapi.engagespark.com/ documents which errors there are and their statuses. Of the codes it publishes only
``contact.notfound``, ``sms.clientdedup`` and ``login.locked``; the others, and most texts, are our own.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import Error, ErrorTable

ERRORS = ErrorTable("engagespark", docs="https://openapi.engagespark.com/")


def _row(name: str, status: int, code: str | None, message: str, cause: str, **more: Any) -> Error:
    """Declare an error; ``cause`` says how a request brings it about."""
    return ERRORS.row(name, status, message, code=code, cause=cause, **more)


def _observed(name: str, status: int, code: str | None, message: str, cause: str) -> Error:
    return _row(name, status, code, message, cause, evidence="observed")


def _assumed(name: str, status: int, code: str | None, message: str, cause: str, **more: Any) -> Error:
    return _row(name, status, code, message, cause, evidence="assumed", **more)


_WRONG_TOKEN = "No token, one without the word `Token`, or one that does not begin with `mock-`."
_SUSPENDED = "Sending from an account that is `suspended` under `/_mock/accounts`."
_UNKNOWN = "An unknown path or id, or an organization other than 1, the token's."
_SEVERAL = "more than one recipient: set exactly one of {forms}"
_UNREADABLE_NUMBER = "A phone number that cannot be one: too short, too long, no dialing code."
_UNSUITABLE = "An upload of one file that is empty, without a name, or not what `filter` or `video` needs."
_NO_CREDENTIALS = "Authentication credentials were not provided."

# Any operation.
UNAUTHORIZED = _row("unauthorized", 401, None, "Invalid Token", _WRONG_TOKEN)
SUSPENDED = _assumed("suspended", 403, "organization.suspended", "organization is suspended", _SUSPENDED)
NOT_FOUND = _row("not_found", 404, None, "Not found", _UNKNOWN)
METHOD_NOT_ALLOWED = _assumed("method_not_allowed", 405, None, "Method not allowed", "A method that the path lacks.")
TOO_LARGE = _assumed("too_large", 413, None, "Request too large", "A body of more than 20 MiB.")
MALFORMED = _assumed("malformed", 400, "request.malformed", "invalid JSON", "A body that is not JSON.")
INVALID = _assumed("invalid", 400, "request.invalid", "{problem}", "A field or parameter of a wrong type or range.")
MISSING = _assumed("missing", 400, "request.missing", "missing field '{name}'", "A field left out.")
THROTTLED = _assumed("throttled", 429, None, "Too many requests", "A fault; no limit is documented.")
CRASHED = _row("crashed", 500, None, "internal server error", "A fault, or a bug of the sandbox.")
UNAVAILABLE = _assumed("unavailable", 503, None, "service unavailable", "A fault.")

# Recipients.
NO_RECIPIENT = _assumed("no_recipient", 400, "recipient.missing", "no recipient: set one of {forms}", "No recipient.")
SEVERAL_RECIPIENTS = _assumed("several_recipients", 400, "recipient.ambiguous", _SEVERAL, "More than one recipient.")
INVALID_NUMBER = _observed(
    "invalid_number", 400, "phonenumber.invalid", "invalid 'to' number (not a valid number)", _UNREADABLE_NUMBER
)
CONTACT_NOT_FOUND = _row("contact_not_found", 404, "contact.notfound", "Not found", "An unknown contact in the path.")
UNKNOWN_CONTACT = _assumed("unknown_contact", 400, "contact.notfound", "contact not found", "An unknown `contactId`.")

# Money.
INSUFFICIENT_FUNDS = _row(
    "insufficient_funds",
    402,
    None,
    "insufficient funds",
    "A balance that is too low; the simulation `balance` sets one.",
)

# Messages.
TOO_LONG = _row(
    "too_long",
    400,
    "sms.toolong",
    "message too long: {parts} parts, at most {most} are allowed",
    "A text of more than 7 parts.",
)
DUPLICATE = _row("duplicate", 409, "sms.clientdedup", "duplicate clientDedup", "A `clientDedup` that was used before.")
INVALID_PUSH_URL = _assumed(
    "invalid_push_url",
    400,
    "sms.pushurl",
    "invalid '{name}': {reason}",
    "A `clientPushURL` or `resultsUrl` that cannot be posted to.",
)
UNKNOWN_SENDER = _row(
    "unknown_sender",
    400,
    "whatsapp.sender",
    "'from' is not a registered WhatsApp number",
    "A `from` that is no phone number, or in the strict profile not the organization's.",
)
WHATSAPP_TOO_LONG = _assumed(
    "whatsapp_too_long",
    400,
    "whatsapp.toolong",
    "message too long: {length} characters, at most {most} are allowed",
    "A WhatsApp text of more than 1,600 characters, placeholders filled in.",
    docs="https://www.engagespark.com/support/whatsapp-business-limits/",
)
UNKNOWN_FILE = _assumed("unknown_file", 400, "whatsapp.file", "file not found: {name}", "A file that is not uploaded.")

# Campaigns.
NOT_LAUNCHED = _row("not_launched", 400, "campaign.notlaunched", "campaign is not launched", "Subscribing to a draft.")
STOPPED = _row("stopped", 400, "campaign.stopped", "campaign is stopped", "Subscribing to a stopped campaign.")
CLOSED = _row(
    "closed", 400, "campaign.closed", "campaign is not open to new subscriptions", "Subscribing to a closed campaign."
)
ALREADY_SUBSCRIBED = _row(
    "already_subscribed", 400, "subscription.active", "contact is already subscribed", "A second active subscription."
)
NO_RESUBSCRIBING = _row(
    "no_resubscribing",
    400,
    "subscription.exists",
    "contact was subscribed before",
    "`allowResubscribe: false` for a contact that had a subscription.",
)
INVALID_DELAY = _row("invalid_delay", 400, "subscription.delay", "invalid delay: {problem}", "A `delay` without sense.")

# Top-ups.
NOTHING_OFFERED = _row(
    "nothing_offered",
    400,
    "topup.amount",
    "{operator} offers no top-up of {most} {currency} or less",
    "A `maxAmount` below all that the number's operator offers.",
)

# Files.
FILE_REFUSED = _row("file_refused", 400, "file.invalid", "{reason}", _UNSUITABLE)
FILES_FULL = _assumed("files_full", 400, "file.storage", "no storage left", "More than 64 MiB of files in an account.")

# The older API, a Django application; the body is ``{"detail": …}``.
NO_CREDENTIALS = _observed("no_credentials", 401, None, _NO_CREDENTIALS, "A call of the older API without a token.")
INVALID_TOKEN = _assumed("invalid_token", 401, None, "Invalid token.", "A call of the older API with a wrong token.")
