"""SparkPost: https://developers.sparkpost.com/api/, page by page in the vendor's order."""

from __future__ import annotations

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.relay import Relay
from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import SPARKPOST

from .auth import authorize, identify
from .envelope import SparkPostEnvelope
from .errors import ERRORS
from .webhooks import batches


def relay() -> Relay:
    """Import the mail relay."""
    from .smtp.relay import RELAY

    return RELAY


def simulations() -> Operations:
    """Import the simulations."""
    from .simulations import operations

    return operations


SERVICE = Service(
    info=SPARKPOST,
    package=__name__,
    sections={
        "accounts": ("/api/v1/account",),
        "transmissions": ("/api/v1/transmissions",),
        "templates": ("/api/v1/templates", "/api/v1/utils/content-previewer"),
        "recipient_lists": ("/api/v1/recipient-lists",),
        "suppressions": ("/api/v1/suppression-list",),
        "events": ("/api/v1/events", "/api/v1/message-events"),
        "domains": ("/api/v1/sending-domains",),
        "metrics": ("/api/v1/metrics",),
        "webhooks": ("/api/v1/webhooks",),
        "engagement": ("/f", "/q", "/u"),
    },
    envelope=SparkPostEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    listeners=(batches.follow,),
    # 20 MB of content in base64, plus the rest of the request.
    body_limit=30 * MIB,
    relay=relay,
    simulations=simulations,
    security=(
        (Credential("apiKey", "header", "Authorization", "The API key, as it is."),),
        (Credential("basic", "basic", description="The API key as user name, with an empty password."),),
    ),
)
