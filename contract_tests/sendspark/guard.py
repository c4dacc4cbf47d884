"""The requests that may go to Sendspark: videos for one allowed address only, and no purchases."""

from __future__ import annotations

from contract_tests.guards import fields_of, read_json
from contract_tests.sendspark.target import allowed_prospect
from contract_tests.targets import PREFIX
from contract_tests.wire import SAFE, Call, Forbidden

_BUYING = frozenset({"update_dvm_bundle", "cancel_dvm_bundle"})
_NOWHERE = ".example.com/"
"""The host of the suite's webhooks, where nobody listens."""


def check(call: Call) -> None:
    """Raise :class:`Forbidden` for a request that costs money, uses minutes for others or posts to somebody else."""
    if call.method in SAFE:
        return
    if call.operation_id in _BUYING and PREFIX not in f"{call.path} {call.body.decode('utf-8', 'replace')}":
        raise Forbidden(f"{call.method} {call.path} changes what is paid for")
    for name, value in fields_of(read_json(call)):
        if name == "contactEmail" and "@" in str(value) and str(value).lower() != allowed_prospect().lower():
            raise Forbidden(f"{value} is not the address that videos are made for")
        if name in ("url", "webhookUrl") and "://" in str(value) and _NOWHERE not in str(value):
            raise Forbidden(f"{value} may belong to somebody else")
