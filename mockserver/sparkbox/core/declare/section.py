"""A section: a part of a service's API with pages, and perhaps an envelope and an initial state, of its own.

A section is a folder of its service. Its module ``section`` makes one::

    SECTION = Section("Templates", pages=(templates.operations,))

and the service's ``__init__`` lists it with the paths that begin its operations' paths. It is imported with the first
request for one of them::

    SERVICE = Service(package=__name__, sections={"templates": ("/api/v1/templates",)}, …)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from ..request.routing import Routes, covers
from ..state.steps import Aside, StepsAndWaits
from ..state.store import Record
from .operation import Operation, Operations

if TYPE_CHECKING:
    from ..state.account import Account
    from ..state.store import Store
    from .envelope import Envelope


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a service's API."""

    title: str
    """As the vendor's documentation calls it."""
    pages: Sequence[Operations]
    envelope: Envelope | None = None
    """How its responses look; ``None``: as the service's."""
    seed: Callable[[Account, Store], None] | None = None
    """Puts its initial state into an account, before the account's first request for it."""
    simulations: Operations | None = None
    """The section's simulations, beside those of the service."""


class SeededSection(Record, frozen=True, gc=False):
    """Notes that a section has its initial state."""

    most: ClassVar[int | None] = None

    id: str


class Sections:
    """The sections of a service, each imported and routed when it is first needed."""

    def __init__(
        self,
        service: str,
        package: str,
        prefixes: Mapping[str, tuple[str, ...]],
        check: Callable[[Operation], None],
        merge: bool,
    ) -> None:
        self.loaded: dict[str, Section] = {}
        self.operations: dict[str, Operation] = {}
        """Those of the loaded sections, by id, in the service's order."""
        self.routes: Routes[Operation] = Routes(merge_slashes=merge)
        self._service = service
        self._package = package
        self._prefixes = prefixes
        self._waiting = dict(prefixes)
        self._check = check
        self._merge = merge
        self._importing: dict[str, Aside] = {}

    def waiting_for(self, path: str) -> list[str]:
        """Return the sections that are not loaded yet and may have a path."""
        if not self._waiting:
            return []
        return [name for name, prefixes in self._waiting.items() if any(covers(each, path) for each in prefixes)]

    def needed(self, method: str, path: str) -> list[str]:
        """Return the sections that a request would have to load."""
        if not self._waiting or isinstance(self.routes.match(method, path), tuple):
            return []
        return self.waiting_for(path)

    def importing(self, name: str) -> Aside:
        """Import a section beside the event loop; it is to be waited for."""
        found = self._importing.get(name)
        if found is None:
            found = self._importing[name] = Aside(lambda: self.imported(name))
        return found

    def at(self, path: str) -> Section | None:
        """Return the section that a path is in, loaded if need be: the one with the longest prefix that it has.

        A segment that is written out counts for more than a parameter.
        """
        found = [
            (prefix.count("/"), -prefix.count("{"), name)
            for name, some in self._prefixes.items()
            for prefix in some
            if covers(prefix, path, merge_slashes=self._merge)
        ]
        if not found:
            return None
        *_, name = max(found)
        self.load(name)
        return self.loaded[name]

    def imported(self, name: str) -> Section:
        """Import a section; :meth:`add` it afterwards."""
        section: Section = import_module(f"{self._package}.{name}.section").SECTION
        return section

    def load(self, name: str) -> None:
        """Import and route a section, unless it is there already."""
        if name in self._waiting:
            self.add(name, self.imported(name))
            place = {name: number for number, name in enumerate(self._prefixes)}
            in_order = sorted(self.operations.values(), key=lambda operation: place.get(operation.section, -1))
            self.operations = {operation.id: operation for operation in in_order}

    def load_all(self) -> None:
        """Load what is not there yet."""
        for name in tuple(self._waiting):
            self.load(name)

    def load_all_aside(self) -> StepsAndWaits[None]:
        """:meth:`load_all`, with the imports beside the event loop."""
        for name in tuple(self._waiting):
            yield self.importing(name)
            self.load(name)

    def add(self, name: str, section: Section) -> None:
        """Route a section's operations. ``ValueError`` for an id, a route or a path that is not its to declare."""
        prefixes = self._prefixes.get(name)
        for page in section.pages:
            for operation in page:
                if operation.id in self.operations:
                    raise ValueError(f"{self._service}: two operations are called {operation.id!r}")
                if prefixes is not None and not any(covers(prefix, operation.path) for prefix in prefixes):
                    raise ValueError(
                        f"{self._service}, section {name}: {operation.path} begins with none of {prefixes}"
                    )
                operation.join(name, envelope=section.envelope, seeds=section.seed is not None)
                self._check(operation)
                self.operations[operation.id] = operation
                self.routes.add(operation.method, operation.path, operation)
        self.loaded[name] = section
        self._waiting.pop(name, None)

    def in_order(self) -> Iterator[tuple[str, Section]]:
        """Yield all sections, loaded if need be, in the service's order."""
        self.load_all()
        yield from ((name, self.loaded[name]) for name in self._prefixes)

    def seed(self, name: str, account: Account, store: Store) -> None:
        """Put a loaded section's initial state into a service's store, unless it is there. It counts as no change."""
        section = self.loaded[name]
        if section.seed is not None and store[SeededSection].get(name) is None:
            untouched = not store.changed
            store[SeededSection].put(SeededSection(name))
            section.seed(account, store)
            if untouched:
                store.settle()

    def seed_all(self, account: Account, store: Store) -> None:
        """:meth:`seed` for every section that is loaded."""
        for name in self.loaded:
            self.seed(name, account, store)
