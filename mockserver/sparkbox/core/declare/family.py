"""A family: operations that are the same for several rows, such as messengers or owners, declared once.

A row has a ``name`` and the ``prefix`` of its paths. A handler takes the row as its second argument, under the family's
name for it, and reads what differs from it; it never checks which row it is::

    TAGS = Family("channel", (TELEGRAM, WHATSAPP), group=lambda channel: f"{channel.title} tags")

    @TAGS.get("/telegram/tags", "/whatsapp/tags")
    def list_tags(ctx: Context, channel: Channel, query: BotQuery) -> list[TagCount]:
        \"\"\"Get a list of tags.\"\"\"

Each path is written in full in the source. A row without one of the operations is left out of its paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from .operation import Handler, Operations


class Row(Protocol):
    """The fields that a family needs in each row."""

    @property
    def name(self) -> str:
        """Begins the ids of the row's operations."""

    @property
    def prefix(self) -> str:
        """Begins the row's paths."""


R = TypeVar("R", bound=Row)


class Family(Generic[R]):
    """One page of operations for each row.

    ``parameter`` is what the handlers call the row, ``group`` gives each row's page its name, ``more`` are defaults of
    all operations. A callable among the settings of an operation is called with the row.
    """

    def __init__(self, parameter: str, rows: Iterable[R], *, group: Callable[[R], str], **more: Any) -> None:
        self.parameter = parameter
        self.rows = tuple(rows)
        self.pages: dict[str, Operations] = {row.name: Operations(group(row), **_of(row, more)) for row in self.rows}
        """The pages by their rows' names."""

    def get(self, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("GET", *paths, **more)

    def post(self, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("POST", *paths, **more)

    def put(self, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("PUT", *paths, **more)

    def patch(self, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("PATCH", *paths, **more)

    def delete(self, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        return self.operation("DELETE", *paths, **more)

    def operation(self, method: str, *paths: str, **more: Any) -> Callable[[Handler], Handler]:
        """Declare the decorated handler once for each path.

        ``id`` is the row's name and the handler's unless it is given; ``body`` and ``query`` are types in the place of
        the handler's annotations; everything else is as in :class:`~.operation.Operation`. ``ValueError`` for a path
        that is no row's, and for two paths of one row.
        """
        rows = [self._row_of(path) for path in paths]
        if len({row.name for row in rows}) < len(rows):
            raise ValueError(f"two of {paths} belong to one row")

        def declare(handler: Handler) -> Handler:
            for path, row in zip(paths, rows, strict=True):
                settings = {"id": f"{row.name}_{handler.__name__}", **_of(row, more)}
                takes = {part: settings.pop(part) for part in ("body", "query") if part in settings}
                page = self.pages[row.name]
                page.operation(method, path, takes=takes, bound={self.parameter: row}, **settings)(handler)
            return handler

        return declare

    def _row_of(self, path: str) -> R:
        found = [row for row in self.rows if path == row.prefix or path.startswith(f"{row.prefix}/")]
        if not found:
            raise ValueError(f"{path} begins with none of {[row.prefix for row in self.rows]}")
        return max(found, key=lambda row: len(row.prefix))

    def __iter__(self) -> Iterator[Operations]:
        return iter(self.pages.values())


def _of(row: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings for a row: callables are called with it, except types, which are callable too."""
    return {
        name: value(row) if callable(value) and not isinstance(value, type) and not _is_shape(value) else value
        for name, value in settings.items()
    }


def _is_shape(value: Any) -> bool:
    """Return whether something is a type such as ``list[str]`` or ``A | B``, or an alias of one."""
    return hasattr(value, "__origin__") or hasattr(value, "__args__")
