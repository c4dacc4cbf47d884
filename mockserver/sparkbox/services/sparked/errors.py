"""Sparked's errors. The public page (https://sparked.com/integration) names none, so all of them are assumed.

The API, the token endpoint and the pages that people see show errors in a shape of their own: see the envelopes.
"""

from __future__ import annotations

import re

from sparkbox.core.declare.errors import Error, ErrorTable

DOCS = "https://sparked.com/integration"
TOKEN_DOCS = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"
REDIRECT_DOCS = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1"

ERRORS = ErrorTable("sparked", docs=DOCS)


def plain(text: str) -> str:
    """Return a text with only the characters that RFC 6749 and 6750 take in descriptions."""
    return re.sub(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]", "'", text)


def _row(name: str, status: int, message: str, cause: str, *, code: str = "", docs: str = DOCS) -> Error:
    """Declare an error; ``cause`` says how a request brings it about. The code is the name unless it is given."""
    return ERRORS.row(name, status, message, code=code or name, cause=cause, docs=docs, evidence="assumed")


def _unauthorized(name: str, message: str, cause: str) -> Error:
    return _row(name, 401, message, cause, code="unauthorized")


def _missing(name: str, message: str, cause: str) -> Error:
    return _row(name, 404, message, cause, code="not_found")


def _conflict(name: str, message: str, cause: str) -> Error:
    return _row(name, 409, message, cause, code="conflict")


def _token(name: str, status: int, code: str, message: str, cause: str) -> Error:
    """Declare an error of the token endpoint."""
    return _row(name, status, message, cause, code=code, docs=TOKEN_DOCS)


def _page(name: str, status: int, code: str, message: str, cause: str) -> Error:
    """Declare an error that the person at the browser sees."""
    return _row(name, status, message, cause, code=code)


def _redirect(name: str, status: int, code: str, message: str, cause: str) -> Error:
    """Declare an error that the browser takes back to the partner."""
    return _row(name, status, message, cause, code=code, docs=REDIRECT_DOCS)


# Any operation of the API.
UNAUTHORIZED = _unauthorized("unauthorized", "An access token is needed: Authorization: Bearer <token>.", "No token.")
TOKEN_INVALID = _unauthorized(
    "token_invalid",
    "The access token is unknown or was revoked.",
    "A token that was revoked, forgotten by a reset or never issued.",
)
TOKEN_EXPIRED = _unauthorized("token_expired", "The access token has expired.", "A token older than an hour.")
CLIENT_REFUSED = _unauthorized(
    "client_refused", "The client id and secret are not those of an integration.", "A wrong secret for webhooks."
)
SUSPENDED = _unauthorized(
    "suspended", "This integration is suspended.", "The account is `suspended` under `/_mock/accounts`."
)
INSUFFICIENT_SCOPE = _row(
    "insufficient_scope", 403, "The access token lacks the scope {scope}.", "A scope that the creator did not grant."
)
NOT_FOUND = _missing("not_found", "There is no {method} {path}.", "A path that the API does not have.")
METHOD_NOT_ALLOWED = _row("method_not_allowed", 405, "{path} takes no {method}.", "A method that the path lacks.")
TOO_LARGE = _row("payload_too_large", 413, "The body is larger than 1 MiB.", "A body of more than 1 MiB.")
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_media_type", 415, "The API takes application/json, and OAuth takes forms.", "Another content type."
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
CREATOR_NOT_FOUND = _missing(
    "creator_not_found",
    "No creator {id} has authorized this access token.",
    "A creator that does not exist or did not grant the token.",
)
WEBHOOK_NOT_FOUND = _missing("webhook_not_found", "There is no webhook {id}.", "An unknown webhook id.")
SLOT_TAKEN = _conflict(
    "slot_taken", "{platform} has a slot at {time} already: {id}.", "A second slot on one platform in the same minute."
)
PLAN_FULL = _conflict("plan_full", "The plan holds {most} upcoming slots already.", "More than 1,000 upcoming slots.")
TOO_MANY_WEBHOOKS = _conflict("too_many_webhooks", "This integration has {most} webhooks already.", "A 101st webhook.")
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
    400,
    "invalid_request",
    "{problem}",
    "A missing or repeated parameter; a client named twice.",
)
INVALID_CLIENT = _token(
    "invalid_client",
    401,
    "invalid_client",
    "The client id and secret are not those of an integration.",
    "A client id that does not begin with `mock-`, or a wrong secret.",
)
INVALID_GRANT = _token(
    "invalid_grant", 400, "invalid_grant", "{problem}", "An unknown or used code or refresh token; a wrong verifier."
)
UNAUTHORIZED_CLIENT = _token(
    "unauthorized_client",
    400,
    "unauthorized_client",
    "This integration is suspended.",
    "The account is `suspended` under `/_mock/accounts`.",
)
UNSUPPORTED_GRANT_TYPE = _token(
    "unsupported_grant_type",
    400,
    "unsupported_grant_type",
    "The grant type must be authorization_code or refresh_token.",
    "Another grant type.",
)
INVALID_SCOPE = _token(
    "invalid_scope",
    400,
    "invalid_scope",
    "The scope goes beyond what the creator granted: {scope}.",
    "Refreshing with a scope that was not granted.",
)

# Pages for the person at the browser.
UNKNOWN_CLIENT_PAGE = _page(
    "unknown_client_page",
    400,
    "invalid_client",
    "No app is known by the client id that this link names.",
    "A client id that is missing or does not begin with `mock-`.",
)
REDIRECT_PAGE = _page(
    "redirect_page",
    400,
    "redirect_uri_mismatch",
    "This link would lead back to an address that the app has not registered.",
    "A redirect URI that is missing or not registered.",
)
EXPIRED_PAGE = _page(
    "expired_page",
    400,
    "request_expired",
    "This page has been open for too long. Go back to the app and start again.",
    "A consent page that is older than ten minutes or was tampered with.",
)
FORM_PAGE = _page(
    "form_page",
    400,
    "invalid_form",
    "The form was sent without a decision, or for a creator that does not exist.",
    "A form that the consent page would not send.",
)
FOREIGN_PAGE = _page(
    "foreign_page",
    403,
    "foreign_origin",
    "This decision was sent by another website, so it does not count.",
    "A consent sent from another site's page (`Origin`).",
)
KIT_PAGE = _page(
    "kit_page", 404, "not_found", "There is no media kit at this address, or no more.", "An unknown media kit page."
)

# Authorization errors that go back to the partner.
AUTHORIZE_INVALID_REQUEST = _redirect(
    "authorize_invalid_request", 302, "invalid_request", "{problem}", "A repeated parameter; a challenge without S256."
)
AUTHORIZE_UNAUTHORIZED_CLIENT = _redirect(
    "authorize_unauthorized_client",
    302,
    "unauthorized_client",
    "This integration is suspended.",
    "The account is `suspended` under `/_mock/accounts`.",
)
UNSUPPORTED_RESPONSE_TYPE = _redirect(
    "unsupported_response_type",
    302,
    "unsupported_response_type",
    "The response type must be code.",
    "Another response type.",
)
AUTHORIZE_INVALID_SCOPE = _redirect(
    "authorize_invalid_scope", 302, "invalid_scope", "{problem}", "No scope, or an unknown one."
)
ACCESS_DENIED = _redirect(
    "access_denied", 303, "access_denied", "The creator denied the request.", "Denying, or approving no scope."
)
