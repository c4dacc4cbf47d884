"""What Sendspark may be asked for: videos for the one address that the environment allows, and no minutes to buy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from contract_tests.sendspark.target import allowed_prospect
from contract_tests.targets import PREFIX
from contract_tests.wire import SAFE, Call, Forbidden

_BUYING = frozenset({"update_dvm_bundle", "cancel_dvm_bundle"})
_NOWHERE = ".example.com/"
"""Where webhooks of the suite lead: nobody listens there."""


def check(call: Call) -> None:
    """Raises :class:`Forbidden` for what would cost minutes for others, or money, or tell somebody else."""
    assert call.operation is not None  # the wire stops any other call
    if call.method in SAFE:
        return
    if call.operation.id in _BUYING and PREFIX not in f"{call.path} {call.body.decode('utf-8', 'replace')}":
        raise Forbidden(f"{call.method} {call.path} changes what is paid for")
    for name, value in _fields(_read(call)):
        if name == "contactEmail" and "@" in str(value) and str(value).lower() != allowed_prospect().lower():
            raise Forbidden(f"{value} is not the address that videos are made for")
        if name in ("url", "webhookUrl") and "://" in str(value) and _NOWHERE not in str(value):
            raise Forbidden(f"{value} may be somebody's")


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field, however deep."""
    match value:
        case dict():
            for name, inner in value.items():
                yield name, inner
                yield from _fields(inner)
        case list():
            for item in value:
                yield from _fields(item)


def _read(call: Call) -> Any:
    try:
        return orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError:
        return {}
