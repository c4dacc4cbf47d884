"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import sms
from .envelope import SendingEnvelope

SECTION = Section("Sending SMS", pages=(sms.operations,), envelope=SendingEnvelope())
