"""SendPulse: https://sendpulse.com/integrations/api."""

from __future__ import annotations

from sparkbox.core.declare.relay import Relay
from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import MIB, Service
from sparkbox.services import SENDPULSE

from .accounts.plans import LIMITS
from .auth import authorize, claimed, identify
from .bulk_email import webhook_batches
from .envelope import SendPulseEnvelope
from .errors import ERRORS
from .requests.reading import decode_body, decode_large, decode_query
from .seed import seed_account
from .smtp import events


def relay() -> Relay:
    """Import the mail relay."""
    from .smtp.relay import RELAY

    return RELAY


SERVICE = Service(
    info=SENDPULSE,
    package=__name__,
    sections={
        "accounts": ("/oauth", "/balance", "/user"),
        "bulk_email": (
            "/addressbooks",
            "/emails",
            "/senders",
            "/blacklist",
            "/v2/email-service/webhook",
            "/confirmations",
        ),
        "smtp": ("/smtp", "/v2/email-service/smtp"),
        "chatbots": ("/messenger", "/instagram", "/telegram", "/whatsapp", "/tiktok", "/viber/chatbots", "/live-chat"),
    },
    envelope=SendPulseEnvelope(),
    errors=ERRORS,
    identify=identify,
    claimed=claimed,
    authorize=authorize,
    seed_account=seed_account,
    decode_body=decode_body,
    decode_large=decode_large,
    # A form's fields take longer to read than JSON's.
    decoded_at_once=16 * 1024,
    decode_query=decode_query,
    query_in_body=True,
    limits=LIMITS,
    listeners=(events.follow, webhook_batches.follow),
    # 10 MiB of mail, in base64 and perhaps JSON text inside a form.
    body_limit=20 * MIB,
    content_types=(),
    merge_slashes=True,
    security=(
        (Credential("token", "bearer", description="An access token, or a static API key."),),
        (Credential("oauth", "oauth2", token_path="/oauth/access_token"),),
    ),
    relay=relay,
)
