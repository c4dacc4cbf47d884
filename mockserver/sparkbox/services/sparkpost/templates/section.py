"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import templates

SECTION = Section("Templates", pages=(templates.operations,))
