"""Allows SparkPost to send to its own test recipients and to those in the environment only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from contract_tests.guards import check_webhook_target, read_fields
from contract_tests.targets import PREFIX, allowed_recipients
from contract_tests.wire import Call, Forbidden

SINK_DOMAIN = ".sink.sparkpostmail.com"
MAILED = ("abuse_at", "postmaster_at", "verification_mailbox")
"""How the fields begin that have a domain verified by a mail to it."""
POLLING_SECONDS = 120.0

_polls: list[float] = []


def check(call: Call) -> None:
    """Raise :class:`Forbidden` for other recipients, and for polling that the vendor forbids."""
    match call.operation_id:
        case "search_message_events":
            _check_polling()
        case "create_transmission":
            _check_recipients(call, lists=True)
        case "create_recipient_list" | "update_recipient_list":
            _check_recipients(call, lists=False)
        case "verify_sending_domain":
            if any(name.startswith(MAILED) and name.endswith("_verify") for name in _read(call)):
                raise Forbidden("the owner of a domain would get a mail")
        case "create_webhook" | "update_webhook":
            _check_targets(_read(call))


def _check_polling() -> None:
    now = time.monotonic()
    if _polls and now - _polls[-1] < POLLING_SECONDS:
        raise Forbidden("message events may be asked for once in two minutes")
    _polls.append(now)


def _check_recipients(call: Call, *, lists: bool) -> None:
    recipients = _read(call).get("recipients")
    if lists and isinstance(recipients, dict):
        list_id = str(recipients.get("list_id", ""))
        if list_id and not list_id.startswith(PREFIX):
            raise Forbidden(f"the list {list_id!r} is none of this suite's")
        return
    for address in _addresses(recipients):
        if not address.endswith(SINK_DOMAIN) and address not in allowed_recipients():
            raise Forbidden(f"{address} is no address for tests")


def _check_targets(hook: dict[str, Any]) -> None:
    details = hook.get("auth_request_details")
    check_webhook_target(hook.get("target"))
    check_webhook_target(details.get("url") if isinstance(details, dict) else None)


def _addresses(recipients: Any) -> Iterator[str]:
    """Return all texts that could be addresses; texts without ``@`` cannot."""
    for recipient in recipients if isinstance(recipients, list) else [recipients]:
        address = recipient.get("address", recipient) if isinstance(recipient, dict) else recipient
        email = address.get("email") if isinstance(address, dict) else address
        if isinstance(email, str) and "@" in email:
            yield email.strip().lower()


def _read(call: Call) -> dict[str, Any]:
    return read_fields(call, unreadable=b"@")
