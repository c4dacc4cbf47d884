"""Sparked: https://sparked.com/integration. Its pages, in the order of the vendor's own contents.

Only that page is public; the full reference is for approved partners. What goes beyond it is inferred, and says so.
"""

from __future__ import annotations

from sparkbox.core.service import MIB, Service

from . import (
    creators,
    errors,
    gameplan,
    kit_page,
    mediakit,
    oauth,
    pictures,
    pulse,
    simulations,
    studio,
    webhooks,
)
from .auth import CONSENT, TOKEN, authorize, identify
from .clients import CLIENT_ID, CLIENT_SECRET
from .envelope import SparkedEnvelope
from .limits import LIMITS
from .outbox import follow
from .people import CREATOR
from .requests import decode_body, decode_query
from .seed import plant

SERVICE = Service(
    name="sparked",
    title="Sparked",
    hosts=("api.sparked.com",),
    docs=errors.DOCS,
    pages=(
        creators.operations,
        gameplan.operations,
        studio.operations,
        pulse.operations,
        mediakit.operations,
        webhooks.operations,
        oauth.operations,
        kit_page.operations,
        pictures.operations,
    ),
    envelope=SparkedEnvelope(),
    errors=errors.ERRORS,
    identify=identify,
    authorize=authorize,
    plant=plant,
    decode_body=decode_body,
    decode_query=decode_query,
    limits=LIMITS,
    listeners=(follow,),
    body_limit=MIB,
    simulations=simulations.operations,
    security=((TOKEN,), (CONSENT,)),
    facts={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "creator": CREATOR},
)
