"""Health. It needs no key."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from ..errors import DOCS

operations = Operations("Health", docs=DOCS, evidence="observed")


class Health(TypedDict):
    message: str


@operations.get("/v1/auth/health", public=True)
def get_health(ctx: Context) -> Health:
    """Get the API's health."""
    return {"message": "everything is ok!"}
