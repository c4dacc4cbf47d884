"""Sparked: https://sparked.com/integration.

Only that page is public; the full reference is for approved partners. What goes beyond it is inferred and says so.
"""

from __future__ import annotations

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import SPARKED

from .auth import CONSENT, TOKEN, authorize, identify
from .creators.names import prepare
from .envelope import ApiEnvelope
from .errors import ERRORS
from .limits import LIMITS
from .requests import decode_body, decode_query
from .seed import seed_account
from .webhooks.events import follow


def simulations() -> Operations:
    """Import the simulations."""
    from .simulations import operations

    return operations


SERVICE = Service(
    info=SPARKED,
    package=__name__,
    sections={
        "creators": ("/api/v1/creators",),
        "gameplan": ("/api/v1/gameplan",),
        "studio": ("/api/v1/studio",),
        "pulse": ("/api/v1/pulse",),
        "mediakit": ("/api/v1/mediakit",),
        "webhooks": ("/api/v1/webhooks",),
        "consent": ("/oauth/authorize",),
        "tokens": ("/oauth/{endpoint}",),
        "kit_pages": ("/kit/{slug}",),
        "media": ("/media",),
    },
    envelope=ApiEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=decode_body,
    decode_query=decode_query,
    limits=LIMITS,
    listeners=(follow,),
    body_limit=MIB,
    prepare=prepare,
    simulations=simulations,
    security=((TOKEN,), (CONSENT,)),
)
