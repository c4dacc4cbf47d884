"""Removes from a SendPulse account what contract tests have made there.

Sender domains cannot be removed by the API, so no test adds one there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sendpulse.responses import encode
from contract_tests.sendpulse.target import Sendpulse
from contract_tests.sweeping import remove

PAGE = 100
STAYS = frozenset({"SentEmail", "Tag"})
"""No call removes what was sent, or the tags of a bot."""


def sweep(prefix: str) -> list[str]:
    """Remove everything whose name begins with ``prefix``; says what that was."""
    with Sendpulse.real().client() as api:
        return [*_lists(api, prefix), *_blacklisted(api, prefix), *_unsubscribed(api, prefix), *_webhooks(api, prefix)]


def _lists(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _pages(api, "/addressbooks"):
        if row["name"].startswith(prefix):
            remove(api, f"/addressbooks/{row['id']}")
            yield f"the mailing list {row['name']}"


def _blacklisted(api: httpx.Client, prefix: str) -> Iterator[str]:
    for email in _pages(api, "/blacklist"):
        if email.startswith(prefix):
            remove(api, "/blacklist", {"emails": encode(email)})
            yield f"{email} from the blacklist"


def _unsubscribed(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _pages(api, "/smtp/unsubscribe"):
        if row["email"].startswith(prefix):
            remove(api, "/smtp/unsubscribe", [row["email"]])
            yield f"{row['email']} from the unsubscribe list"


def _webhooks(api: httpx.Client, prefix: str) -> Iterator[str]:
    path = "/v2/email-service/webhook"
    for row in api.get(path).raise_for_status().json()["data"]:
        if f"?{prefix}" in row["url"]:
            remove(api, f"{path}/{row['id']}")
            yield f"the webhook for {row['action']} to {row['url']}"


def _pages(api: httpx.Client, path: str) -> list[Any]:
    """All of a list, before anything is taken out of it."""
    rows: list[Any] = []
    while True:
        page = api.get(path, params={"limit": PAGE, "offset": len(rows)}).raise_for_status().json()
        rows += page
        if len(page) < PAGE:
            return rows
