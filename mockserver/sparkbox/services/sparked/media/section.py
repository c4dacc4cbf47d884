"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from ..envelope import SparkedEnvelope
from . import pictures

SECTION = Section("Pictures", pages=(pictures.operations,), envelope=SparkedEnvelope())
