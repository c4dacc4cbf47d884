"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import events, message_events

SECTION = Section(
    "Events",
    pages=(
        events.operations,
        message_events.operations,
    ),
)
