"""Sparked: https://sparked.com/integration. Its pages, in the order of the vendor's own contents.

Only that page is public; the full reference is for approved partners. What goes beyond it is inferred, and says so.
"""

from __future__ import annotations

from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import SPARKED

from . import simulations
from .auth import CONSENT, TOKEN, authorize, identify
from .consent import authorization
from .creators import creators
from .envelope import SparkedEnvelope
from .errors import ERRORS
from .gameplan import gameplan
from .kit_pages import kit_page
from .limits import LIMITS
from .media import pictures
from .mediakit import mediakit
from .oauth import tokens
from .pulse import pulse
from .requests import decode_body, decode_query
from .seed import seed_account
from .studio import studio
from .webhooks import webhooks
from .webhooks.events import follow

SERVICE = Service(
    info=SPARKED,
    pages=(
        creators.operations,
        gameplan.operations,
        studio.operations,
        pulse.operations,
        mediakit.operations,
        webhooks.operations,
        authorization.operations,
        tokens.operations,
        kit_page.operations,
        pictures.operations,
    ),
    envelope=SparkedEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=decode_body,
    decode_query=decode_query,
    limits=LIMITS,
    listeners=(follow,),
    body_limit=MIB,
    simulations=simulations.operations,
    security=((TOKEN,), (CONSENT,)),
)
