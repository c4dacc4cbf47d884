"""A segment tree: the operation for a method and a path, in a time that does not grow with the number of operations."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Generic, TypeVar

from .http import decode_segment

T = TypeVar("T")

MOST_RECENT = 1000
"""Matches that are remembered."""
LONGEST_RECENT = 200
"""Characters of a path whose match is remembered."""

_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Node(Generic[T]):
    __slots__ = ("methods", "parameter", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.methods: dict[str, tuple[T, tuple[str, ...]]] = {}


def path_parameters(path: str) -> tuple[str, ...]:
    """Return the names in ``/a/{b}/c/{d}``; a path that is malformed raises ``ValueError``."""
    if not path.startswith("/"):
        raise ValueError(f"the path {path!r} does not begin with a slash")
    names = []
    for segment in path.split("/"):
        match = _PARAMETER.fullmatch(segment)
        if match:
            names.append(match[1])
        elif "{" in segment or "}" in segment:
            raise ValueError(f"the path {path!r} has braces that are no whole segment")
    if len(set(names)) != len(names):
        raise ValueError(f"the path {path!r} names a parameter twice")
    return tuple(names)


def covers(prefix: str, path: str, *, merge_slashes: bool = True) -> bool:
    """Return whether a path begins with a prefix, segment by segment; ``{name}`` in the prefix is any one segment.

    The encoding does not count, nor do extra slashes with ``merge_slashes``: a service may take them.
    """
    wanted = [segment for segment in prefix.split("/") if segment]
    given = [segment for segment in path.split("/") if segment] if merge_slashes else path.split("/")[1:]
    given = given[: len(wanted)]
    return len(given) == len(wanted) and all(
        a == b or _PARAMETER.fullmatch(a) or ("%" in b and a == decode_segment(b))
        for a, b in zip(wanted, given, strict=True)
    )


class Routes(Generic[T]):
    """Static segments win over parameters, with backtracking; one trailing slash is optional."""

    def __init__(self, *, merge_slashes: bool = False) -> None:
        self._root: _Node[T] = _Node()
        self._exact: dict[str, dict[str, tuple[T, tuple[str, ...]]]] = {}
        self._merge_slashes = merge_slashes
        self._recent = lru_cache(MOST_RECENT)(self._match)

    def add(self, method: str, path: str, target: T) -> None:
        """Add a route. ``ValueError`` if the method and path are taken, whatever the parameters' names."""
        names = path_parameters(path)
        node = self._root
        for segment in _segments(path):
            if _PARAMETER.fullmatch(segment):
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.static.setdefault(segment, _Node())
        if method in node.methods:
            raise ValueError(f"{method} {path} is declared twice")
        node.methods[method] = (target, names)
        if not names:
            self._exact[path.rstrip("/") or "/"] = node.methods
        self._recent.cache_clear()

    def match(self, method: str, path: str) -> tuple[T, dict[str, str]] | frozenset[str]:
        """Return the target with its decoded parameters, or the methods of the path (none: it is unknown).

        Recent matches are remembered: the parameters are not to be changed.
        """
        methods = self._exact.get(path)
        if methods is not None and method in methods:
            return methods[method][0], {}
        return self._recent(method, path) if len(path) <= LONGEST_RECENT else self._match(method, path)

    def _match(self, method: str, path: str) -> tuple[T, dict[str, str]] | frozenset[str]:
        segments = _segments(path)
        if self._merge_slashes and "" in segments:
            segments = [segment for segment in segments if segment]
        allowed: set[str] = set()
        # Depth first, the static branch before the parameter's: where both are there, the second waits here.
        waiting: list[tuple[_Node[T], int, list[str]]] = [(self._root, 0, [])]
        count = len(segments)
        while waiting:
            node, index, values = waiting.pop()
            while index < count:
                segment = segments[index]
                index += 1
                static = node.static.get(segment)
                if static is None and "%" in segment:
                    static = node.static.get(decode_segment(segment))
                parameter = node.parameter if segment else None
                if static is not None:
                    if parameter is not None:
                        waiting.append((parameter, index, [*values, segment]))
                    node = static
                elif parameter is not None:
                    values.append(segment)
                    node = parameter
                else:
                    break
            else:
                found = node.methods.get(method)
                if found is not None:
                    return found[0], dict(zip(found[1], map(decode_segment, values), strict=True))
                allowed.update(node.methods)
        return frozenset(allowed)

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods that a path allows."""
        allowed = self.match("", path)
        return frozenset() if isinstance(allowed, tuple) else allowed


def _segments(path: str) -> list[str]:
    segments = path.split("/")[1:]
    if segments and segments[-1] == "":
        segments.pop()
    return segments
