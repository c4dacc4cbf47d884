"""SparkPost: https://developers.sparkpost.com/api/. Its pages, in the order of the vendor's own contents."""

from __future__ import annotations

from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import SPARKPOST

from . import simulations
from .accounts import account, volume
from .auth import authorize, identify
from .domains import dkim_keys, sending_domains
from .engagement import engagement
from .envelope import SparkPostEnvelope
from .errors import ERRORS
from .events import events, message_events
from .metrics import dimensions, lists, metrics, reasons
from .recipient_lists import recipient_lists
from .smtp.relay import RELAY
from .suppressions import suppression_list
from .templates import templates
from .transmissions import transmissions
from .webhooks import batches, webhooks

SERVICE = Service(
    info=SPARKPOST,
    pages=(
        account.operations,
        transmissions.operations,
        templates.operations,
        recipient_lists.operations,
        suppression_list.operations,
        events.operations,
        message_events.operations,
        sending_domains.operations,
        dkim_keys.operations,
        metrics.operations,
        dimensions.operations,
        reasons.operations,
        lists.operations,
        webhooks.operations,
        engagement.operations,
    ),
    envelope=SparkPostEnvelope(),
    errors=ERRORS,
    identify=identify,
    authorize=authorize,
    listeners=(volume.follow, batches.follow),
    # 20 MB of content, in base64 and with the rest of the request around it.
    body_limit=30 * MIB,
    relay=RELAY,
    simulations=simulations.operations,
    security=(
        (Credential("apiKey", "header", "Authorization", "The API key, as it is."),),
        (Credential("basic", "basic", description="The API key as user name, with an empty password."),),
    ),
)
