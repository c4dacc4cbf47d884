"""The ``X-MSYS-API`` header: what a mail by SMTP asks for beside its contents.

https://developers.sparkpost.com/api/smtp/#header-using-the-x-msys-api-custom-header. Quirks: folded lines are joined
with one space, inside of strings too; texts may be encoded as RFC 2047 has it, each by itself or the header as a whole.

assumed: the wording for all but ``metadata``, ``campaign_id`` and what is no JSON; that nulls count as absent.
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
    """Somebody in ``cc``, ``bcc`` or ``archive``."""

    email: str
    name: str = ""


class Asked(NamedTuple):
    """What the header asks for; ``options`` and the rest have the types that they must have."""

    campaign_id: str = ""
    metadata: Mapping[str, Any] = MappingProxyType({})
    tags: tuple[str, ...] = ()
    cc: tuple[Copy, ...] = ()
    bcc: tuple[Copy, ...] = ()
    archive: tuple[Copy, ...] = ()
    options: Mapping[str, Any] = MappingProxyType({})


def find(fields: Fields) -> Asked | None:
    """What the first such header among ``fields`` asks for; ``None`` if there is none."""
    value = next((value for name, value in fields if name.lower() == NAME.lower()), None)
    return None if value is None else read(value)


def without(head: bytes) -> bytes:
    """A mail's headers without this one, which no recipient sees."""
    return _HEADER.sub(b"", head)


def read(value: str) -> Asked:
    """The header's value, as it stands in the mail; raises :class:`Rejected` for what makes no sense."""
    given = _known(_object(value), _FIELDS)
    options = _known(given.get("options", {}), _OPTIONS)
    asked = Asked(
        given.get("campaign_id", ""),
        given.get("metadata", {}),
        tuple(_tags(given.get("tags", []))),
        tuple(_copies(given.get("cc", []), "cc")),
        tuple(_copies(given.get("bcc", []), "bcc")),
        tuple(_copies(given.get("archive", []), "archive")),
        options,
    )
    _check_sizes(asked)
    return asked


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
    """All texts in a JSON value with their encoded words read."""
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
    """The fields that mean something, each of the type that it must have."""
    known = {name: given[name] for name in types if given.get(name) is not None}
    for name, value in known.items():
        if not isinstance(value, types[name]):
            raise _mistyped(name, _TYPES[types[name]])
    return known


def _check_sizes(asked: Asked) -> None:
    if len(asked.campaign_id.encode("utf-8", "replace")) > MOST_CAMPAIGN_ID:
        raise Rejected(f"550 5.6.0 smtpapi_campaign_id context is limited to {MOST_CAMPAIGN_ID} bytes")
    try:
        size = len(pack(asked.metadata, "metadata"))
    except ApiError as api_error:
        raise Rejected(f"550 5.6.0 {NAME} {api_error.description}") from None
    if size > MOST_METADATA:
        raise Rejected(f"550 5.6.0 smtpapi_metadata context is limited to {MOST_METADATA} bytes")
    if len(asked.cc) + len(asked.bcc) + len(asked.archive) > MOST_COPIES:
        raise Rejected(f"550 5.6.0 {NAME} 'cc', 'bcc' and 'archive' are limited to {MOST_COPIES} recipients")


def _tags(given: list[Any]) -> Iterator[str]:
    for tag in given:
        if not isinstance(tag, str):
            raise _mistyped("tags", "json array of strings")
    # What is over the limit is ignored, as in transmissions.
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
