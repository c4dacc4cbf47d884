"""Keeping to rate limits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from contract_tests.pace import Pace


class Machine:
    """A clock that only sleeping turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(time, "time", machine.time)
    monkeypatch.setattr(time, "sleep", machine.sleep)
    return machine


def test_calls_are_spaced(machine: Machine, tmp_path: Path) -> None:
    pace = Pace(tmp_path, "service", 4.0)
    at = []
    for _ in range(5):
        pace.wait()
        at.append(machine.now)
    assert at == [1000.0, 1000.25, 1000.5, 1000.75, 1001.0]


def test_processes_share_a_pace(machine: Machine, tmp_path: Path) -> None:
    one, other = Pace(tmp_path, "service", 4.0), Pace(tmp_path, "service", 4.0)
    at = []
    for _ in range(2):
        one.wait()
        other.wait()
        at.append(machine.now)
    assert at == [1000.25, 1000.75]


def test_services_do_not_wait_for_each_other(machine: Machine, tmp_path: Path) -> None:
    Pace(tmp_path, "one", 4.0).wait()
    Pace(tmp_path, "other", 4.0).wait()
    assert machine.now == 1000.0


def test_late_call_does_not_wait(machine: Machine, tmp_path: Path) -> None:
    pace = Pace(tmp_path, "service", 4.0)
    pace.wait()
    machine.now += 10
    pace.wait()
    assert machine.now == 1010.0
