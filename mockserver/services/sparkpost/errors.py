"""SparkPost's errors: https://developers.sparkpost.com/api/#header-errors and its table of extended codes.

``message`` and ``code`` belong to the code; ``description`` says what it was about and mostly comes with the raise.
A code is always text; some answers that were recorded from the real service have none.
"""

from __future__ import annotations

from mockserver.core.errors import ErrorTable

ERRORS = ErrorTable("sparkpost", docs="https://developers.sparkpost.com/api/#header-errors")
_row = ERRORS.row

# What any operation may answer.
UNAUTHORIZED = _row(
    "unauthorized", 401, "Unauthorized.", cause="No API key, or one that does not begin with `mock-`.",
    evidence="observed",
)  # fmt: skip
FORBIDDEN = _row("forbidden", 403, "Forbidden.", cause="An API key without the grant.", evidence="observed")
SUSPENDED = _row(
    "suspended", 403, "Forbidden.", description="Your account has been suspended.", evidence="assumed",
    cause="The account's `suspended` switch under `/_mock/accounts`; everything that sends is refused.",
)  # fmt: skip
NOT_FOUND = _row(
    "invalid_uri", 404, "Resource could not be found", cause="A path that the API does not have.", evidence="observed"
)
METHOD_NOT_ALLOWED = _row(
    "invalid_method", 405, "invalid method", code="1102", description="{method} is not allowed for {path}",
    cause="A method that the path does not take, `PUT /api/v1/transmissions` for one.",
)  # fmt: skip
TOO_LARGE = _row("too_large", 413, "Request Entity Too Large", cause="A body of more than 20 MB and its base64.")
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_content_type", 415, "Unsupported Media Type", code="1700",
    description="Content-Type must be application/json", cause="A body that is announced as something else than JSON.",
)  # fmt: skip
NOT_UTF8 = _row("not_utf8", 400, "invalid UTF-8", code="1305", cause="A body that is not UTF-8.")
MALFORMED = _row(
    "malformed", 422, "invalid data format/type", code="1300", description="Problems parsing request as json",
    cause="A body that is not JSON.", evidence="observed",
)  # fmt: skip
INVALID = _row(
    "invalid_data", 422, "invalid data format/type", code="1300", cause="A field of the wrong type or format."
)
TOO_LONG = _row(
    "invalid_length", 422, "invalid data format/type/length", code="1300", cause="A field that is too long."
)
MISSING = _row("required_field_missing", 422, "required field is missing", code="1400", cause="A field left out.")
INVALID_PARAMETERS = _row(
    "invalid_parameters", 400, "invalid params", code="1200", cause="A query that makes no sense."
)
PARAMETER_MISSING = _row(
    "required_parameter_missing", 400, "required parameter is missing", code="1401", cause="A query parameter left out."
)
INVALID_COMBINATION = _row(
    "invalid_combination", 422, "invalid combination of fields", code="1301", cause="Fields that exclude each other."
)
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
    "substitution language error in template content",
    code="3001",
    cause="A template that fails.",
)
HEADER_ERROR = _row("invalid_header", 422, "invalid header", code="3002", cause="A header that may not be set.")
TEMPLATE_EXISTS = _row("template_exists", 400, "resource conflict", code="3030", cause="An id that is taken.")
NO_DRAFT = _row("no_draft", 422, "no draft version", code="2004", cause="Sending a draft that does not exist.")
NOT_PUBLISHED = _row(
    "not_published", 422, "no published version", code="2005", cause="Sending a template that was never published."
)
TEMPLATE_NOT_FOUND = _row(
    "template_not_found", 404, "Resource could not be found", evidence="observed",
    cause="A template id that is unknown, or a version that the template does not have.",
)  # fmt: skip
TEMPLATE_IN_USE = _row(
    "template_in_use", 409, "resource conflict", code="1602", description="Template is in use by msg generation",
    cause="Deleting a template that a scheduled transmission uses.",
)  # fmt: skip
