"""What the services' sweeps have in common."""

from __future__ import annotations

from typing import Any

import httpx


def remove(api: httpx.Client, path: str, body: Any = None) -> None:
    """Delete something that another process may have deleted before."""
    response = api.request("DELETE", path, json=body)
    if response.status_code != 404:
        response.raise_for_status()
