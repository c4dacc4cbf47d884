"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import share_pages

SECTION = Section("Share pages", pages=(share_pages.operations,))
