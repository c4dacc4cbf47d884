"""Whom engageSPARK may be asked to send to: nobody but the one number that the environment allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from contract_tests.engagespark.target import allowed_recipient
from contract_tests.wire import Call, Forbidden

_SENDING = frozenset(
    {
        "send_sms_to_contact",
        "send_sms_to_number",
        "send_whatsapp",
        "send_topup",
        "send_older_sms",
        "send_older_topup",
        "subscribe",
        "subscribe_contacts",
    }
)
_NAMING = frozenset({"to", "fullphonenumber", "phonenumber", "mobile_numbers"})
_BY_ID = frozenset({"contactid", "contact_ids", "contacts", "id"})
_SHORTEST = 10
"""Digits; what has fewer with its country is nobody's mobile number."""


def check(call: Call) -> None:
    """Raises :class:`Forbidden` for what would reach anybody else, or nobody knows whom."""
    if call.operation.id not in _SENDING:
        return
    fields = list(_fields(_read(call)))
    if call.operation.id == "send_topup" and ("test", True) in fields:
        return
    allowed = allowed_recipient()
    for name, value in fields:
        if name in _BY_ID and value:
            raise Forbidden(f"nobody knows whose number the contact {value} has")
        digits = "".join(filter(str.isdigit, str(value)))
        if name in _NAMING and len(digits) >= _SHORTEST and digits != allowed:
            raise Forbidden(f"{value} is not the number that may be sent to")


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field with its name in lower case, however deep, lists item by item."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for name, inner in item.items():
                for each in inner if isinstance(inner, list) else [inner]:
                    yield name.lower(), each
                yield from _fields(inner)


def _read(call: Call) -> Any:
    try:
        return orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError:
        if any(byte in b"0123456789" for byte in call.body):
            raise Forbidden("what is no JSON may hold no number") from None
        return {}
