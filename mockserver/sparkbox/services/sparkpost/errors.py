"""SparkPost's errors: https://developers.sparkpost.com/api/#header-errors and its table of extended codes.

``message`` goes with the code; ``description`` says what the error is about and is mostly given where it is raised. A
code is text, as in the documents' examples and in recorded responses with 1300
(https://github.com/SparkPost/python-sparkpost/issues/20), 1400
(https://github.com/SparkPost/node-sparkpost/issues/241), 1902 (https://github.com/karrot-dev/karrot-backend/issues/294)
and 7001 (https://github.com/anymail/django-anymail/issues/212). 5002 and the 400 of a webhook's target were recorded as
numbers; some recorded responses have no code.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import Error, ErrorTable

ERRORS = ErrorTable("sparkpost", docs="https://developers.sparkpost.com/api/#header-errors")
LISTS = "https://developers.sparkpost.com/api/recipient-lists/"


def row(name: str, status: int, code: str | int | None, message: str, cause: str, **more: Any) -> Error:
    """Declare an error; ``cause`` says how a request brings it about."""
    return ERRORS.row(name, status, message, code=code, cause=cause, **more)


def observed(name: str, status: int, code: str | int | None, message: str, cause: str, **more: Any) -> Error:
    return row(name, status, code, message, cause, evidence="observed", **more)


def assumed(name: str, status: int, code: str | int | None, message: str, cause: str, **more: Any) -> Error:
    return row(name, status, code, message, cause, evidence="assumed", **more)


# Any operation.
UNAUTHORIZED = observed("unauthorized", 401, None, "Unauthorized.", "No API key, or one without `mock-` in front.")
FORBIDDEN = observed("forbidden", 403, None, "Forbidden.", "A key without the grant; see the simulation `keys`.")
SUSPENDED = assumed(
    "suspended",
    403,
    None,
    "Forbidden.",
    "Sending while the account is `suspended`, see `/_mock/accounts`.",
    description="Your account has been suspended.",
)
NOT_FOUND = observed("invalid_uri", 404, None, "Resource could not be found", "A path that the API does not have.")
METHOD_NOT_ALLOWED = row(
    "invalid_method",
    405,
    "1102",
    "invalid http method",
    "A method that the path does not take, such as `PUT /api/v1/transmissions`.",
    description="{method} is not supported on {path}",
)
LIST_ID_MISSING = row(
    "list_id_missing",
    400,
    "1101",
    "invalid uri",
    "`PUT` or `DELETE` of a recipient list without its id.",
    description="{method} requires a recipient list id in the URI",
    docs=LISTS,
)
TOO_LARGE = row("too_large", 413, None, "Request Entity Too Large", "Content of more than 20 MB.")
UNSUPPORTED_MEDIA_TYPE = row(
    "unsupported_content_type",
    415,
    "1700",
    "Unsupported Media Type",
    "A body with a content type other than JSON.",
    description="Content-Type must be application/json",
)
NOT_UTF8 = row(
    "not_utf8",
    400,
    "1305",
    "invalid UTF-8",
    "A body that is not UTF-8.",
    description="Non-UTF-8 data found in json",
)
MALFORMED = observed(
    "malformed",
    422,
    "1300",
    "invalid data format/type",
    "A body that is not JSON.",
    description="Problems parsing request as json",
)
INVALID = row("invalid_data", 422, "1300", "invalid data format/type", "A field of the wrong type or format.")
TOO_LONG = row("invalid_length", 422, "1300", "invalid data format/type", "A field that is too long.")
MISSING = row("required_field_missing", 422, "1400", "required field is missing", "A required field left out.")
INVALID_PARAMETERS = row("invalid_parameters", 400, "1200", "invalid params", "An invalid query parameter.")
PARAMETER_MISSING = row(
    "required_parameter_missing", 400, "1401", "required query parameter is missing", "A query parameter left out."
)
INVALID_COMBINATION = row(
    "invalid_combination", 422, "1301", "invalid combination of fields", "Fields that exclude each other."
)
RESOURCES = assumed(
    "resources", 400, "1502", "Server resources unavailable", "More transmissions or lists than the sandbox keeps."
)
RATE_LIMITED = assumed("too_many_requests", 429, None, "Too many requests", "Polling above the operation's limit.")
CRASHED = row("internal_error", 500, None, "Internal Server Error", "A fault, or a mistake of the sandbox.")
UNAVAILABLE = row("unavailable", 503, None, "Service Unavailable", "A fault.")

# Resources.
RESOURCE_NOT_FOUND = row("resource_not_found", 404, "1600", "resource not found", "An unknown id.")
SUBRESOURCE_NOT_FOUND = row(
    "subresource_not_found", 422, "1603", "Subresource not found", "An unknown template or list."
)
RESOURCE_IN_USE = row("resource_in_use", 409, "1602", "resource conflict", "Deleting a resource that is in use.")

# Templates and the template language.
SYNTAX_ERROR = row(
    "template_syntax",
    422,
    "3000",
    "substitution language syntax error in template content",
    "A template that does not compile; `part` and `line` say where.",
)
RENDER_ERROR = row(
    "template_render",
    422,
    "3001",
    "substitution render error",
    "A template that cannot be rendered with its data; `part` and `line` say where.",
)
HEADER_ERROR = row("invalid_header", 422, "3002", "Invalid header", "A header that cannot be set.")
MIME_ERROR = row("mime_parsing", 422, "3020", "template mime parsing error", "`email_rfc822` that is not a mail.")
INVALID_FROM = row(
    "invalid_from",
    400,
    "1307",
    "failed to update database",
    "A template whose `from` is no address and has no substitutions.",
)
TEMPLATE_EXISTS = row("template_exists", 400, "3030", "template already exists", "An id that is taken.")
NO_DRAFT = row(
    "no_draft",
    422,
    "2004",
    "No draft template available, but published version exists",
    "Sending a draft that does not exist.",
)
NOT_PUBLISHED = row(
    "not_published",
    422,
    "2005",
    "No published template available, but draft version exists",
    "Sending a template that was never published.",
)
TEMPLATE_NOT_FOUND = observed(
    "template_not_found", 404, None, "Resource could not be found", "An unknown template id, or a missing version."
)
TEMPLATE_IN_USE = row(
    "template_in_use",
    409,
    "1602",
    "resource conflict",
    "Deleting a template that a scheduled transmission uses.",
    description="Template is in use by msg generation",
)

# Transmissions.
CREATED_WITH_ERRORS = row(
    "created_with_errors",
    200,
    "2000",
    "transmission created, but with validation errors",
    "Some recipients are invalid; the others get the mail. The error stands beside `results`.",
)
# The documents of recipient lists show a text; it was recorded as a number every time, from 2016 to 2017:
# https://github.com/laravel/framework/issues/17277, https://github.com/SparkPost/php-sparkpost/issues/127,
# https://github.com/leadmachineapp/simple_spark/issues/7.
NO_VALID_RECIPIENTS = observed(
    "no_valid_recipients", 400, 5002, "At least one valid recipient is required", "No recipient is valid."
)
GENERATION_REJECTED = observed(
    "generation_rejected",
    400,
    "1902",
    "Message generation rejected",
    "The only recipient is suppressed, or `options.sandbox` does not go with the sender.",
)
INVALID_TRANSMISSION_ID = observed(
    "invalid_transmission_id", 400, "2001", "Invalid transmission id", "An id that is not a number."
)
SUBSTITUTION_TOO_LARGE = row(
    "substitution_too_large", 422, "2002", "Substitution data too large", "More than 100,000 bytes of it."
)
METADATA_TOO_LARGE = assumed("metadata_too_large", 422, "2007", "Metadata too large", "More than 10,000 bytes of it.")
TOO_CLOSE = row(
    "too_close",
    409,
    "2003",
    "too close to generation time to delete transmission",
    "Deleting a transmission within ten minutes of its start.",
    description="Deletion time window (660 seconds) doesn't permit transmission deletion",
)
INVALID_STATE = row(
    "invalid_state",
    409,
    "2006",
    "transmission database record is in an invalid state for deletion",
    "Deleting a transmission that was sent.",
    description="Unable to delete a transmission that has completed (state={state})",
)
HOURLY_LIMIT = row("hourly_limit", 420, "2101", "Exceed Sending Limit (hourly)", "See the simulation `sending-limits`.")
DAILY_LIMIT = row("daily_limit", 420, "2102", "Exceed Sending Limit (daily)", "See the simulation `sending-limits`.")
MONTHLY_LIMIT = row(
    "monthly_limit", 420, "2105", "Exceed Sending Limit (monthly)", "See the simulation `sending-limits`."
)
SANDBOX_LIMIT = row(
    "sandbox_limit",
    420,
    "2103",
    "Exceed Sending Limit (sandbox)",
    "More than five messages from the sandbox domain in an account's life.",
)
SANDBOX_TEMPLATE = row(
    "sandbox_template",
    422,
    "2106",
    "Invalid Template ID (sandbox)",
    "`options.sandbox` with a template other than `my-first-email`.",
    description="Only the template 'my-first-email' may be sent from the sandbox domain",
)
SANDBOX_CONTENT = assumed(
    "sandbox_content",
    422,
    "3051",
    "Invalid content (sandbox)",
    "`options.sandbox` with inline content.",
    description="The sandbox domain may only be used with the template 'my-first-email'",
)
INVALID_DOMAIN = row(
    "invalid_domain",
    400,
    "7001",
    "Invalid domain",
    "Sending from a domain that the account has not verified (strict profile).",
    description="Unconfigured or unverified sending domain.",
)
NO_SENDING_DOMAIN = observed(
    "no_sending_domain", 400, "7001", "No sending domain specified", "A `from` that is not one address with a domain."
)
NO_LOCAL_PART = assumed(
    "no_local_part", 400, "2008", "No local part in the sender's address", "A `from` with nothing before the `@`."
)

UNKNOWN_DKIM_KEY = row(
    "unknown_dkim_key",
    400,
    "1100",
    "Invalid DKIM key ID '{key_id}' for sending domain '{domain}'",
    "Sending with an `options.dkim_key` that the domain does not have.",
)
UNVERIFIED_DKIM_KEY = row(
    "unverified_dkim_key",
    400,
    "1100",
    "DKIM key '{key_id}' is not verified for sending domain '{domain}'",
    "Sending with an `options.dkim_key` that is not verified (strict profile).",
)

# Recipient lists.
LIST_CREATED_WITH_ERRORS = row(
    "list_created_with_errors",
    200,
    "5000",
    "List created with validation errors",
    "Some recipients are invalid; the others are in the list. The error stands beside `results`.",
)
LIST_EXISTS = row("list_exists", 400, "5001", "List already exists", "An id that is taken.")

# Searches, whose errors have no codes.
INVALID_QUERY = assumed("invalid_query", 400, None, "{problem}", "An invalid search parameter; `param` says which.")

# Metrics.
METRICS_WINDOW = observed(
    "metrics_window",
    400,
    None,
    "from is required",
    "A query without a `from` that is before `to`; each problem has an entry of its own.",
)
