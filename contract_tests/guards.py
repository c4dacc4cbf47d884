"""What the services' guards have in common: reading a request before it goes out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import orjson

from contract_tests.wire import Call, Forbidden


def read_json(call: Call, unreadable: bytes = b"") -> Any:
    """Return the JSON of a request; a body that is no JSON must have none of the bytes in ``unreadable``."""
    try:
        return orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError:
        if any(byte in unreadable for byte in call.body):
            raise Forbidden("a body that cannot be read may hold no recipient") from None
        return {}


def read_fields(call: Call, unreadable: bytes = b"") -> dict[str, Any]:
    """Return the same if it is an object, else an empty one."""
    fields = read_json(call, unreadable)
    return fields if isinstance(fields, dict) else {}


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every field, however deep; a list of plain values counts as a field with each of them."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for name, inner in item.items():
                yield from ((name, each) for each in (inner if isinstance(inner, list) else [inner]))
                yield from fields_of(inner)


def check_webhook_target(url: object) -> None:
    """Raise :class:`Forbidden` for a webhook that leads elsewhere than to the environment's target."""
    if isinstance(url, str) and "//" in url and url.partition("?")[0] != os.environ.get("CONTRACT_WEBHOOK_TARGET"):
        raise Forbidden(f"{url} is not the target for webhooks")
