"""A page of SparkPost's documentation: its operations, and the grants that an API key needs for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkbox.core.declare.operation import Handler, Operations

from .keys import Grant


class Page(Operations):
    """The operations of one page.

    ``view`` is the grant for operations that only read, ``modify`` the one for all; a page without ``modify`` has none
    that change anything. An operation only reads if it is a ``GET`` or says ``reads=True``.

    An operation's tags name the grants that are enough for it.
    """

    def __init__(self, group: str, *, view: Grant, modify: Grant | None = None, **more: Any) -> None:
        super().__init__(group, **more)
        self._view = view
        self._modify = modify

    def operation(self, method: str, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare the decorated handler; see :class:`~sparkbox.core.declare.operation.Operation`."""
        grants = (self._modify,) if self._modify is not None else ()
        if more.pop("reads", method == "GET"):
            grants = (self._view, *grants)
        if not grants:
            raise ValueError(f"{method} {path}: the page {self.group!r} has no grant to modify")
        return super().operation(method, path, **{**more, "tags": (*more.get("tags", ()), *grants)})
