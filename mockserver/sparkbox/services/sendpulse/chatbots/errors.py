"""Errors of the chatbots: ``{"message", "errors": {<field>: [<text>]}}``, as Laravel writes them.

Recorded is one of them, with the field ``contact_id`` and without its status; others test for 422. What is said of each
field is assumed: https://github.com/Sudo-psc/svlentes-hero-shop/blob/main/SENDPULSE_INTEGRATION_NOTES.md
"""

from __future__ import annotations

from sparkbox.core.declare.errors import Error, ErrorTable

from ..errors import ERRORS as SERVICE_ERRORS

MESSAGE = "The given data was invalid."

ERRORS = ErrorTable("sendpulse", docs="https://sendpulse.com/integrations/api/chatbot", part_of=SERVICE_ERRORS)


def _unknown(name: str, field: str, cause: str) -> Error:
    """Declare the error about a ``field`` that names nothing."""
    texts = [f"The selected {field.replace('_', ' ')} is invalid."]
    return ERRORS.row(name, 422, MESSAGE, cause=cause, evidence="assumed", extra={"errors": {field: texts}})


NOT_FOUND = ERRORS.row(
    "chat_not_found", 404, "The requested resource was not found", cause="A path that is unknown.", evidence="observed"
)
INVALID = ERRORS.row(
    "chat_invalid",
    422,
    MESSAGE,
    cause="A field left out, or of the wrong type.",
    evidence="observed",
    extra={"errors": {}},
)
BOT_NOT_FOUND = _unknown("chat_bot_not_found", "bot_id", "A bot that the messenger does not have.")
CONTACT_NOT_FOUND = _unknown("chat_contact_not_found", "contact_id", "A contact that the messenger does not have.")
