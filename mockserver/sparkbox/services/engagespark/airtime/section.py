"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import airtime
from .envelope import AirtimeEnvelope

SECTION = Section("Older API: airtime", pages=(airtime.operations,), envelope=AirtimeEnvelope())
