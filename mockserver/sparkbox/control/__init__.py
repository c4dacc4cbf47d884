"""The control API under ``/_mock/``: messages, requests, time, faults, stubs, limits, accounts.

It is declared as the vendors' APIs are. A call names the account that it is about by ``?account=<credential>``; without
it, it is about all of them. Lists answer ``{"<resource>": […], "total": n}``, newest first, with ``limit`` and
``offset``. Bodies are JSON whatever their ``Content-Type`` says, so that a bare ``curl -d`` will do.
"""

from __future__ import annotations

from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.declare.service import MIB, Service

from .access import identify
from .context import Context
from .envelope import ControlEnvelope
from .errors import ERRORS
from .selection import concerns, prepare

SERVICE = Service(
    info=ServiceInfo("control", "Control API"),
    package=__name__,
    sections={
        "sandbox": ("/_mock/health", "/_mock/services", "/_mock/openapi", "/_mock/ca"),
        "accounts": (
            "/_mock/reset",
            "/_mock/accounts",
            "/_mock/clock",
            "/_mock/state",
            "/_mock/services/{name}/simulations",
        ),
        "logs": ("/_mock/messages", "/_mock/requests", "/_mock/events", "/_mock/webhooks"),
        "rules": ("/_mock/faults", "/_mock/stubs", "/_mock/limits"),
    },
    envelope=ControlEnvelope(),
    errors=ERRORS,
    identify=identify,
    concerns=concerns,
    body_limit=MIB,
    content_types=(),
    prepare=prepare,
    context=Context,
    traffic=False,
)
