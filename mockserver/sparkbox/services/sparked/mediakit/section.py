"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import mediakit

SECTION = Section("Media kit", pages=(mediakit.operations,))
