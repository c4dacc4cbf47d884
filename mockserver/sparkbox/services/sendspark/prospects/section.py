"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import prospect_lists, prospects

SECTION = Section(
    "Prospects",
    pages=(
        prospects.operations,
        prospect_lists.operations,
    ),
)
