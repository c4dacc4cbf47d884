"""Let engageSPARK send to nobody but the one number that the environment allows."""

from __future__ import annotations

from contract_tests.engagespark.target import allowed_recipient
from contract_tests.guards import fields_of, read_json
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
    """Raise :class:`Forbidden` for what would reach anybody else, or nobody knows whom."""
    if call.operation_id not in _SENDING:
        return
    fields = [(name.lower(), value) for name, value in fields_of(read_json(call, unreadable=b"0123456789"))]
    if call.operation_id == "send_topup" and ("test", True) in fields:
        return
    allowed = allowed_recipient()
    for name, value in fields:
        if name in _BY_ID and value:
            raise Forbidden(f"nobody knows whose number the contact {value} has")
        digits = "".join(filter(str.isdigit, str(value)))
        if name in _NAMING and len(digits) >= _SHORTEST and digits != allowed:
            raise Forbidden(f"{value} is not the number that may be sent to")
