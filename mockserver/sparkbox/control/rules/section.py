"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import faults, limits, stubs

SECTION = Section("Rules", pages=(faults.operations, stubs.operations, limits.operations))
