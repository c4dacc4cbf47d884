"""Sendspark: https://help.sendspark.com/. Its pages, in the order of the vendor's specification.

Beside the API there are the share pages, which are no part of it. What addresses bring about is told in
:mod:`.outcomes`, how videos are made in :mod:`.rendering`, what becomes of duplicates in :mod:`.depuration`.
"""

from __future__ import annotations

from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store

from . import health, workspaces
from .auth import READY_SECRET, authorize, identify
from .bundles import bundles, minutes
from .campaigns import dynamics
from .envelope import SendsparkEnvelope
from .errors import ERRORS
from .limits import LIMITS
from .prospects import prospect_lists, prospects
from .requests import JSON, decode_body
from .share_pages import share_pages
from .webhooks import webhooks
from .workspaces import READY_KEY, READY_WORKSPACE


def seed_account(account: Account, store: Store) -> None:
    """A new account's workspace and minute bundles."""
    workspaces.seed_account(account, store)
    minutes.seed_account(account, store)


SERVICE = Service(
    name="sendspark",
    title="Sendspark",
    hosts=("api-gw.sendspark.com", "sendspark.com"),
    docs="https://help.sendspark.com/",
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
    # Ten thousand prospects, each with some kilobytes of fields.
    body_limit=32 * MIB,
    content_types=JSON,
    security=(
        (
            Credential("key", "header", "x-api-key", "The workspace's API key."),
            Credential("secret", "header", "x-api-secret", "The secret of one of its members."),
        ),
    ),
    facts={"x-api-key": READY_KEY, "x-api-secret": READY_SECRET, "workspace": READY_WORKSPACE},
)
