"""Sparked's errors.

The public page (https://sparked.com/integration) names none, so every row is inferred: three shapes, which the
:mod:`.envelope` writes. The API answers in one of its own, tokens as RFC 6749 says, and what goes wrong on the way to
a consent is a page for the person in front of it, or a redirect back to the partner (RFC 6749, section 4.1.2.1).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from sparkbox.core.declare.errors import Error, ErrorTable

Shape = Literal["api", "token", "page", "redirect"]

DOCS = "https://sparked.com/integration"
ERRORS = ErrorTable("sparked", docs=DOCS)


def shape_of(error: Error) -> Shape:
    """Which shape an error has on the wire."""
    shape: Shape = error.extra.get("shape", "api")
    return shape


def plain(text: str) -> str:
    """A text with the characters alone that RFC 6749 and 6750 take in descriptions."""
    return re.sub(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]", "'", text)


def _row(name: str, status: int, message: str, shape: Shape = "api", **more: Any) -> Error:
    more.setdefault("code", name)
    return ERRORS.row(name, status, message, evidence="assumed", extra={"shape": shape}, **more)


# What any operation of the API may answer.
UNAUTHORIZED = _row(
    "unauthorized", 401, "An access token is needed: Authorization: Bearer <token>.", cause="No access token."
)
TOKEN_INVALID = _row(
    "token_invalid", 401, "The access token is unknown or was revoked.", code="unauthorized",
    cause="A token that was never issued, was revoked, or was forgotten by a reset.",
)  # fmt: skip
TOKEN_EXPIRED = _row(
    "token_expired", 401, "The access token has expired.", code="unauthorized",
    cause="A token that is older than an hour on the account's clock.",
)  # fmt: skip
CLIENT_REFUSED = _row(
    "client_refused", 401, "The client id and secret are not those of an integration.", code="unauthorized",
    cause="Managing webhooks with a client secret that is wrong.",
)  # fmt: skip
SUSPENDED = _row(
    "suspended", 401, "This integration is suspended.", code="unauthorized",
    cause="The account's `suspended` switch under `/_mock/accounts`.",
)  # fmt: skip
INSUFFICIENT_SCOPE = _row(
    "insufficient_scope", 403, "The access token lacks the scope {scope}.",
    cause="A token whose creator did not grant the scope that the operation asks for.",
)  # fmt: skip
NOT_FOUND = _row("not_found", 404, "There is no {method} {path}.", cause="A path that the API does not have.")
METHOD_NOT_ALLOWED = _row(
    "method_not_allowed", 405, "{path} takes no {method}.", cause="A method that the path does not take."
)
TOO_LARGE = _row("payload_too_large", 413, "The body is larger than 1 MiB.", cause="A body of more than 1 MiB.")
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_media_type", 415, "The API takes application/json, and OAuth takes forms.",
    cause="A body announced as something else than JSON, or in OAuth than a form.",
)  # fmt: skip
MALFORMED = _row("invalid_request", 400, "The body cannot be read as JSON.", cause="A body that is no JSON.")
INVALID_QUERY = _row(
    "invalid_query", 400, "The query has {count}.", code="invalid_request",
    cause="A parameter that makes no sense; `details` names it.",
)  # fmt: skip
VALIDATION_FAILED = _row(
    "validation_failed", 422, "The body has {count}.", cause="A field that makes no sense; `details` names it."
)
RATE_LIMITED = _row(
    "rate_limited", 429, "Too many requests: wait {seconds} s.", cause="The hour's requests are used up."
)
CRASHED = _row("internal_error", 500, "Something went wrong.", cause="A fault, or a mistake of the sandbox.")
UNAVAILABLE = _row("unavailable", 503, "Sparked is not available now.", cause="A fault.")

# What is looked up, and what is refused.
CREATOR_NOT_FOUND = _row(
    "creator_not_found", 404, "No creator {id} has authorized this access token.", code="not_found",
    cause="A creator that does not exist, or is not the one whose token is used.",
)  # fmt: skip
WEBHOOK_NOT_FOUND = _row(
    "webhook_not_found", 404, "There is no webhook {id}.", code="not_found", cause="A webhook's id that is unknown."
)
SLOT_TAKEN = _row(
    "slot_taken", 409, "{platform} has a slot at {time} already: {id}.", code="conflict",
    cause="A second slot on the same platform in the same minute.",
)  # fmt: skip
PLAN_FULL = _row(
    "plan_full", 409, "The plan holds {most} upcoming slots already.", code="conflict",
    cause="More than 1,000 slots to come in one creator's plan.",
)  # fmt: skip
TOO_MANY_WEBHOOKS = _row(
    "too_many_webhooks", 409, "This integration has {most} webhooks already.", code="conflict",
    cause="More than 100 webhooks of one integration.",
)  # fmt: skip

REDIRECT_UNREGISTERED = _row(
    "redirect_unregistered", 422, "{uri} is no redirect URI of this integration; the simulation `client` registers it.",
    code="validation_failed", cause="Simulating a consent with a redirect URI that is not registered.",
)  # fmt: skip

# Tokens: https://www.rfc-editor.org/rfc/rfc6749#section-5.2.
_TOKENS = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2"
OAUTH_INVALID_REQUEST = _row(
    "oauth_invalid_request", 400, "{problem}", "token", code="invalid_request", docs=_TOKENS,
    cause="A parameter that is missing, given twice or unreadable; or two ways of naming the client at once.",
)  # fmt: skip
INVALID_CLIENT = _row(
    "invalid_client", 401, "The client id and secret are not those of an integration.", "token", docs=_TOKENS,
    cause="A client id that does not begin with `mock-`, or a secret that is not its own.",
)  # fmt: skip
INVALID_GRANT = _row(
    "invalid_grant", 400, "{problem}", "token", docs=_TOKENS,
    cause="A code or refresh token that is unknown, expired, used or revoked; another redirect URI or code verifier.",
)  # fmt: skip
UNAUTHORIZED_CLIENT = _row(
    "unauthorized_client", 400, "This integration is suspended.", "token", docs=_TOKENS,
    cause="The account's `suspended` switch under `/_mock/accounts`.",
)  # fmt: skip
UNSUPPORTED_GRANT_TYPE = _row(
    "unsupported_grant_type", 400, "The grant type must be authorization_code or refresh_token.", "token",
    docs=_TOKENS, cause="Another grant type.",
)  # fmt: skip
INVALID_SCOPE = _row(
    "invalid_scope", 400, "The scope goes beyond what the creator granted: {scope}.", "token", docs=_TOKENS,
    cause="Refreshing with a scope that was not granted.",
)  # fmt: skip

# On the way to a consent, for the person at the browser; never a redirect.
UNKNOWN_CLIENT_PAGE = _row(
    "unknown_client_page", 400, "No app is known by the client id that this link names.", "page",
    code="invalid_client", cause="Authorizing a client id that is missing or does not begin with `mock-`.",
)  # fmt: skip
REDIRECT_PAGE = _row(
    "redirect_page", 400, "This link would lead back to an address that the app has not registered.", "page",
    code="redirect_uri_mismatch", cause="Authorizing with a redirect URI that is missing or not registered.",
)  # fmt: skip
EXPIRED_PAGE = _row(
    "expired_page", 400, "This page has been open for too long. Go back to the app and start again.", "page",
    code="request_expired", cause="Deciding on a consent page that is older than ten minutes, or was tampered with.",
)  # fmt: skip
FORM_PAGE = _row(
    "form_page", 400, "The form was sent without a decision, or for a creator that does not exist.", "page",
    code="invalid_form", cause="A form that the consent page did not send.",
)  # fmt: skip
FOREIGN_PAGE = _row(
    "foreign_page", 403, "This decision was sent by another website, so it does not count.", "page",
    code="foreign_origin", cause="A consent form that another site's page sends (`Origin`).",
)  # fmt: skip
KIT_PAGE = _row(
    "kit_page", 404, "There is no media kit at this address, or no more.", "page", code="not_found",
    cause="A media kit's page that no answer has named, or from before a reset.",
)  # fmt: skip

# The same, told to the partner through the redirect: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1.
_REDIRECTS = "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1"
AUTHORIZE_INVALID_REQUEST = _row(
    "authorize_invalid_request", 302, "{problem}", "redirect", code="invalid_request", docs=_REDIRECTS,
    cause="Authorizing with a parameter given twice, or with a code challenge that is not S256.",
)  # fmt: skip
AUTHORIZE_UNAUTHORIZED_CLIENT = _row(
    "authorize_unauthorized_client", 302, "This integration is suspended.", "redirect", code="unauthorized_client",
    docs=_REDIRECTS, cause="Authorizing while the account is suspended.",
)  # fmt: skip
UNSUPPORTED_RESPONSE_TYPE = _row(
    "unsupported_response_type", 302, "The response type must be code.", "redirect", docs=_REDIRECTS,
    cause="Authorizing with another response type than `code`.",
)  # fmt: skip
AUTHORIZE_INVALID_SCOPE = _row(
    "authorize_invalid_scope", 302, "{problem}", "redirect", code="invalid_scope", docs=_REDIRECTS,
    cause="Authorizing without a scope, or with one that does not exist.",
)  # fmt: skip
ACCESS_DENIED = _row(
    "access_denied", 303, "The creator denied the request.", "redirect", docs=_REDIRECTS,
    cause="Denying on the consent page, or approving with every scope unticked.",
)  # fmt: skip
