"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import balance, simulations

SECTION = Section("Balance", pages=(balance.operations,), simulations=simulations.operations)
