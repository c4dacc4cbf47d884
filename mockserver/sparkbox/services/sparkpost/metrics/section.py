"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import dimensions, lists, metrics, reasons

SECTION = Section(
    "Metrics",
    pages=(
        metrics.operations,
        dimensions.operations,
        reasons.operations,
        lists.operations,
    ),
)
