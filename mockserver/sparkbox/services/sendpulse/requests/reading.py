"""Reading requests: every operation takes every way of writing one, and bodies on ``GET`` and ``DELETE``."""

from __future__ import annotations

from typing import Any, Literal

from sparkbox.core.declare.schema import Invalid, Problem
from sparkbox.core.request.http import Request
from sparkbox.core.state.steps import Steps

from . import decoding
from .decoding import Undecodable


def decode_body(request: Request) -> Any:
    """Return the fields of the body, over those of the query; an empty list, PHP's empty array, is ``{}``."""
    try:
        body = decoding.decode_body(request.body, request.header(b"content-type") or "")
    except Undecodable as error:
        raise _unreadable("body", error) from None
    return _with_query(request, body)


def decode_large(request: Request) -> Steps[Any]:
    """Do the same as :func:`decode_body` in steps."""
    try:
        body = yield from decoding.decode_large(request.body, request.header(b"content-type") or "")
    except Undecodable as error:
        raise _unreadable("body", error) from None
    return _with_query(request, body)


def decode_query(request: Request) -> Any:
    """Return the parameters of the query, over those of the body: some clients send a ``GET``'s parameters as JSON.

    A parameter without value counts as absent.
    """
    query = _query(request) if request.query else {}
    if request.body:
        try:
            body = decoding.decode_body(request.body, request.header(b"content-type") or "")
        except Undecodable as error:
            raise _unreadable("body", error) from None
        if isinstance(body, dict):
            query = {**body, **query}
    return {name: value for name, value in query.items() if value not in ("", None)}


def _with_query(request: Request, body: Any) -> Any:
    if not body:
        body = {}
    if request.query and isinstance(body, dict):
        return {**_query(request), **body}
    return body


def _query(request: Request) -> dict[str, object]:
    try:
        return decoding.decode_query(request.query)
    except Undecodable as error:
        raise _unreadable("query", error) from None


def _unreadable(where: Literal["body", "query"], error: Undecodable) -> Invalid:
    return Invalid([Problem(where, (), "json_invalid", str(error))])
