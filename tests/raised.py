"""Which errors of the services' tables the tests cause: each row has to be in some response.

Loaded by ``tests/conftest.py``. Each process notes what its sandboxes refuse with; at the end of a run over all tests
rows that no test caused fail it, and so do needless exceptions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkbox.core.declare.errors import Error
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.exchange import Exchange
from sparkbox.core.request.http import Response
from sparkbox.services import SERVICES, load

Raised = set[tuple[str, str]]
"""Services and their errors' names."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("sparked", "redirect_unregistered"): "a simulation's: the control API gives its message with an error of its own",
}
"""Rows that no test causes, each with its reason."""

_PROBLEMS = pytest.StashKey[list[str]]()
_raised: Raised = set()
_ROWS = {api.name: tuple(load(api.name).errors) for api in SERVICES}


def pytest_configure(config: pytest.Config) -> None:
    """Record the errors of responses, from the first test on."""
    _watch()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """One of xdist's workers has ended: what it noted counts here."""
    _raised.update(map(tuple, getattr(node, "workeroutput", {}).get("raised", ())))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run over all tests after which an error is left."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["raised"] = sorted(_raised)
    elif is_whole(config) and session.exitstatus == pytest.ExitCode.OK:
        config.stash[_PROBLEMS] = list(problems(_raised, EXCEPTIONS))
        if config.stash[_PROBLEMS]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_PROBLEMS, []):
        terminalreporter.line(f"ERROR {line}", red=True)


def is_whole(config: pytest.Config) -> bool:
    """Whether a run is over all tests, with nothing chosen among them."""
    chosen = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "collectonly", "maxfail")
    everything = [Path(each).resolve() for each in config.args] == [Path(__file__).parent]
    return everything and not any(config.getoption(name, None) for name in chosen)


def problems(raised: Raised, exceptions: dict[tuple[str, str], str]) -> Iterator[str]:
    """Return the rows that no test caused, and needless exceptions."""
    rows = {(api.name, error.name) for api in SERVICES for error in load(api.name).errors}
    for service, name in sorted(rows - raised - exceptions.keys()):
        yield f"no test causes {service}'s error {name}: tests/raised.py"
    for service, name in sorted(exceptions.keys() - (rows - raised)):
        yield f"{service}'s error {name} is no exception: tests/raised.py"


def counts(row: Error, *, injected: bool) -> bool:
    """Whether a response with this row shows it: one that a fault injects shows those alone that only faults cause."""
    return not injected or "fault" in row.cause.lower()


def _watch() -> None:
    """Have the dispatchers note what they answer with, once the service's envelope is done with it."""
    finish = Dispatcher._finish

    @functools.wraps(finish)
    def finishing(self: Dispatcher, exchange: Exchange, response: Response) -> None:
        finish(self, exchange, response)
        by_fault = exchange.fault is not None and response.error is not None
        _note(self.service.name, response, injected=by_fault)

    Dispatcher._finish = finishing  # type: ignore[method-assign]


def _note(service: str, response: Response, *, injected: bool) -> None:
    for row in _ROWS.get(service, ()):
        # Some errors are beside the results of a success.
        beside = row.status < 400 and response.status < 400 and row.message.encode() in response.body
        if (beside or row.name == response.error) and counts(row, injected=injected):
            _raised.add((service, row.name))
