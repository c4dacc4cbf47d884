"""Health: whether the sandbox is up, and how full it is."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from sparkbox import __version__
from sparkbox.core.declare.operation import Operations
from sparkbox.core.logs.buffer import LogBuffer
from sparkbox.core.state.clock import stopwatch

from ..context import Context

operations = Operations("Health", public=True)


class LogFill(TypedDict):
    """How many items a log keeps, how many it may keep, and how many it dropped to make room."""

    kept: int
    most: int
    dropped: int


class StateFill(TypedDict):
    """How many bytes the state of all accounts takes, and how many it may."""

    bytes: int
    most_bytes: int


class Health(TypedDict):
    """``uptime`` in seconds; ``services`` are the names of those that can be used. ``dropped_accounts`` were
    forgotten because they idled and held nothing, or to make room."""

    status: str
    version: str
    uptime: float
    services: list[str]
    accounts: int
    dropped_accounts: int
    state: StateFill
    logs: dict[str, LogFill]


@operations.get("/_mock/health")
def show_health(ctx: Context) -> Health:
    """Show whether the sandbox is up, and how full it is.

    It is ready once this responds. A log that drops items is too small for its use.
    """
    sandbox, logs = ctx.sandbox, ctx.sandbox.logs
    return {
        "status": "ok",
        "version": __version__,
        "uptime": round(stopwatch() - sandbox.started, 3),
        "services": list(sandbox.service_names),
        "accounts": len(sandbox.accounts),
        "dropped_accounts": sandbox.accounts.dropped,
        "state": {"bytes": logs.state.used, "most_bytes": logs.state.most},
        "logs": {
            "messages": _fill(logs.messages),
            "requests": _fill(logs.requests),
            "events": _fill(logs.events),
            "webhooks": _fill(logs.deliveries),
        },
    }


def _fill(buffer: LogBuffer[Any]) -> LogFill:
    return {"kept": len(buffer), "most": buffer.most, "dropped": buffer.dropped}
