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


def _bad(name: str, code: str, message: str, cause: str) -> Error:
    """Declare a documented error of status 400."""
    return _row(name, 400, code, message, cause)


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
_IMPOSSIBLE = "invalid 'to' number (not a valid number)"
_NO_TARGET = "A `clientPushURL` or `resultsUrl` that cannot be posted to."
_NO_SENDER = "'from' is not a registered WhatsApp number"
_NOT_REGISTERED = "A `from` that is no phone number, or in the strict profile not the organization's."
_RESUBSCRIBING = "`allowResubscribe: false` for a contact that had a subscription."
_SUBSCRIBED = "contact is already subscribed"
_NOT_OPEN = "campaign is not open to new subscriptions"
_TOO_MANY_PARTS = "message too long: {parts} parts, at most {most} are allowed"
_TOO_LONG = "message too long: {length} characters, at most {most} are allowed"
_LONG_TEXT = "A WhatsApp text of more than 1,600 characters, placeholders filled in."
_WHATSAPP_LIMITS = "https://www.engagespark.com/support/whatsapp-business-limits/"
_BELOW_OFFERS = "{operator} offers no top-up of {most} {currency} or less"

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
INVALID_NUMBER = _observed("invalid_number", 400, "phonenumber.invalid", _IMPOSSIBLE, _UNREADABLE_NUMBER)
CONTACT_NOT_FOUND = _row("contact_not_found", 404, "contact.notfound", "Not found", "An unknown contact in the path.")
UNKNOWN_CONTACT = _assumed("unknown_contact", 400, "contact.notfound", "contact not found", "An unknown `contactId`.")

# Money.
INSUFFICIENT_FUNDS = _row("insufficient_funds", 402, None, "insufficient funds", "A balance that is too low.")

# Messages.
TOO_LONG = _bad("too_long", "sms.toolong", _TOO_MANY_PARTS, "A text of more than 7 parts.")
DUPLICATE = _row("duplicate", 409, "sms.clientdedup", "duplicate clientDedup", "A `clientDedup` that was used before.")
INVALID_PUSH_URL = _assumed("invalid_push_url", 400, "sms.pushurl", "invalid '{name}': {reason}", _NO_TARGET)
UNKNOWN_SENDER = _bad("unknown_sender", "whatsapp.sender", _NO_SENDER, _NOT_REGISTERED)
WHATSAPP_TOO_LONG = _assumed("whatsapp_too_long", 400, "whatsapp.toolong", _TOO_LONG, _LONG_TEXT, docs=_WHATSAPP_LIMITS)
UNKNOWN_FILE = _assumed("unknown_file", 400, "whatsapp.file", "file not found: {name}", "A file that is not uploaded.")

# Campaigns.
NOT_LAUNCHED = _bad("not_launched", "campaign.notlaunched", "campaign is not launched", "Subscribing to a draft.")
STOPPED = _bad("stopped", "campaign.stopped", "campaign is stopped", "Subscribing to a stopped campaign.")
CLOSED = _bad("closed", "campaign.closed", _NOT_OPEN, "Subscribing to a closed campaign.")
ALREADY_SUBSCRIBED = _bad("already_subscribed", "subscription.active", _SUBSCRIBED, "A second active subscription.")
NO_RESUBSCRIBING = _bad("no_resubscribing", "subscription.exists", "contact was subscribed before", _RESUBSCRIBING)
INVALID_DELAY = _bad(
    "invalid_delay", "subscription.delay", "invalid delay: {problem}", "A `delay` that makes no sense."
)

# Top-ups.
NOTHING_OFFERED = _bad("nothing_offered", "topup.amount", _BELOW_OFFERS, "A `maxAmount` below all offers.")

# Files.
FILE_REFUSED = _bad("file_refused", "file.invalid", "{reason}", _UNSUITABLE)
FILES_FULL = _assumed("files_full", 400, "file.storage", "no storage left", "More than 64 MiB of files in an account.")

# The older API, a Django application; the body is ``{"detail": …}``.
NO_CREDENTIALS = _observed("no_credentials", 401, None, _NO_CREDENTIALS, "A call of the older API without a token.")
INVALID_TOKEN = _assumed("invalid_token", 401, None, "Invalid token.", "A call of the older API with a wrong token.")
