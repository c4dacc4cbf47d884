"""Sparked's errors. The public page (https://sparked.com/integration) names none, so all of them are assumed.

The API, the token endpoint and the pages that people see show errors in a shape of their own: see the envelopes.
"""

from __future__ import annotations

import re
from typing import Any

from sparkbox.core.declare.errors import Error, ErrorTable

DOCS = "https://sparked.com/integration"
TOKEN_DOCS = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"
REDIRECT_DOCS = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1"

ERRORS = ErrorTable("sparked", docs=DOCS)


def plain(text: str) -> str:
    """Return a text with only the characters that RFC 6749 and 6750 take in descriptions."""
    return re.sub(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]", "'", text)


def _row(name: str, status: int, message: str, cause: str, *, code: str = "", **more: Any) -> Error:
    """Declare an error; ``cause`` says how a request brings it about. The code is the name unless it is given."""
    return ERRORS.row(name, status, message, code=code or name, cause=cause, evidence="assumed", **more)


def _token(name: str, message: str, cause: str, *, status: int = 400, code: str = "") -> Error:
    """Declare an error of the token endpoint."""
    return _row(name, status, message, cause, code=code, docs=TOKEN_DOCS)


def _redirect(name: str, message: str, cause: str, *, status: int = 302, code: str = "") -> Error:
    """Declare an error that the browser takes back to the partner."""
    return _row(name, status, message, cause, code=code, docs=REDIRECT_DOCS)


# Any operation of the API.
UNAUTHORIZED = _row(
    "unauthorized", 401, "An access token is needed: Authorization: Bearer <token>.", "A request without access token."
)
TOKEN_INVALID = _row(
    "token_invalid",
    401,
    "The access token is unknown or was revoked.",
    "A token that was never issued, was revoked or was forgotten by a reset.",
    code="unauthorized",
)
TOKEN_EXPIRED = _row(
    "token_expired", 401, "The access token has expired.", "A token older than an hour.", code="unauthorized"
)
CLIENT_REFUSED = _row(
    "client_refused",
    401,
    "The client id and secret are not those of an integration.",
    "Managing webhooks with a wrong client secret.",
    code="unauthorized",
)
SUSPENDED = _row(
    "suspended",
    401,
    "This integration is suspended.",
    "Any request while `suspended` is set under `/_mock/accounts`.",
    code="unauthorized",
)
INSUFFICIENT_SCOPE = _row(
    "insufficient_scope", 403, "The access token lacks the scope {scope}.", "A scope that the creator did not grant."
)
NOT_FOUND = _row("not_found", 404, "There is no {method} {path}.", "A path that the API does not have.")
METHOD_NOT_ALLOWED = _row("method_not_allowed", 405, "{path} takes no {method}.", "A method that the path lacks.")
TOO_LARGE = _row("payload_too_large", 413, "The body is larger than 1 MiB.", "A body of more than 1 MiB.")
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_media_type",
    415,
    "The API takes application/json, and OAuth takes forms.",
    "A body with a content type other than JSON; in OAuth, other than a form.",
)
MALFORMED = _row("invalid_request", 400, "The body cannot be read as JSON.", "A body that is not JSON.")
INVALID_QUERY = _row(
    "invalid_query", 400, "The query has {count}.", "An invalid parameter; `details` names it.", code="invalid_request"
)
VALIDATION_FAILED = _row("validation_failed", 422, "The body has {count}.", "An invalid field; `details` names it.")
RATE_LIMITED = _row("rate_limited", 429, "Too many requests: wait {seconds} s.", "The hour's requests are used up.")
CRASHED = _row("internal_error", 500, "Something went wrong.", "A fault, or a mistake of the sandbox.")
UNAVAILABLE = _row("unavailable", 503, "Sparked is not available now.", "A fault.")

