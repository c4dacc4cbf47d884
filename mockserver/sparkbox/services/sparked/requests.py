"""Decode requests: JSON in the API, forms in OAuth, where no parameter may be repeated (RFC 6749, section 3.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from sparkbox.core.declare.schema import Invalid, Problem, unreadable
from sparkbox.core.request.http import Request

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200

Fields = dict[str, str | list[str]]


def in_oauth(request: Request) -> bool:
    """Return whether a request belongs to OAuth."""
    return request.path.startswith("/oauth/")


def decode_body(request: Request) -> Any:
    """Return JSON as received, or a form as a dictionary."""
    if not in_oauth(request):
        return request.body
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise unreadable("the form is no UTF-8") from None
    return _fields(text, "body")


def decode_query(request: Request) -> Any:
    """Return the query's parameters; in OAuth, with all values of a repeated one."""
    return _fields(request.query.decode("utf-8", "replace"), "query") if in_oauth(request) else request.query_dict()


def client_of(request: Request) -> tuple[str, str] | None:
    """Return client id and secret from ``Authorization: Basic``, decoded as in RFC 6749, section 2.3.1."""
    pair = request.basic_credentials()
    return None if pair is None else (unquote_plus(pair[0]), unquote_plus(pair[1]))


def _fields(text: str, where: Any) -> Fields:
    """Return parameters; those without a value are dropped, those that are repeated become lists."""
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid([Problem(where, (), "too_long", f"more than {MOST_FIELDS} parameters")]) from None
    fields: Fields = {}
    for name, value in pairs:
        known = fields.get(name)
        if known is None:
            fields[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[name] = [known, value]
    return fields
