"""Reading requests: a body is a form or JSON, whatever its media type says; an empty query parameter is none."""

from __future__ import annotations

from typing import Any

from sparkbox.core.request.http import Request

from . import multipart
from .multipart import FORM, Part


def decode_body(request: Request) -> Any:
    """Return the fields of a form, or the body as it is, to be read as JSON."""
    if request.content_type != FORM:
        return request.body
    fields: dict[str, list[Part]] = {}
    for part in multipart.parse(request.body, request.header(b"content-type") or ""):
        fields.setdefault(part.field, []).append(part)
    return fields


def decode_query(request: Request) -> Any:
    """Return the parameters that are not empty."""
    return {name: value for name, value in request.query_dict().items() if value != ""}
