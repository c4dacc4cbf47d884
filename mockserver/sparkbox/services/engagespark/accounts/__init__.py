"""The organization's balance: https://openapi.engagespark.com/#tag/Balance."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import balance, simulations

SECTION = Section("Balance", pages=(balance.operations,), simulations=simulations.operations)
