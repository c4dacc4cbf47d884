"""What the recorded samples of SendPulse cannot show: see :class:`contract_tests.shapes.Rules`."""

from __future__ import annotations

from contract_tests.shapes import Rules, rules

RULES: dict[str, Rules] = {
    # Names are those of the account's own variables.
    "list_emails": rules(maps=["[].variables"]),
    # Names are the requested addresses.
    "get_memberships_of_many": rules(maps=[""]),
    "get_statistics_of_many": rules(maps=[""]),
    "get_balance_details": rules(optional=["smtp"]),
    "list_sent_emails": rules(optional=["[].tracking.link[].country", "[].tracking.client_info[].country"]),
}
"""By operation."""
