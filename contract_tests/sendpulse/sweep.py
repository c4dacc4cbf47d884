"""Removes from a SendPulse account what contract tests have made there.

Sender domains cannot be removed by the API, so no test adds one there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sendpulse.responses import encode
from contract_tests.sendpulse.target import real_sendpulse

PAGE = 100
STAYS = frozenset({"SentEmail"})
"""What was sent is the vendor's own memory."""


def sweep(prefix: str) -> list[str]:
    """Removes everything whose name begins with ``prefix``; says what that was."""
    account = real_sendpulse()
    with httpx.Client(base_url=account.url, timeout=30) as api:
        token = api.post("/oauth/access_token", json=account.credentials).raise_for_status().json()["access_token"]
        api.headers["Authorization"] = f"Bearer {token}"
        return [*_lists(api, prefix), *_blacklisted(api, prefix), *_unsubscribed(api, prefix), *_webhooks(api, prefix)]


def _lists(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _pages(api, "/addressbooks"):
        if row["name"].startswith(prefix):
            _check(api.delete(f"/addressbooks/{row['id']}"))
            yield f"the mailing list {row['name']}"


def _blacklisted(api: httpx.Client, prefix: str) -> Iterator[str]:
    for email in _pages(api, "/blacklist"):
        if email.startswith(prefix):
            _check(api.request("DELETE", "/blacklist", json={"emails": encode(email)}))
            yield f"{email} from the blacklist"


def _unsubscribed(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _pages(api, "/smtp/unsubscribe"):
        if row["email"].startswith(prefix):
            _check(api.request("DELETE", "/smtp/unsubscribe", json=[row["email"]]))
            yield f"{row['email']} from the unsubscribe list"


def _webhooks(api: httpx.Client, prefix: str) -> Iterator[str]:
    path = "/v2/email-service/webhook"
    for row in api.get(path).raise_for_status().json()["data"]:
        if f"?{prefix}" in row["url"]:
            _check(api.delete(f"{path}/{row['id']}"))
            yield f"the webhook for {row['action']} to {row['url']}"


def _pages(api: httpx.Client, path: str) -> list[Any]:
    """All of a list, before anything is taken out of it."""
    rows: list[Any] = []
    while True:
        page = api.get(path, params={"limit": PAGE, "offset": len(rows)}).raise_for_status().json()
        rows += page
        if len(page) < PAGE:
            return rows


def _check(response: httpx.Response) -> None:
    # Another process may have been faster.
    if response.status_code != 404:
        response.raise_for_status()
