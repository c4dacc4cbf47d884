"""The ``X-MSYS-API`` header: the parameters of a mail by SMTP.

https://developers.sparkpost.com/api/smtp/#header-using-the-x-msys-api-custom-header. Quirks: folded lines are joined
with one space, also inside strings; texts may be encoded as in RFC 2047, each by itself or the header as a whole.

assumed: all messages except those for ``metadata``, ``campaign_id`` and invalid JSON; that nulls count as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.relay import Rejected, one_line
from sparkbox.mail.addresses import is_address
from sparkbox.mail.headers import Fields, decoded

from ..envelope import json_type
from ..fields import pack
from ..recipient_lists.recipients import MOST_METADATA, MOST_TAGS

NAME = "X-MSYS-API"
MOST_CAMPAIGN_ID = 64
MOST_COPIES = 1000
"""Recipients in ``cc``, ``bcc`` and ``archive`` together."""

NO_JSON = f"550 5.6.0 JSON parsing error in {NAME}"

_FIELDS: dict[str, type] = {
    "campaign_id": str, "metadata": dict, "tags": list, "cc": list, "bcc": list, "archive": list, "options": dict,
}  # fmt: skip
_OPTIONS: dict[str, type] = {
    "open_tracking": bool, "click_tracking": bool, "transactional": bool, "skip_suppression": bool, "ip_pool": str,
    "inline_css": bool, "dkim_key": str,
}  # fmt: skip
_TYPES = {str: "string", dict: "json object", list: "json array", bool: "boolean"}

_HEADER = re.compile(rb"^x-msys-api[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n?", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]+")


class Copy(NamedTuple):
    """A recipient in ``cc``, ``bcc`` or ``archive``."""

    email: str
    name: str = ""


class Parameters(NamedTuple):
    """The header's fields, each value of the right type."""

    campaign_id: str = ""
    metadata: Mapping[str, Any] = MappingProxyType({})
    tags: tuple[str, ...] = ()
    cc: tuple[Copy, ...] = ()
    bcc: tuple[Copy, ...] = ()
    archive: tuple[Copy, ...] = ()
    options: Mapping[str, Any] = MappingProxyType({})


def find(fields: Fields) -> Parameters | None:
    """Read the first such header among ``fields``; ``None`` without one."""
    value = next((value for name, value in fields if name.lower() == NAME.lower()), None)
    return None if value is None else read(value)


def without(head: bytes) -> bytes:
    """Return a mail's headers without this one, which no recipient sees."""
    return _HEADER.sub(b"", head)


def read(value: str) -> Parameters:
    """Read the header's value, as it is written in the mail; raise :class:`Rejected` for an invalid one."""
    given = _known(_object(value), _FIELDS)
    options = _known(given.get("options", {}), _OPTIONS)
    parameters = Parameters(
        given.get("campaign_id", ""),
        given.get("metadata", {}),
        tuple(_tags(given.get("tags", []))),
        tuple(_copies(given.get("cc", []), "cc")),
        tuple(_copies(given.get("bcc", []), "bcc")),
        tuple(_copies(given.get("archive", []), "archive")),
        options,
    )
    _check_sizes(parameters)
    return parameters


def _object(value: str) -> dict[str, Any]:
    try:
        text = _FOLD.sub(" ", value).strip().encode("ascii", "surrogateescape").decode()
        found = _json(text)
        if found is None and "=?" in text:
            found = _json(decoded(text))
    except UnicodeError:
        found = None
    if not isinstance(found, dict):
        raise Rejected(NO_JSON)
    plain: dict[str, Any] = _decode(found) if "=?" in text else found
    return plain


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _decode(value: Any) -> Any:
    """Decode the encoded words in all texts of a JSON value."""
    match value:
        case str():
            return decoded(value) if "=?" in value else value
        case list():
            return [_decode(each) for each in value]
        case dict():
            return {name: _decode(each) for name, each in value.items()}
        case _:
            return value


def _known(given: dict[str, Any], types: dict[str, type]) -> dict[str, Any]:
    """Return the known fields; reject a value of the wrong type."""
    known = {name: given[name] for name in types if given.get(name) is not None}
    for name, value in known.items():
        if not isinstance(value, types[name]):
            raise _mistyped(name, _TYPES[types[name]])
    return known


def _check_sizes(parameters: Parameters) -> None:
    if len(parameters.campaign_id.encode("utf-8", "replace")) > MOST_CAMPAIGN_ID:
        raise Rejected(f"550 5.6.0 smtpapi_campaign_id context is limited to {MOST_CAMPAIGN_ID} bytes")
    try:
        size = len(pack(parameters.metadata, "metadata"))
    except ApiError as api_error:
        raise Rejected(f"550 5.6.0 {NAME} {api_error.description}") from None
    if size > MOST_METADATA:
        raise Rejected(f"550 5.6.0 smtpapi_metadata context is limited to {MOST_METADATA} bytes")
    if len(parameters.cc) + len(parameters.bcc) + len(parameters.archive) > MOST_COPIES:
        raise Rejected(f"550 5.6.0 {NAME} 'cc', 'bcc' and 'archive' are limited to {MOST_COPIES} recipients")


def _tags(given: list[Any]) -> Iterator[str]:
    for tag in given:
        if not isinstance(tag, str):
            raise _mistyped("tags", "json array of strings")
    # Tags over the limit are ignored, as in transmissions.
    yield from given[:MOST_TAGS]


def _copies(given: list[Any], field: str) -> Iterator[Copy]:
    for row in given:
        email, name = (row.get("email"), row.get("name")) if isinstance(row, dict) else (row, None)
        if not isinstance(email, str) or not is_address(email):
            shown = one_line(email if isinstance(email, str) else json_type(email))
            raise Rejected(f"550 5.6.0 {NAME} '{field}' has an invalid recipient: {shown}")
        yield Copy(email, name if isinstance(name, str) else "")


def _mistyped(name: str, wanted: str) -> Rejected:
    return Rejected(f"550 5.6.0 {NAME} '{name}' must be of type '{wanted}'")
