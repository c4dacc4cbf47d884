"""The API's health, which needs no key."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.context import Context
from sparkbox.core.operation import Operations

from .errors import DOCS

operations = Operations("Health", docs=DOCS, evidence="observed")


class Health(TypedDict):
    message: str


@operations.get("/v1/auth/health", public=True)
def get_health(ctx: Context) -> Health:
    """Get the API's health."""
    return {"message": "everything is ok!"}
