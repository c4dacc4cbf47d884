"""The API: its pages, in the order of the vendor's contents."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from ..creators import creators
from ..envelope import ApiEnvelope
from ..gameplan import gameplan
from ..mediakit import mediakit
from ..pulse import pulse
from ..studio import studio
from ..webhooks import webhooks

SECTION = Section(
    "API",
    pages=(
        creators.operations,
        gameplan.operations,
        studio.operations,
        pulse.operations,
        mediakit.operations,
        webhooks.operations,
    ),
    envelope=ApiEnvelope(),
)
