"""engageSPARK's tokens, ``Authorization: Token <token>``, and the one organization that each of them belongs to.

A bare token is wrong; the word may be in any case, as clients write it. https://openapi.engagespark.com/
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.services import ENGAGESPARK

from . import errors

ORGANIZATION = int(ENGAGESPARK.credentials["organization"])
"""Every account's organization."""


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Return the account of the request's token."""
    token = request.bearer_token("token")
    return credentials.open(token) if token else None


def authorize(ctx: Context, operation: Operation) -> None:
    """Raise an API error if the account is suspended and the operation sends something."""
    if ctx.account.suspended and errors.SUSPENDED in operation.errors:
        raise errors.SUSPENDED()


def _own(text: str) -> str:
    if text != str(ORGANIZATION):
        raise errors.NOT_FOUND()
    return text


Organization = Annotated[str, AfterValidator(_own)]
"""The organization in a path; any other than the token's is not found."""


def check_organization(id: int | None, *, name: str = "orgId") -> None:
    """Raise an API error if the organization in a body is missing or not the token's."""
    if id is None:
        raise errors.MISSING(name=name)
    if id != ORGANIZATION:
        raise errors.NOT_FOUND()
