"""Uploaded files."""

from __future__ import annotations

from sparkbox.core.state.store import Record

MOST_FILES = 10_000


class File(Record, frozen=True, gc=False):
    """An uploaded file; ``filter`` is what the request named, and is not applied."""

    filename: str
    title: str
    category: str
    sha1: str
    uploaded: float
    data: bytes
    type: str
    transcript: str = ""
    thumb: bool = False
    filter: str = ""

    @property
    def key(self) -> str:
        return self.filename


class LastNumber(Record, frozen=True, gc=False):
    """The last number that was given to a name that was taken."""

    most = MOST_FILES

    name: str
    number: int = 1

    @property
    def key(self) -> str:
        return self.name


MOST_FILES = 10_000
