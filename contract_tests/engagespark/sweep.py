"""Removes from an organization what contract tests have made there: contacts and files."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from contract_tests.engagespark.target import real_engagespark

STAYS = frozenset({"Dedup", "Sms", "TopUp"})
"""What was sent, and under which of the client's ids, is the vendor's own memory."""


def sweep(prefix: str) -> list[str]:
    """Removes what was named with ``prefix``; says what that was."""
    account = real_engagespark()
    base = f"{account.url}/v1/organizations/{account.organization}"
    with httpx.Client(base_url=base, headers=account.headers, timeout=30) as api:
        return [*_contacts(api, prefix), *_files(api, prefix)]


def _contacts(api: httpx.Client, prefix: str) -> Iterator[str]:
    listed = api.get("/contacts/", params={"search": prefix}).raise_for_status().json()["contacts"]
    for row in listed:
        if row["firstName"].startswith(prefix):
            _delete(api, f"/contacts/{row['id']}/")
            yield f"the contact {row['firstName']}"


def _files(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in api.get("/files/").raise_for_status().json():
        if row["title"].startswith(prefix):
            _delete(api, f"/files/{row['filename']}")
            yield f"the file {row['title']}"


def _delete(api: httpx.Client, path: str) -> None:
    response = api.delete(path)
    # Another process may have been faster.
    if response.status_code != 404:
        response.raise_for_status()
