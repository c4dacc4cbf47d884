"""A local sandbox that answers as Sendspark, Sparked, engageSPARK, SendPulse and SparkPost do.

``Sparkbox`` runs it on a thread, ``create_app`` gives the ASGI application, ``Transport`` lets httpx call it without
a socket, ``Client`` speaks to one that runs elsewhere. Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparkbox._version import __version__ as __version__
    from sparkbox.app import Application, create_app
    from sparkbox.client import Client, ControlError
    from sparkbox.core.logs.messages import Message
    from sparkbox.core.state.config import Settings
    from sparkbox.core.testing.faults import Fault
    from sparkbox.core.testing.stubs import Stub
    from sparkbox.testing.sandbox import Sparkbox
    from sparkbox.testing.transport import Transport
    from sparkbox.testing.world import World

__all__ = [
    "Application",
    "Client",
    "ControlError",
    "Fault",
    "Message",
    "Settings",
    "Sparkbox",
    "Stub",
    "Transport",
    "UserError",
    "World",
    "create_app",
]


class UserError(Exception):
    """Something outside of the sandbox is wrong and the user can mend it; ``str()`` is one line that says how.

    A taken port, a setting that makes no sense, a certificate that cannot be written, a sandbox that does not answer.
    """


_HOMES = {
    "Application": "app",
    "Client": "client",
    "ControlError": "client",
    "Fault": "core.testing.faults",
    "Message": "core.logs.messages",
    "Sparkbox": "testing.sandbox",
    "Settings": "core.state.config",
    "Stub": "core.testing.stubs",
    "Transport": "testing.transport",
    "World": "testing.world",
    "__version__": "_version",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
