"""Request bodies: JSON for the API, forms for the share pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from sparkbox.core.declare.schema import unreadable
from sparkbox.core.request.http import Request

JSON = ("application/json", "")
"""Content types that the API takes; a body without one is read as JSON."""
FORM = "application/x-www-form-urlencoded"
MOST_FORM_FIELDS = 100


def decode_body(request: Request) -> Any:
    """Return JSON as received, or a form's fields; of a repeated field the last counts."""
    if request.content_type != FORM:
        return request.body
    try:
        return dict(parse_qsl(request.body.decode("utf-8", "replace"), max_num_fields=MOST_FORM_FIELDS))
    except ValueError:
        raise unreadable(f"more than {MOST_FORM_FIELDS} fields") from None
