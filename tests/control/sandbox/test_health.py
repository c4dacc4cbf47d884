"""Whether the sandbox is there, and how full it is."""

from __future__ import annotations

import sparkbox
from tests.control.harness import Harness


def test_a_sandbox_that_is_there_says_so(harness: Harness) -> None:
    harness.send()
    health = harness.get("health")
    assert (health["status"], health["version"]) == ("ok", sparkbox.__version__)
    assert (health["services"], health["accounts"]) == (["post"], 1)
    assert health["uptime"] >= 0


def test_the_logs_say_what_they_dropped() -> None:
    with Harness(most_messages=2) as harness:
        for _ in range(3):
            harness.send()
        assert harness.get("health")["logs"]["messages"] == {"kept": 2, "most": 2, "dropped": 1}
        assert harness.get("health")["logs"]["events"]["dropped"] == 0
