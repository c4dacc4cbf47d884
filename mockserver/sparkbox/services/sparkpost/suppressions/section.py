"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import suppression_list
from .envelope import SuppressionEnvelope

SECTION = Section("Suppression List", pages=(suppression_list.operations,), envelope=SuppressionEnvelope())
