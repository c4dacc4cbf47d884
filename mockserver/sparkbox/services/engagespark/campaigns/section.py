"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import campaigns, simulations

SECTION = Section("Campaigns", pages=(campaigns.operations,), simulations=simulations.operations)
