"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import topups

SECTION = Section("Top-ups", pages=(topups.operations,))
