"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import dkim_keys, sending_domains

SECTION = Section(
    "Sending Domains",
    pages=(
        sending_domains.operations,
        dkim_keys.operations,
    ),
)
