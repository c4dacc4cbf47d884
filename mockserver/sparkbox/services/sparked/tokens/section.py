"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import tokens
from .envelope import TokenEnvelope

SECTION = Section("Tokens", pages=(tokens.operations,), envelope=TokenEnvelope())
