"""Recipients, inline in a transmission or in a stored list. Each is accepted or rejected on its own.

https://developers.sparkpost.com/api/recipient-lists/#header-recipient-object
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired

import msgspec
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import RecipientType
from sparkbox.core.request.json import dumps
from sparkbox.core.request.large_json import loads_in_steps
from sparkbox.core.state.steps import Steps, chunks, freed
from sparkbox.mail.addresses import is_address

from .. import errors
from ..envelope import error_row, wrong_type
from ..fields import pack
from ..transmissions.addresses import is_list

A_STEP = 500
"""Recipients that are read, packed or unpacked in one step."""
MOST_TAGS = 10
MOST_METADATA = 10_000
MOST_SUBSTITUTION_DATA = 100_000


class Recipient(msgspec.Struct, frozen=True, gc=False):
    """A valid recipient."""

    email: str
    name: str = ""
    header_to: str = ""
    """The address in the ``To`` header, if it is not the recipient's, as in copies."""
    return_path: str = ""
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] | None = None
    substitution_data: dict[str, Any] | None = None
    rcpt_type: RecipientType | None = None
    """The kind of recipient, where the headers do not show it."""


class AddressFields(TypedDict):
    email: str
    name: NotRequired[str]
    header_to: NotRequired[str]


class RecipientFields(TypedDict):
    """A recipient as lists show it."""

    address: AddressFields
    return_path: NotRequired[str]
    tags: NotRequired[list[str]]
    metadata: NotRequired[dict[str, Any]]
    substitution_data: NotRequired[dict[str, Any]]


class ErrorFields(TypedDict):
    message: str
    description: NotRequired[str]
    code: NotRequired[str]


def sort_out(given: Sequence[Any]) -> Steps[tuple[list[Recipient], list[ErrorFields]]]:
    """Return the valid recipients, and the errors of the others."""
    accepted: list[Recipient] = []
    rejected: list[ErrorFields] = []
    for number, value in enumerate(given):
        if number % A_STEP == A_STEP - 1:
            yield
        try:
            accepted.append(_read(value, number))
        except ApiError as api_error:
            row: ErrorFields = error_row(api_error)  # type: ignore[assignment]
            rejected.append(row)
    return accepted, rejected


def show(recipient: Recipient) -> RecipientFields:
    """Return a recipient as lists show it, without empty fields."""
    address: AddressFields = {"email": recipient.email}
    if recipient.name:
        address["name"] = recipient.name
    if recipient.header_to:
        address["header_to"] = recipient.header_to
    fields: RecipientFields = {"address": address}
    if recipient.return_path:
        fields["return_path"] = recipient.return_path
    if recipient.tags:
        fields["tags"] = list(recipient.tags)
    if recipient.metadata is not None:
        fields["metadata"] = recipient.metadata
    if recipient.substitution_data is not None:
        fields["substitution_data"] = recipient.substitution_data
    return fields


def dump(recipients: Sequence[Recipient]) -> Steps[bytes]:
    """Pack recipients as JSON."""
    pieces = []
    for start, some in chunks(recipients, A_STEP):
        if start:
            yield
        pieces.append(dumps([show(recipient) for recipient in some])[1:-1])
    return b"[" + b",".join(pieces) + b"]"


def load(packed: bytes) -> Steps[list[Recipient]]:
    """Unpack the recipients from :func:`dump`."""
    found = []
    rows = yield from loads_in_steps(packed)
    for start, some in chunks(rows, A_STEP):
        if start:
            yield
        found += [
            Recipient(
                fields["address"]["email"],
                fields["address"].get("name", ""),
                fields["address"].get("header_to", ""),
                fields.get("return_path", ""),
                tuple(fields.get("tags", ())),
                fields.get("metadata"),
                fields.get("substitution_data"),
            )
            for fields in some
        ]
    yield from freed(rows)
    return found


def check_return_path(value: Any) -> str:
    """Check an address for the envelope's sender; return an empty text for null."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not is_address(value):
        raise errors.INVALID(description=f"return_path '{value}' is not a valid email address")
    return value


def _read(value: Any, number: int) -> Recipient:
    if not isinstance(value, dict):
        raise errors.INVALID(description=wrong_type(f"recipients[{number}]", value, "json_object"))
    address = value.get("address")
    if address.__class__ is dict:
        email = address.get("email")
        name, header_to = _text(address, "name"), _text(address, "header_to")
        where = "address.email"
    else:
        email, name, header_to, where = address, "", "", "address"
        if address is not None and not isinstance(address, str):
            raise errors.INVALID(description=f"address {_shown(address)} is not JSON")
    if email is None or email == "":
        raise errors.MISSING(description="address.email is required for each recipient")
    if not isinstance(email, str) or not is_address(email):
        raise errors.INVALID(description=f"invalid recipient {where}: {_shown(email)}")
    if len(value) == 1:
        return Recipient(email, name, header_to)
    return Recipient(
        email,
        name,
        header_to,
        check_return_path(value.get("return_path")),
        _tags(value.get("tags"), number),
        _data(value.get("metadata"), "metadata", MOST_METADATA),
        _data(value.get("substitution_data"), "substitution_data", MOST_SUBSTITUTION_DATA),
    )


def _text(address: dict[str, Any], field: str) -> str:
    value = address.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or "\n" in value or "\r" in value or "\0" in value:
        raise errors.INVALID(description=f"invalid recipient address.{field}: {_shown(value)}")
    if field == "header_to" and value and not is_list(value):
        raise errors.INVALID(description=f"invalid recipient address.header_to: {_shown(value)}")
    return value


def _tags(value: Any, number: int) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise errors.INVALID(description=wrong_type(f"recipients[{number}].tags", value, "json_array"))
    for position, tag in enumerate(value):
        if not isinstance(tag, str):
            raise errors.INVALID(description=wrong_type(f"recipients[{number}].tags[{position}]", tag, "string"))
    # The vendor ignores tags beyond the limit.
    return tuple(value[:MOST_TAGS])


def _data(value: Any, field: str, most: int) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise errors.INVALID(description=f"{field} : is not of type json_object")
    if len(pack(value, field)) > most:
        row = errors.METADATA_TOO_LARGE if field == "metadata" else errors.SUBSTITUTION_TOO_LARGE
        raise row(description=f"Recipient-level {field.replace('_', ' ')} must be less than {most} bytes")
    return value


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else pack(value, "address").decode()
    return text if len(text) <= 200 else text[:200] + "…"
