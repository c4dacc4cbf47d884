"""Airtime top-ups: https://openapi.engagespark.com/#tag/Top-Up."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import topups

SECTION = Section("Top-ups", pages=(topups.operations,))
