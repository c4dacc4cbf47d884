"""The older API, still called by clients: contacts by the batch, custom fields, SMS to many, the balance.

https://github.com/engagespark/api-docs. It is a Django application at start.engagespark.com: data stand in
``{"data": […]}``, times carry the Philippines' offset, and a refused token is answered with ``{"detail": …}``.
"""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import balance, contacts, messages
from .envelope import OlderEnvelope

SECTION = Section(
    "Older API",
    pages=(contacts.operations, messages.operations, balance.operations),
    envelope=OlderEnvelope(),
)
