"""engageSPARK: https://openapi.engagespark.com/. Its pages, in the order of the vendor's own contents."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.core.request.http import Request
from sparkbox.services import ENGAGESPARK

from . import legacy, simulations
from .accounts import balance
from .auth import authorize, identify
from .campaigns import campaigns
from .contacts import contacts
from .envelope import EngageSparkEnvelope
from .errors import ERRORS
from .files import files
from .messages import sms, whatsapp
from .seed import seed_account
from .topups import topup


def _decode_query(request: Request) -> Any:
    """A query's parameters; an empty one counts as not given."""
    return {name: value for name, value in request.query_dict().items() if value != ""}


SERVICE = Service(
    info=ENGAGESPARK,
    pages=(
        balance.operations,
        sms.operations,
        campaigns.operations,
        topup.operations,
        contacts.operations,
        files.operations,
        whatsapp.operations,
        legacy.operations,
    ),
    envelope=EngageSparkEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=files.decode_body,
    decode_query=_decode_query,
    simulations=simulations.operations,
    # WhatsApp takes videos of 16 MB.
    body_limit=20 * MIB,
    # Go's decoder does not look at the media type, and clients announce JSON in many ways.
    content_types=(),
    security=((Credential("apiToken", "header", "Authorization", "The word Token, a blank, and the token."),),),
)
