"""SparkPost's errors: https://developers.sparkpost.com/api/#header-errors and its table of extended codes.

``message`` and ``code`` belong to the code; ``description`` says what it was about and mostly comes with the raise. A
code is text, as in the documents' examples and in recorded answers with 1300
(https://github.com/SparkPost/python-sparkpost/issues/20), 1400
(https://github.com/SparkPost/node-sparkpost/issues/241), 1902 (https://github.com/karrot-dev/karrot-backend/issues/294)
and 7001 (https://github.com/anymail/django-anymail/issues/212). Recorded as numbers are 5002 and the 400 of a webhook's
target; some recorded answers have no code.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import ErrorTable

ERRORS = ErrorTable("sparkpost", docs="https://developers.sparkpost.com/api/#header-errors")
_row = ERRORS.row

# What any operation may answer.
UNAUTHORIZED = _row(
    "unauthorized", 401, "Unauthorized.", cause="No API key, or one that does not begin with `mock-`.",
    evidence="observed",
)  # fmt: skip
FORBIDDEN = _row(
    "forbidden", 403, "Forbidden.", evidence="observed",
    cause="A key without the grant; the simulation `keys` makes keys with few of them.",
)  # fmt: skip
SUSPENDED = _row(
    "suspended", 403, "Forbidden.", description="Your account has been suspended.", evidence="assumed",
    cause="The account's `suspended` switch under `/_mock/accounts`; everything that sends is refused.",
)  # fmt: skip
NOT_FOUND = _row(
    "invalid_uri", 404, "Resource could not be found", cause="A path that the API does not have.", evidence="observed"
)
METHOD_NOT_ALLOWED = _row(
    "invalid_method", 405, "invalid http method", code="1102", description="{method} is not supported on {path}",
    cause="A method that the path does not take, `PUT /api/v1/transmissions` for one.",
)  # fmt: skip
LIST_ID_MISSING = _row(
    "list_id_missing", 400, "invalid uri", code="1101", description="{method} requires a recipient list id in the URI",
    docs="https://developers.sparkpost.com/api/recipient-lists/",
    cause="`PUT` or `DELETE` of a recipient list without its id.",
)  # fmt: skip
TOO_LARGE = _row("too_large", 413, "Request Entity Too Large", cause="Content of more than 20 MB.")
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_content_type", 415, "Unsupported Media Type", code="1700",
    description="Content-Type must be application/json", cause="A body that is announced as something else than JSON.",
)  # fmt: skip
NOT_UTF8 = _row(
    "not_utf8", 400, "invalid UTF-8", code="1305", description="Non-UTF-8 data found in json",
    cause="A body that is not UTF-8.",
)  # fmt: skip
MALFORMED = _row(
    "malformed", 422, "invalid data format/type", code="1300", description="Problems parsing request as json",
    cause="A body that is not JSON.", evidence="observed",
)  # fmt: skip
INVALID = _row(
    "invalid_data", 422, "invalid data format/type", code="1300", cause="A field of the wrong type or format."
)
TOO_LONG = _row("invalid_length", 422, "invalid data format/type", code="1300", cause="A field that is too long.")
MISSING = _row("required_field_missing", 422, "required field is missing", code="1400", cause="A field left out.")
INVALID_PARAMETERS = _row(
    "invalid_parameters", 400, "invalid params", code="1200", cause="A query that makes no sense."
)
PARAMETER_MISSING = _row(
    "required_parameter_missing",
    400,
    "required query parameter is missing",
    code="1401",
    cause="A query parameter left out.",
)
INVALID_COMBINATION = _row(
    "invalid_combination", 422, "invalid combination of fields", code="1301", cause="Fields that exclude each other."
)
RESOURCES = _row(
    "resources", 400, "Server resources unavailable", code="1502", evidence="assumed",
    cause="More scheduled transmissions, or more recipient lists, than the sandbox keeps.",
)  # fmt: skip
RATE_LIMITED = _row(
    "too_many_requests", 429, "Too many requests", cause="Polling faster than the limit on the operation allows.",
    evidence="assumed",
)  # fmt: skip
CRASHED = _row("internal_error", 500, "Internal Server Error", cause="A fault, or a mistake of the sandbox.")
UNAVAILABLE = _row("unavailable", 503, "Service Unavailable", cause="A fault.")

# What is looked up.
RESOURCE_NOT_FOUND = _row("resource_not_found", 404, "resource not found", code="1600", cause="An id that is unknown.")
SUBRESOURCE_NOT_FOUND = _row(
    "subresource_not_found", 422, "Subresource not found", code="1603", cause="A template or list that is unknown."
)
RESOURCE_IN_USE = _row("resource_in_use", 409, "resource conflict", code="1602", cause="Deleting what is in use.")

# Templates and the template language.
SYNTAX_ERROR = _row(
    "template_syntax", 422, "substitution language syntax error in template content", code="3000",
    cause="A template that does not compile; `part` and `line` say where.",
)  # fmt: skip
RENDER_ERROR = _row(
    "template_render",
    422,
    "substitution render error",
    code="3001",
    cause="A template that cannot be filled in with the data given; `part` and `line` say where.",
)
HEADER_ERROR = _row("invalid_header", 422, "Invalid header", code="3002", cause="A header that may not be set.")
MIME_ERROR = _row(
    "mime_parsing", 422, "template mime parsing error", code="3020", cause="`email_rfc822` that is no readable mail."
)
INVALID_FROM = _row(
    "invalid_from", 400, "failed to update database", code="1307",
    cause="A template whose `from` is no address and holds no substitutions either.",
)  # fmt: skip
TEMPLATE_EXISTS = _row("template_exists", 400, "template already exists", code="3030", cause="An id that is taken.")
NO_DRAFT = _row(
    "no_draft", 422, "No draft template available, but published version exists", code="2004",
    cause="Sending a draft that does not exist.",
)  # fmt: skip
NOT_PUBLISHED = _row(
    "not_published", 422, "No published template available, but draft version exists", code="2005",
    cause="Sending a template that was never published.",
)  # fmt: skip
TEMPLATE_NOT_FOUND = _row(
    "template_not_found", 404, "Resource could not be found", evidence="observed",
    cause="A template id that is unknown, or a version that the template does not have.",
)  # fmt: skip
TEMPLATE_IN_USE = _row(
    "template_in_use", 409, "resource conflict", code="1602", description="Template is in use by msg generation",
    cause="Deleting a template that a scheduled transmission uses.",
)  # fmt: skip

# Transmissions.
CREATED_WITH_ERRORS = _row(
    "created_with_errors", 200, "transmission created, but with validation errors", code="2000",
    cause="Some of the recipients are invalid: the others get the mail. It stands beside `results`.",
)  # fmt: skip
# The documents of recipient lists show a text; it was recorded as a number every time, from 2016 to 2017:
# https://github.com/laravel/framework/issues/17277, https://github.com/SparkPost/php-sparkpost/issues/127,
# https://github.com/leadmachineapp/simple_spark/issues/7.
NO_VALID_RECIPIENTS = _row(
    "no_valid_recipients", 400, "At least one valid recipient is required", code=5002, evidence="observed",
    cause="Not one of the recipients is valid.",
)  # fmt: skip
GENERATION_REJECTED = _row(
    "generation_rejected", 400, "Message generation rejected", code="1902", evidence="observed",
    cause="The only recipient is suppressed, or `options.sandbox` does not go with the sender.",
)  # fmt: skip
INVALID_TRANSMISSION_ID = _row(
    "invalid_transmission_id", 400, "Invalid transmission id", code="2001", evidence="observed",
    cause="An id that is no number.",
)  # fmt: skip
SUBSTITUTION_TOO_LARGE = _row(
    "substitution_too_large", 422, "Substitution data too large", code="2002", cause="More than 100,000 bytes of it."
)
METADATA_TOO_LARGE = _row(
    "metadata_too_large", 422, "Metadata too large", code="2007", cause="More than 10,000 bytes of it.",
    evidence="assumed",
)  # fmt: skip
TOO_CLOSE = _row(
    "too_close", 409, "too close to generation time to delete transmission", code="2003",
    description="Deletion time window (660 seconds) doesn't permit transmission deletion",
    cause="Deleting a transmission within ten minutes of its start.",
)  # fmt: skip
INVALID_STATE = _row(
    "invalid_state", 409, "transmission database record is in an invalid state for deletion", code="2006",
    description="Unable to delete a transmission that has completed (state={state})",
    cause="Deleting a transmission that was sent.",
)  # fmt: skip
HOURLY_LIMIT = _row(
    "hourly_limit", 420, "Exceed Sending Limit (hourly)", code="2101",
    cause="More messages in an hour than the simulation `sending-limits` allows.",
)  # fmt: skip
DAILY_LIMIT = _row(
    "daily_limit", 420, "Exceed Sending Limit (daily)", code="2102",
    cause="More messages in 24 hours than the simulation `sending-limits` allows.",
)  # fmt: skip
MONTHLY_LIMIT = _row(
    "monthly_limit", 420, "Exceed Sending Limit (monthly)", code="2105",
    cause="More messages in a month than the simulation `sending-limits` allows.",
)  # fmt: skip
SANDBOX_LIMIT = _row(
    "sandbox_limit", 420, "Exceed Sending Limit (sandbox)", code="2103",
    cause="More than five messages from the sandbox domain in an account's life.",
)  # fmt: skip
SANDBOX_TEMPLATE = _row(
    "sandbox_template", 422, "Invalid Template ID (sandbox)", code="2106",
    description="Only the template 'my-first-email' may be sent from the sandbox domain",
    cause="`options.sandbox` with another template than `my-first-email`.",
)  # fmt: skip
SANDBOX_CONTENT = _row(
    "sandbox_content", 422, "Invalid content (sandbox)", code="3051", evidence="assumed",
    description="The sandbox domain may only be used with the template 'my-first-email'",
    cause="`options.sandbox` with inline content.",
)  # fmt: skip
INVALID_DOMAIN = _row(
    "invalid_domain", 400, "Invalid domain", code="7001", description="Unconfigured or unverified sending domain.",
    cause="Sending from a domain that the account has not verified (strict profile).",
)  # fmt: skip
NO_SENDING_DOMAIN = _row(
    "no_sending_domain", 400, "No sending domain specified", code="7001", evidence="observed",
    cause="A `from` that is not one address with a domain.",
)  # fmt: skip
NO_LOCAL_PART = _row(
    "no_local_part", 400, "No local part in the sender's address", code="2008", evidence="assumed",
    cause="A `from` with nothing before the `@`.",
)  # fmt: skip

# Recipient lists.
LIST_CREATED_WITH_ERRORS = _row(
    "list_created_with_errors", 200, "List created with validation errors", code="5000",
    cause="Some of the recipients are invalid: the others are in the list. It stands beside `results`.",
)  # fmt: skip
LIST_EXISTS = _row("list_exists", 400, "List already exists", code="5001", cause="An id that is taken.")

# The suppression list and the events, whose errors have no codes.
RECIPIENT_NOT_FOUND = _row(
    "recipient_not_found", 404, "Recipient could not be found", evidence="observed",
    cause="An address that is not in the suppression list.",
)  # fmt: skip
SUPPRESSION_TYPE_MISSING = _row(
    "suppression_type_missing", 400, "Must supply a suppression type", cause="A suppression without a type."
)
SUPPRESSION_TYPE_UNKNOWN = _row(
    "suppression_type_unknown", 400, "Type must be one of: 'transactional', 'non_transactional'",
    cause="Another type of suppression.",
)  # fmt: skip
SUPPRESSIONS_MALFORMED = _row(
    "suppressions_malformed", 400, "PUT body contains {count} invalid or malformed recipient(s): {recipients}",
    cause="Some of the suppressions have no address or no type; none is kept.",
)  # fmt: skip
NO_RECIPIENT_ARRAY = _row(
    "no_recipient_array", 400, "PUT body must contain an array of recipients", evidence="observed",
    cause="A bulk update without `recipients`.",
)  # fmt: skip
TOO_MANY_SUPPRESSIONS = _row(
    "too_many_suppressions", 400, "recipients must contain at most 10000 entries", evidence="assumed",
    cause="A bulk update of more than 10,000 suppressions.",
)  # fmt: skip
SUPPRESSION_INVALID = _row(
    "suppression_invalid", 400, "{problem}", evidence="assumed",
    cause="An address, a description or a mailing list's id that is none.",
)  # fmt: skip
COMPLIANCE_KEPT = _row(
    "compliance_kept", 403, "Recipient could not be removed - Compliance",
    cause="Removing what the vendor's compliance team has put there: the simulation `suppression` with that source.",
)  # fmt: skip
COMPLIANCE_UNCHANGED = _row(
    "compliance_unchanged", 403, "Recipient could not be updated - Compliance", evidence="assumed",
    cause="Changing what the vendor's compliance team has put there: the simulation `suppression` with that source.",
)  # fmt: skip
INVALID_QUERY = _row(
    "invalid_query", 400, "{problem}", evidence="assumed",
    cause="A search whose parameters make no sense; `param` says which.",
)  # fmt: skip

# Sending domains and their DKIM keys; what the page leaves out is from
# https://github.com/SparkPost/support-docs/pull/293.
RESTRICTED_DOMAIN = _row(
    "restricted_domain", 400, "Restricted domain", code="7000",
    description="Please contact SparkPost support to get this domain authorized for your account.",
    cause="Registering a domain of the vendor's or of a free mail service, or one that begins with `restricted.`.",
)  # fmt: skip
DOMAIN_TAKEN = _row(
    "domain_taken", 400, "Domain in use by another account", code="7004",
    description="Please contact SparkPost support to check about this org-domain availability.",
    cause="Registering a domain that begins with `taken.`.",
)  # fmt: skip
TOO_MANY_DOMAINS = _row(
    "too_many_domains", 400, "Exceeded maximum allowed domains", code="7002",
    description="You have exceeded the maximum allowed sending domains. Please contact support",
    cause="More than 10,000 sending domains.",
)  # fmt: skip
DOMAIN_EXISTS = _row(
    "domain_exists", 409, "resource conflict", code="1602",
    description="Sending Domain <{domain}> already registered", cause="Registering a sending domain twice.",
)  # fmt: skip
DMARC_POLICY = _row(
    "dmarc_policy", 400, "Domain not allowed", code="7003",
    description="Verification by address is not available for Sending Domains with a DMARC policy",
    cause="Asking for a verification mail for a domain that begins with `dmarc.`.",
)  # fmt: skip
RESERVED_MAILBOX = _row(
    "reserved_mailbox", 422, "required field is missing", code="1300",
    description="verification_mailbox field cannot be 'postmaster' or 'abuse'",
    cause="Nominating one of the mailboxes that have fields of their own.",
)  # fmt: skip
REMOTE_FAILED = _row(
    "remote_failed", 400, "request to remote endpoint failed", code="1404",
    cause="New DKIM keys for a domain that begins with `unverified.`: their DNS record is not found.",
)  # fmt: skip
DKIM_KEY_REFUSED = _row(
    "dkim_key_refused", 400, "invalid params", code="1300",
    cause="A further DKIM key whose id is taken or malformed, an incomplete key pair, or a change to the default key.",
)  # fmt: skip
UNKNOWN_DKIM_KEY = _row(
    "unknown_dkim_key", 400, "Invalid DKIM key ID '{key_id}' for sending domain '{domain}'", code="1100",
    cause="Sending with `options.dkim_key`, where the domain has no such key.",
)  # fmt: skip
UNVERIFIED_DKIM_KEY = _row(
    "unverified_dkim_key", 400, "DKIM key '{key_id}' is not verified for sending domain '{domain}'", code="1100",
    cause="Sending with `options.dkim_key`, where the key is not verified (strict profile).",
)  # fmt: skip
METRICS_WINDOW = _row(
    "metrics_window", 400, "from is required", evidence="observed",
    cause="Asking for metrics without a `from` that is before `to`; each thing that is wrong has an entry of its own.",
)  # fmt: skip

# Webhooks. The code of a target's failure is a number in https://developers.sparkpost.com/api/webhooks/.
TARGET_FAILED = _row(
    "target_failed", 400, "POST to webhook target URL failed with {problem}", code=400, evidence="observed",
    cause="Creating, moving or validating a webhook whose target does not answer 200; `response` is what it answered.",
)  # fmt: skip
TOKENS_FAILED = _row(
    "tokens_failed", 400, "POST to webhook tokens URL failed", code=400,
    cause="A webhook with OAuth 2.0 whose `auth_request_details.url` gives no access token.",
)  # fmt: skip
TOO_MANY_WEBHOOKS = _row(
    "too_many_webhooks", 400, "Server resources unavailable", code="1502", evidence="assumed",
    description="An account may have at most 100 webhooks", cause="More than 100 webhooks.",
)  # fmt: skip
RESERVED_HEADER = _row(
    "reserved_header", 422, "Header is reserved and cannot be used", code="10000",
    cause="A custom header that the vendor sets itself, or that no header can be called.",
)  # fmt: skip
CUSTOM_HEADERS_TOO_LARGE = _row(
    "custom_headers_too_large", 413, "Total size of custom headers is too large", code="10001",
    cause="Custom headers of more than 3,000 bytes.",
)  # fmt: skip
TOO_MANY_CUSTOM_HEADERS = _row(
    "too_many_custom_headers", 422, "You may only have up to 5 custom headers", code="10002",
    cause="More than five custom headers.",
)  # fmt: skip
