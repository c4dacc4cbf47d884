"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import balance, contacts, messages
from .envelope import OlderEnvelope

SECTION = Section(
    "Older API",
    pages=(contacts.operations, messages.operations, balance.operations),
    envelope=OlderEnvelope(),
)
