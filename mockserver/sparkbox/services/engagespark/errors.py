"""engageSPARK's errors: ``{"error", "errorCode", "context"}``; 401, 402 and 404 have the text alone.

https://openapi.engagespark.com/. Where a row is documented, that is said of the refusal and its status. Of the
codes only ``contact.notfound``, ``sms.clientdedup`` and ``login.locked`` are published; the others, and most texts, are
our own.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import ErrorTable

ERRORS = ErrorTable("engagespark", docs="https://openapi.engagespark.com/")
_row = ERRORS.row

# What any operation may answer.
UNAUTHORIZED = _row(
    "unauthorized", 401, "Invalid Token",
    cause="No token, one without the word `Token` before it, or one that does not begin with `mock-`.",
)  # fmt: skip
SUSPENDED = _row(
    "suspended", 403, "organization is suspended", code="organization.suspended", evidence="assumed",
    cause="The account's `suspended` switch under `/_mock/accounts`; everything that sends is refused.",
)  # fmt: skip
NOT_FOUND = _row(
    "not_found", 404, "Not found",
    cause="A path or an id that is unknown, or an organization that is not the token's: it has number 1 alone.",
)  # fmt: skip
METHOD_NOT_ALLOWED = _row(
    "method_not_allowed", 405, "Method not allowed", evidence="assumed", cause="A method that the path does not take."
)
TOO_LARGE = _row("too_large", 413, "Request too large", evidence="assumed", cause="A body of more than 20 MiB.")
MALFORMED = _row(
    "malformed", 400, "invalid JSON", code="request.malformed", evidence="assumed", cause="A body that is not JSON."
)
INVALID = _row(
    "invalid", 400, "{problem}", code="request.invalid", evidence="assumed",
    cause="A field or a parameter of the wrong type or out of bounds.",
)  # fmt: skip
MISSING = _row(
    "missing", 400, "missing field '{name}'", code="request.missing", evidence="assumed", cause="A field left out."
)
THROTTLED = _row("throttled", 429, "Too many requests", evidence="assumed", cause="A fault; no limit is documented.")
CRASHED = _row("crashed", 500, "internal server error", cause="A fault, or a mistake of the sandbox.")
UNAVAILABLE = _row("unavailable", 503, "service unavailable", evidence="assumed", cause="A fault.")

# Whom it is for.
NO_RECIPIENT = _row(
    "no_recipient", 400, "no recipient: set one of {forms}", code="recipient.missing", evidence="assumed",
    cause="None of the ways to name a recipient.",
)  # fmt: skip
SEVERAL_RECIPIENTS = _row(
    "several_recipients", 400, "more than one recipient: set exactly one of {forms}", code="recipient.ambiguous",
    evidence="assumed", cause="Several ways to name a recipient at once.",
)  # fmt: skip
INVALID_NUMBER = _row(
    "invalid_number", 400, "invalid 'to' number (not a valid number)", code="phonenumber.invalid", evidence="observed",
    cause="A phone number that cannot be one: too short, too long, without dialing code.",
)  # fmt: skip
CONTACT_NOT_FOUND = _row(
    "contact_not_found", 404, "Not found", code="contact.notfound", cause="A contact's id in the path that is unknown."
)
UNKNOWN_CONTACT = _row(
    "unknown_contact", 400, "contact not found", code="contact.notfound", evidence="assumed",
    cause="A `contactId` in the body that is unknown.",
)  # fmt: skip

# Money.
INSUFFICIENT_FUNDS = _row(
    "insufficient_funds", 402, "insufficient funds",
    cause="A balance that cannot pay for it; the simulation `balance` sets one.",
)  # fmt: skip

# Messages.
TOO_LONG = _row(
    "too_long", 400, "message too long: {parts} parts, at most {most} are allowed", code="sms.toolong",
    cause="A text of more than 7 parts.",
)  # fmt: skip
DUPLICATE = _row(
    "duplicate", 409, "duplicate clientDedup", code="sms.clientdedup",
    cause="A `clientDedup` that came before; the other fields are those of the first message.",
)  # fmt: skip
INVALID_PUSH_URL = _row(
    "invalid_push_url", 400, "invalid '{name}': {reason}", code="sms.pushurl", evidence="assumed",
    cause="A `clientPushURL` or `resultsUrl` that nothing can be posted to.",
)  # fmt: skip
UNKNOWN_SENDER = _row(
    "unknown_sender", 400, "'from' is not a registered WhatsApp number", code="whatsapp.sender",
    cause="A WhatsApp message from what is no phone number, or in the strict profile not the organization's.",
)  # fmt: skip
WHATSAPP_TOO_LONG = _row(
    "whatsapp_too_long", 400, "message too long: {length} characters, at most {most} are allowed",
    code="whatsapp.toolong", evidence="assumed", docs="https://www.engagespark.com/support/whatsapp-business-limits/",
    cause="A WhatsApp message of more than 1,600 characters, with its placeholders filled in.",
)  # fmt: skip
UNKNOWN_FILE = _row(
    "unknown_file", 400, "file not found: {name}", code="whatsapp.file", evidence="assumed",
    cause="A WhatsApp message with a file that was not uploaded.",
)  # fmt: skip

# Campaigns.
NOT_LAUNCHED = _row(
    "not_launched", 400, "campaign is not launched", code="campaign.notlaunched", cause="Subscribing to a draft."
)
STOPPED = _row(
    "stopped", 400, "campaign is stopped", code="campaign.stopped", cause="Subscribing to a campaign that was stopped."
)
CLOSED = _row(
    "closed", 400, "campaign is not open to new subscriptions", code="campaign.closed",
    cause="Subscribing to a campaign that takes nobody any more.",
)  # fmt: skip
ALREADY_SUBSCRIBED = _row(
    "already_subscribed", 400, "contact is already subscribed", code="subscription.active",
    cause="A second subscription while one is not done.",
)  # fmt: skip
NO_RESUBSCRIBING = _row(
    "no_resubscribing", 400, "contact was subscribed before", code="subscription.exists",
    cause="`allowResubscribe: false` for a contact that had a subscription.",
)  # fmt: skip
INVALID_DELAY = _row(
    "invalid_delay", 400, "invalid delay: {problem}", code="subscription.delay", cause="A `delay` that makes no sense."
)

# Top-ups.
NOTHING_OFFERED = _row(
    "nothing_offered", 400, "{operator} offers no top-up of {most} {currency} or less", code="topup.amount",
    cause="A `maxAmount` below all that the number's operator offers.",
)  # fmt: skip

# Files.
FILE_REFUSED = _row(
    "file_refused", 400, "{reason}", code="file.invalid",
    cause="An upload of one file that is empty, has no name or too long a one, is no audio although there is a "
    "`filter`, or no video for WhatsApp.",
)  # fmt: skip
FILES_FULL = _row(
    "files_full", 400, "no storage left", code="file.storage", evidence="assumed",
    cause="More than 64 MiB of files in one account.",
)  # fmt: skip

# The older API, a Django application with shapes of its own.
NO_CREDENTIALS = _row(
    "no_credentials", 401, "Authentication credentials were not provided.", evidence="observed",
    cause="A call of the older API without a token; the body is `{\"detail\": …}`.",
)  # fmt: skip
INVALID_TOKEN = _row(
    "invalid_token", 401, "Invalid token.", evidence="assumed",
    cause="A call of the older API with a wrong token; the body is `{\"detail\": …}`.",
)  # fmt: skip
