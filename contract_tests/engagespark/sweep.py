"""Removes from an organization what contract tests have made there: contacts and files."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from contract_tests.engagespark.target import Engagespark
from contract_tests.sweeping import remove

STAYS = frozenset({"Dedup", "Sms", "TopUp"})
"""What was sent, and under which of the client's ids, is the vendor's own memory."""


def sweep(prefix: str) -> list[str]:
    """Remove what was named with ``prefix``; return what that was."""
    account = Engagespark.real()
    organization = f"/v1/organizations/{account.organization}"
    with account.client() as api:
        return [*_contacts(api, organization, prefix), *_files(api, organization, prefix)]


def _contacts(api: httpx.Client, organization: str, prefix: str) -> Iterator[str]:
    listed = api.get(f"{organization}/contacts/", params={"search": prefix}).raise_for_status().json()["contacts"]
    for row in listed:
        if row["firstName"].startswith(prefix):
            remove(api, f"{organization}/contacts/{row['id']}/")
            yield f"the contact {row['firstName']}"


def _files(api: httpx.Client, organization: str, prefix: str) -> Iterator[str]:
    for row in api.get(f"{organization}/files/").raise_for_status().json():
        if row["title"].startswith(prefix):
            remove(api, f"{organization}/files/{row['filename']}")
            yield f"the file {row['title']}"
