"""The context of a control handler: the whole sandbox."""

from __future__ import annotations

from sparkbox.core.declare.service import Service
from sparkbox.core.state import context
from sparkbox.core.state.sandbox import Sandbox


class Context(context.Context):
    """The context of a control call. It belongs to no account."""

    __slots__ = ()

    sandbox: Sandbox
    service: Service
