"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import ca, health, services

SECTION = Section("The sandbox", pages=(health.operations, services.operations, ca.operations))
