"""Authorization: https://sendpulse.com/integrations/api#auth. A client id and its secret are exchanged for a token."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import StepsAndWaits

from .. import errors
from ..requests.fields import AnyText
from . import plans, tokens

operations = Operations("Authorization", docs="https://sendpulse.com/integrations/api#auth")


class TokenRequest(Body):
    """Fields that are missing or of another type are refused as wrong credentials."""

    grant_type: AnyText = None
    client_id: AnyText = None
    client_secret: AnyText = None


class Token(TypedDict):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


# assumed: requests for tokens do not count against the limits.
@operations.post(
    "/oauth/access_token", public=True, limits=(), errors=[errors.INVALID_CLIENT, errors.UNSUPPORTED_GRANT]
)
def create_access_token(ctx: Context, body: TokenRequest) -> StepsAndWaits[Token]:
    """Get an access token.

    It is valid for an hour on the account's clock. The body is JSON, a form or multipart.
    """
    if body.grant_type != "client_credentials":
        raise errors.UNSUPPORTED_GRANT()
    client_id, secret = body.client_id, body.client_secret
    if not isinstance(client_id, str) or not isinstance(secret, str):
        raise errors.INVALID_CLIENT()
    credentials = ctx.sandbox.credentials(ctx.service.name)
    account = credentials.open(client_id) if credentials.take_secret(client_id, secret) else None
    if account is None:
        ctx.note = credentials.note
        raise errors.INVALID_CLIENT()
    yield from tokens.prepare()
    yield from ctx.enter(account)
    token = tokens.issue(client_id, now=ctx.now, jti=ctx.ids.hex(80), user_id=plans.current(ctx).user_id)
    return {"access_token": token, "token_type": "Bearer", "expires_in": tokens.LIFETIME}
