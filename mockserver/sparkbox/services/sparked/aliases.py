"""The names by which a token or a public page opens its account."""

from __future__ import annotations


def account_alias(id: str) -> str:
    """Return the credential that stands for a token or a page; no client can send it."""
    return f"sparked:{id}"
