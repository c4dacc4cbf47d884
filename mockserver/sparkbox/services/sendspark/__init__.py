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

from . import health, workspaces
from .auth import authorize, identify
from .bundles import bundles, minutes
from .campaigns import dynamics
from .envelope import SendsparkEnvelope
from .errors import ERRORS
from .limits import LIMITS
from .prospects import prospect_lists, prospects
from .requests import JSON, decode_body
from .share_pages import share_pages
from .webhooks import webhooks


def seed_account(account: Account, store: Store) -> None:
    """Create a new account's workspace and minute bundles."""
    workspaces.seed_account(account, store)
    minutes.seed_account(account, store)


SERVICE = Service(
    info=SENDSPARK,
    pages=(
        workspaces.operations,
        webhooks.operations,
        dynamics.operations,
        prospects.operations,
        prospect_lists.operations,
        bundles.operations,
        health.operations,
        share_pages.operations,
    ),
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
