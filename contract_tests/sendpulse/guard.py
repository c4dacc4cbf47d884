"""Guard the real SendPulse: mail goes only to the addresses that the environment allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.guards import check_webhook_target
from contract_tests.targets import allowed_recipients
from contract_tests.wire import Call, Forbidden
from sparkbox.services.sendpulse.requests.decoding import Undecodable, decode_body, unpack


def check(call: Call) -> None:
    """Raise :class:`Forbidden` for what would mail anybody else."""
    match call.operation_id:
        case "send_email":
            _allow(_addresses(_recipients(call)))
        case "resubscribe_recipient" | "add_sender" | "add_domain":
            _allow(_addresses(_read(call).get("email")))
        case "add_emails":
            fields = _read(call)
            if fields.get("confirmation") is not None:
                _allow(_addresses(unpack(fields.get("emails"))))
        case "request_activation_code" | "verify_domain":
            _allow(_addresses(call.values["email"]))
        case "create_webhooks" | "update_webhook":
            check_webhook_target(_read(call).get("url"))


def _allow(addresses: Iterator[str]) -> None:
    allowed = allowed_recipients()
    for address in addresses:
        if address not in allowed:
            raise Forbidden(f"{address} is none of the addresses that may be sent to")


def _recipients(call: Call) -> list[Any]:
    email = unpack(_read(call).get("email"))
    if not isinstance(email, dict):
        return [email]
    return [unpack(email.get(field)) for field in ("to", "cc", "bcc")]


def _addresses(value: Any) -> Iterator[str]:
    """Every text with an ``@`` in it, however deep; what has none reaches nobody."""
    if isinstance(value, str) and "@" in value:
        yield value.strip().lower()
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _addresses(item)


def _read(call: Call) -> dict[str, Any]:
    try:
        fields = decode_body(call.body, call.content_type)
    except Undecodable:
        if b"@" in call.body:
            raise Forbidden("what cannot be read may hold no address") from None
        return {}
    return fields if isinstance(fields, dict) else {"email": fields}
