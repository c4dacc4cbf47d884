"""Whether the sandbox is there, and how full it is."""

from __future__ import annotations

import sparkbox
from tests.control.desk import Desk


def test_a_sandbox_that_is_there_says_so(desk: Desk) -> None:
    desk.send()
    health = desk.get("health")
    assert (health["status"], health["version"]) == ("ok", sparkbox.__version__)
    assert (health["services"], health["accounts"]) == (["post"], 1)
    assert health["uptime"] >= 0


def test_the_logs_say_what_they_dropped() -> None:
    with Desk(most_messages=2) as desk:
        for _ in range(3):
            desk.send()
        assert desk.get("health")["logs"]["messages"] == {"kept": 2, "most": 2, "dropped": 1}
        assert desk.get("health")["logs"]["events"]["dropped"] == 0
