"""Which share of the vendors' documented operations the sandbox has. ``make docs`` writes the table into the README."""

from __future__ import annotations

import re
from pathlib import Path

from sparkbox import services
from sparkbox.core.declare.service import Service
from sparkbox.core.docs.schemas import vendors

README = Path(__file__).parent.parent / "README.md"

DOCUMENTED = {"sparkpost": 151, "sendpulse": 634, "engagespark": 23, "sendspark": 24, "sparked": 14}
"""Operations in each vendor's documentation."""

UNLISTED = {
    "sendpulse": {"list_domains", "add_domain", "verify_domain", "get_user_info"},
    "engagespark": {
        "get_available_balance",
        "list_custom_fields",
        "send_older_sms",
        "send_older_topup",
        "subscribe_contacts",
    },
    "sparked": {
        "create_webhook",
        "decide",
        "delete_webhook",
        "get_webhook",
        "list_webhooks",
        "revoke_token",
        "test_webhook",
        "update_webhook",
    },
}
"""Operations that the documentation does not list: older ones, those that only clients show, and assumed ones."""

_TABLE = re.compile(r"(<!-- coverage: .*? -->\n).*?(<!-- end of coverage -->)", re.DOTALL)


def main() -> None:
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")


def with_table(text: str) -> str:
    """Return a text with the current table between its marks."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{table()}\n{found[2]}", text)


def table() -> str:
    """Return the share of each service and of all as a Markdown table."""
    counts = [(info.title, count(services.load(info.name)), DOCUMENTED[info.name]) for info in services.SERVICES]
    counts.append(("all", sum(have for _, have, _ in counts), sum(total for _, _, total in counts)))
    rows = [f"| {title} | {have} | {total} | {100 * have // total} % |\n" for title, have, total in counts]
    return "| service | operations | documented | share |\n|---|---|---|---|\n" + "".join(rows)


def count(service: Service) -> int:
    """Return how many operations of a service its documentation lists."""
    ids, unlisted = {operation.id for operation in vendors(service)}, UNLISTED.get(service.name, set())
    if unlisted - ids:
        raise LookupError(f"{service.name} has no operations {sorted(unlisted - ids)}")
    return len(ids - unlisted)


if __name__ == "__main__":
    main()
