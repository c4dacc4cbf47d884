"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import events, messages, requests, webhooks

SECTION = Section("Logs", pages=(messages.operations, requests.operations, events.operations, webhooks.operations))
