"""Files to send along: https://openapi.engagespark.com/#tag/Files."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import files

SECTION = Section("Files", pages=(files.operations,))
