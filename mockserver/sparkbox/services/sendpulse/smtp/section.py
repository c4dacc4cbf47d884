"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import bounces, domains, emails, engagement, simulations, unsubscribe

SECTION = Section(
    "SMTP",
    pages=(
        emails.operations,
        bounces.operations,
        unsubscribe.operations,
        domains.operations,
        engagement.operations,
    ),
    simulations=simulations.operations,
)
