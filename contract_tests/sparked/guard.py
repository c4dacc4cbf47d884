"""The requests that may go to Sparked: drafts, webhooks to nowhere, and no decisions for a creator."""

from __future__ import annotations

import os
from typing import Any

from contract_tests.guards import read_fields
from contract_tests.targets import PREFIX
from contract_tests.wire import SAFE, Call, Forbidden

_HARMLESS = frozenset({"create_token", "test_webhook", "delete_webhook", "update_webhook"})
_NOWHERE = ".example.com/"
"""The host of the suite's webhooks, where nobody listens."""


def check(call: Call) -> None:
    """Raise :class:`Forbidden` for a request that publishes, posts to somebody else or decides for a creator."""
    if call.operation_id == "open_kit":
        raise Forbidden(f"{call.path} would count as a brand's visit")
    if call.method in SAFE:
        return
    fields = read_fields(call)
    url = fields.get("url")
    if url is not None and _NOWHERE not in str(url) and url != os.environ.get("CONTRACT_WEBHOOK_TARGET"):
        raise Forbidden(f"{url} may belong to somebody else")
    match call.operation_id:
        case "add_slots":
            slots = fields.get("slots", [fields])
            for slot in slots if isinstance(slots, list) else []:
                _check_slot(slot)
        case "generate_media_kit":
            if not str(fields.get("title", PREFIX)).startswith(PREFIX):
                raise Forbidden(f"the media kit {fields['title']!r} could be taken for one of the creator's")
        case "create_webhook":
            if url is not None and not str(fields.get("description", "")).startswith(PREFIX):
                raise Forbidden("a webhook without a name of the suite's would not be swept")
        case "revoke_token":
            if PREFIX.encode() not in call.body:
                raise Forbidden("this may end a creator's authorization")
        case id if id not in _HARMLESS:
            raise Forbidden(f"{id} is not for tests")


def _check_slot(slot: Any) -> None:
    """Refuse a valid slot that is not a draft with the suite's prefix."""
    if not isinstance(slot, dict) or not {"platform", "scheduled_at", "title"} <= set(slot):
        return
    if slot.get("status") != "draft" or not str(slot["title"]).startswith(PREFIX):
        raise Forbidden(f"{slot['title']!r} might be published")
