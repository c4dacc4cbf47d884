"""Test recipients: addresses whose videos fail or take longer. They are the sandbox's, not the vendor's.

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
    """Return the outcome of the video for an address."""
    word = email.partition("@")[0].partition("+")[0].lower()
    return "error" if word == "error" else "slow" if word == "slow" else "completed"
