"""Outgoing calls to the targets that a user configured; see :class:`Delivery`."""

from __future__ import annotations

import msgspec


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One payload on its way to one target."""

    number: int
