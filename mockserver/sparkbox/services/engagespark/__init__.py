"""engageSPARK: https://openapi.engagespark.com/. Its sections, in the order of the vendor's own contents."""

from __future__ import annotations

from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import ENGAGESPARK

from .auth import authorize, identify
from .envelope import EngageSparkEnvelope
from .errors import ERRORS
from .requests import decode_body, decode_query
from .seed import seed_account

ORGANIZATION = "/v1/organizations/{orgId}"

SERVICE = Service(
    info=ENGAGESPARK,
    package=__name__,
    sections={
        "accounts": (f"{ORGANIZATION}/balance.json",),
        "sending": ("/v1/sms",),
        "messages": (f"{ORGANIZATION}/messages", f"{ORGANIZATION}/whatsapp", "/v1/whatsapp"),
        "campaigns": (f"{ORGANIZATION}/engagements",),
        "topups": (f"{ORGANIZATION}/topup", f"{ORGANIZATION}/topups"),
        "contacts": (f"{ORGANIZATION}/contacts",),
        "files": (f"{ORGANIZATION}/files",),
        "older": ("/api",),
        "airtime": ("/v1/airtime-topup",),
    },
    envelope=EngageSparkEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=decode_body,
    decode_query=decode_query,
    # WhatsApp takes videos of 16 MB.
    body_limit=20 * MIB,
    # Go's decoder does not look at the media type, and clients announce JSON in many ways.
    content_types=(),
    security=((Credential("apiToken", "header", "Authorization", "The word Token, a blank, and the token."),),),
)