# Some operations of the API.
CREATOR_NOT_FOUND = _row(
    "creator_not_found",
    404,
    "No creator {id} has authorized this access token.",
    "A creator that does not exist or did not grant this token.",
    code="not_found",
)
WEBHOOK_NOT_FOUND = _row(
    "webhook_not_found", 404, "There is no webhook {id}.", "An unknown webhook id.", code="not_found"
)
SLOT_TAKEN = _row(
    "slot_taken",
    409,
    "{platform} has a slot at {time} already: {id}.",
    "A second slot on one platform in the same minute.",
    code="conflict",
)
PLAN_FULL = _row(
    "plan_full",
    409,
    "The plan holds {most} upcoming slots already.",
    "More than 1,000 upcoming slots.",
    code="conflict",
)
TOO_MANY_WEBHOOKS = _row(
    "too_many_webhooks", 409, "This integration has {most} webhooks already.", "A 101st webhook.", code="conflict"
)
REDIRECT_UNREGISTERED = _row(
    "redirect_unregistered",
    422,
    "{uri} is no redirect URI of this integration; the simulation `client` registers it.",
    "Simulating a consent with an unregistered redirect URI.",
    code="validation_failed",
)

# The token endpoint, as RFC 6749 names them.
OAUTH_INVALID_REQUEST = _token(
    "oauth_invalid_request",
    "{problem}",
    "A parameter that is missing, repeated or unreadable, or a client named twice.",
    code="invalid_request",
)
INVALID_CLIENT = _token(
    "invalid_client",
    "The client id and secret are not those of an integration.",
    "A client id that does not begin with `mock-`, or a wrong secret.",
    status=401,
)
INVALID_GRANT = _token(
    "invalid_grant",
    "{problem}",
    "A code or refresh token that is unknown, expired, used or revoked; a wrong redirect URI or code verifier.",
)
UNAUTHORIZED_CLIENT = _token(
    "unauthorized_client",
    "This integration is suspended.",
    "Any request while `suspended` is set under `/_mock/accounts`.",
)
UNSUPPORTED_GRANT_TYPE = _token(
    "unsupported_grant_type", "The grant type must be authorization_code or refresh_token.", "Another grant type."
)
INVALID_SCOPE = _token(
    "invalid_scope",
    "The scope goes beyond what the creator granted: {scope}.",
    "Refreshing with a scope that was not granted.",
)

# Pages for the person at the browser.
UNKNOWN_CLIENT_PAGE = _row(
    "unknown_client_page",
    400,
    "No app is known by the client id that this link names.",
    "Authorizing a client id that is missing or does not begin with `mock-`.",
    code="invalid_client",
)
REDIRECT_PAGE = _row(
    "redirect_page",
    400,
    "This link would lead back to an address that the app has not registered.",
    "Authorizing with a redirect URI that is missing or not registered.",
    code="redirect_uri_mismatch",
)
EXPIRED_PAGE = _row(
    "expired_page",
    400,
    "This page has been open for too long. Go back to the app and start again.",
    "Submitting a consent page that is older than ten minutes or was tampered with.",
    code="request_expired",
)
FORM_PAGE = _row(
    "form_page",
    400,
    "The form was sent without a decision, or for a creator that does not exist.",
    "Submitting a form that the consent page would not send.",
    code="invalid_form",
)
FOREIGN_PAGE = _row(
    "foreign_page",
    403,
    "This decision was sent by another website, so it does not count.",
    "Submitting a consent from another site's page (`Origin`).",
    code="foreign_origin",
)
KIT_PAGE = _row(
    "kit_page",
    404,
    "There is no media kit at this address, or no more.",
    "An unknown media kit page, or one from before a reset.",
    code="not_found",
)

# Authorization errors that go back to the partner.
AUTHORIZE_INVALID_REQUEST = _redirect(
    "authorize_invalid_request",
    "{problem}",
    "Authorizing with a repeated parameter, or with a code challenge that is not S256.",
    code="invalid_request",
)
AUTHORIZE_UNAUTHORIZED_CLIENT = _redirect(
    "authorize_unauthorized_client",
    "This integration is suspended.",
    "Authorizing while the account is suspended.",
    code="unauthorized_client",
)
UNSUPPORTED_RESPONSE_TYPE = _redirect(
    "unsupported_response_type", "The response type must be code.", "Authorizing with another response type."
)
AUTHORIZE_INVALID_SCOPE = _redirect(
    "authorize_invalid_scope", "{problem}", "Authorizing without a scope, or with an unknown one.", code="invalid_scope"
)
ACCESS_DENIED = _redirect(
    "access_denied",
    "The creator denied the request.",
    "Denying on the consent page, or approving with every scope unticked.",
    status=303,
)
