"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import balance, oauth, simulations

SECTION = Section(
    "Account",
    pages=(
        oauth.operations,
        balance.operations,
    ),
    simulations=simulations.operations,
)
