"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import simulations, sms, whatsapp

SECTION = Section("Messages", pages=(sms.operations, whatsapp.operations), simulations=simulations.operations)
