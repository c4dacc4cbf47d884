"""How the clients of an API prove who they are, as the OpenAPI document says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Credential:
    """One kind of credential, as the OpenAPI document names it.

    ``parameter`` is the name of the header, query parameter or cookie that carries an API key. ``token_path`` is where
    OAuth 2.0 gives tokens, for a client's credentials, or for a code if there is an ``authorize_path``.
    """

    name: str
    kind: Literal["bearer", "basic", "header", "query", "cookie", "oauth2"]
    parameter: str = ""
    description: str = ""
    token_path: str = ""
    authorize_path: str = ""
    scopes: tuple[tuple[str, str], ...] = ()
    """Their names and what they open."""
