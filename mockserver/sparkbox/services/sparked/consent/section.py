"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import authorization
from .envelope import ConsentEnvelope

SECTION = Section("Consent", pages=(authorization.operations,), envelope=ConsentEnvelope())
