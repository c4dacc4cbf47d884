"""Contacts and the custom fields that an organization adds to them."""

from __future__ import annotations

from sparkbox.core.state.store import Record


class Contact(Record, frozen=True, gc=False):
    """A person; ``fields`` are custom fields' ids and values in the order of the ids, times are Unix seconds."""

    first_id = 100_001

    id: int
    number: str
    created: float
    updated: float
    used: float
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    groups: tuple[int, ...] = ()
    fields: tuple[tuple[int, str], ...] = ()
    no_autodelete: bool = False
    with_bsuid: bool = False


class Namesakes(Record, frozen=True, gc=False):
    """The contacts that share a number, the newest last."""

    number: str
    ids: tuple[int, ...]

    @property
    def key(self) -> str:
        return self.number


class CustomField(Record, frozen=True, gc=False):
    """A column."""

    first_id = 120

    id: int
    name: str


class FieldName(Record, frozen=True, gc=False):
    """Which field a name means; ``folded`` is the name in lower case."""

    folded: str
    field: int

    @property
    def key(self) -> str:
        return self.folded
