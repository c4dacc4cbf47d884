"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import health

SECTION = Section("Health", pages=(health.operations,))
