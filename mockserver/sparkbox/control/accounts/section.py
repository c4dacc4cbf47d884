"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import accounts, clock, reset, simulations, state

SECTION = Section(
    "Accounts",
    pages=(reset.operations, accounts.operations, clock.operations, state.operations, simulations.operations),
)
