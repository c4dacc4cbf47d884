"""Sendspark: https://help.sendspark.com/. Its pages, in the order of the vendor's specification.

The share pages are the sandbox's own. See also :mod:`.videos.outcomes` for test addresses, :mod:`.videos.rendering`
for how videos are made, and :mod:`.prospects.depuration` for duplicates.
"""

from __future__ import annotations

from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store
from sparkbox.services import SENDSPARK

from .auth import authorize, identify
from .bundles import minutes
from .envelope import SendsparkEnvelope
from .errors import ERRORS
from .limits import LIMITS
from .requests import JSON, decode_body
from .webhooks import webhooks
from .workspaces import workspaces


def seed_account(account: Account, store: Store) -> None:
    """Create a new account's workspace and minute bundles."""
    workspaces.seed_account(account, store)
    minutes.seed_account(account, store)


SERVICE = Service(
    info=SENDSPARK,
    package=__name__,
    sections={
        "workspaces": ("/v1/workspaces",),
        "webhooks": ("/v1/workspaces/{workspaceId}/webhooks",),
        "campaigns": ("/v1/workspaces/{workspaceId}/dynamics", "/v2/workspaces/{workspaceId}/dynamics"),
        "prospects": (
            "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}",
            "/v2/workspaces/{workspaceId}/dynamics/{dynamicId}",
            "/dv-v2/workspaces/{workspaceId}/dynamics",
        ),
        "bundles": ("/v1/workspaces/{workspaceId}/dvm-bundles",),
        "health": ("/v1/auth/health",),
        "share_pages": ("/share", "/embed"),
    },
    envelope=SendsparkEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=decode_body,
    limits=LIMITS,
    listeners=(webhooks.follow,),
    # Ten thousand prospects of some kilobytes each.
    body_limit=32 * MIB,
    content_types=JSON,
    security=(
        (
            Credential("key", "header", "x-api-key", "The workspace's API key."),
            Credential("secret", "header", "x-api-secret", "The secret of one of its members."),
        ),
    ),
)
