"""What a prospect's address brings about, so that tests can ask for it. All of it is ours, nothing the vendor's.

===========================  ==========================================================================
``error@…``, ``error+…@…``   the video cannot be made: ``errored``, and ``video_generated_error``
``slow@…``, ``slow+…@…``     it takes five times as long
anything else                it is completed
===========================  ==========================================================================
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["completed", "slow", "error"]


def of(email: str) -> Outcome:
    """What becomes of the video for this address."""
    word = email.partition("@")[0].partition("+")[0].lower()
    return "error" if word == "error" else "slow" if word == "slow" else "completed"
