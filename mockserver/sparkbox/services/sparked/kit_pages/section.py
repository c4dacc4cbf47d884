"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from ..page_envelope import PageEnvelope
from . import kit_page

SECTION = Section("Media kit pages", pages=(kit_page.operations,), envelope=PageEnvelope())
