"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import recipient_lists
from .envelope import RecipientListEnvelope

SECTION = Section("Recipient Lists", pages=(recipient_lists.operations,), envelope=RecipientListEnvelope())
