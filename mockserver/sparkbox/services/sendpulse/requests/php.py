"""PHP's two ways of writing an array: text from ``serialize()`` and form fields named ``list[]`` or ``list[0][key]``.

The vendor's PHP, Node.js, Java and Objective-C clients put ``serialize()`` text into the fields ``emails``, ``email``
and ``attachments``; its PHP client writes nested form fields with ``http_build_query()``.
https://github.com/sendpulse/sendpulse-rest-api-php/blob/master/src/ApiClient.php

A PHP array is returned as a list if its keys are 0 to n-1 (so an empty one is ``[]``), otherwise as a dictionary; a
dictionary's keys are always text, as they would be in JSON.
"""

from __future__ import annotations

import math
import re

MAX_DEPTH = 64
"""Containers inside each other in JSON and ``serialize()`` text, brackets in a field's name (PHP's own default)."""
MAX_FIELDS = 100_000
"""Form fields of one body; elements and members of one JSON or ``serialize()`` text, all levels together."""
MAX_BRACKETS = 2 * MAX_FIELDS
"""Brackets in all field names of one body together."""


class Undecodable(ValueError):
    """A request cannot be decoded; ``str()`` is the reason, an English sentence."""


def unserialize(data: bytes) -> object:
    """Return the value of PHP's ``serialize()`` text: text, number, boolean, ``None``, list or dictionary.

    Lengths count UTF-8 bytes. Objects, references, NAN and INF, text that is not UTF-8, anything after the value but
    white space, more than ``MAX_DEPTH`` levels or ``MAX_FIELDS`` elements raise ``Undecodable``.
    """
    reader = _Reader(data)
    value = reader.value(0)
    if data[reader.position :].strip():
        raise Undecodable(f"The serialized text goes on after its value at byte {reader.position}.")
    return value


class FormFields:
    """Form fields put together by PHP's rules for their names.

    A later field replaces an earlier one of the same name, whether text or nested; ``a[]`` appends after the largest
    number so far; what follows the last bracket is dropped; a name that is empty or begins with ``[`` is ignored.
    Outside brackets a dot, a space and an unclosed ``[`` become ``_``:
    https://www.php.net/manual/en/language.variables.external.php
    """

    def __init__(self) -> None:
        self._root = _Array()
        self._fields = 0
        self._brackets = 0

    def add(self, name: str, value: object) -> None:
        """Add a field by its decoded name; ``Undecodable`` beyond the limits."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise Undecodable(f"There are more than {MAX_FIELDS} fields.")
        keys = _split_name(name)
        self._brackets += len(keys) - 1
        if self._brackets > MAX_BRACKETS:
            raise Undecodable(f"The field names have more than {MAX_BRACKETS} brackets together.")
        if keys[0]:
            self._root.put(keys, value)

    def mapping(self) -> dict[str, object]:
        """Return all fields by name, whatever their names are."""
        return {key: _plain(value) for key, value in self._root.items()}

    def structure(self) -> dict[str, object] | list[object]:
        """Return all fields, as a list if they are named by their numbers (``0=a&1=b``); none at all are ``{}``."""
        fields = self.mapping()
        return list_or_dict(fields) if fields else fields


def list_or_dict(fields: dict[str, object]) -> dict[str, object] | list[object]:
    """Return a list in the order of its numbers if the keys are 0 to n-1, else the same dictionary."""
    if all(str(index) in fields for index in range(len(fields))):
        return [fields[str(index)] for index in range(len(fields))]
    return fields


class _Array(dict[str, object]):
    """A PHP array under construction; it knows which number ``[]`` takes next."""

    __slots__ = ("next_index",)

    def __init__(self) -> None:
        super().__init__()
        self.next_index = 0

    def put(self, keys: list[str], value: object) -> None:
        array = self
        for key in keys[:-1]:
            name = array._claim(key)
            child = array.get(name)
            if not isinstance(child, _Array):
                child = array[name] = _Array()
            array = child
        array[array._claim(keys[-1])] = value

    def _claim(self, key: str) -> str:
        if not key:
            key = str(self.next_index)
            self.next_index += 1
        elif _INDEX.fullmatch(key):
            self.next_index = max(self.next_index, int(key) + 1)
        return key


# A longer number is text to PHP too. https://www.php.net/manual/en/language.types.array.php
_INDEX = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NOT_IN_NAMES = str.maketrans(" .[", "___")
_APPENDING = frozenset(("", " ", "\t", "\n", "\v", "\f", "\r"))


def _plain(value: object) -> object:
    return list_or_dict({key: _plain(child) for key, child in value.items()}) if isinstance(value, _Array) else value


def _split_name(name: str) -> list[str]:
    """``a[b][]`` as ``["a", "b", ""]``."""
    name = name.lstrip(" ")
    opened = name.find("[")
    closed = name.find("]", opened) if opened >= 0 else -1
    if closed < 0:
        return [name.translate(_NOT_IN_NAMES) if opened else ""]
    keys = [name[:opened].translate(_NOT_IN_NAMES)]
    while closed >= 0:
        key = name[opened + 1 : closed]
        keys.append("" if key in _APPENDING else key)
        if len(keys) > MAX_DEPTH + 1:
            raise Undecodable(f"A field name has more than {MAX_DEPTH} brackets.")
        opened = closed + 1
        closed = name.find("]", opened) if name.startswith("[", opened) else -1
    return keys


_SCALAR = re.compile(
    rb"(?P<null>N)"
    rb"|b:(?P<boolean>[01])"
    rb"|i:(?P<integer>[+-]?[0-9]{1,19})"
    rb"|d:(?P<double>[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?)"
)
_TEXT = re.compile(rb's:([0-9]{1,10}):"')
_ARRAY = re.compile(rb"a:([0-9]{1,10}):\{")
_INT64 = range(-(2**63), 2**63)
# An entry of an array takes at least this many bytes: i:0;N;
_SMALLEST_ENTRY = 6


class _Reader:
    """A cursor over ``serialize()`` text."""

    __slots__ = ("data", "elements", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.elements = 0

    def value(self, depth: int) -> object:
        if opening := _ARRAY.match(self.data, self.position):
            return self._array(opening, depth + 1)
        return self._scalar()

    def _array(self, opening: re.Match[bytes], depth: int) -> dict[str, object] | list[object]:
        count = int(opening[1])
        self.elements += count
        self.position = opening.end()
        if depth > MAX_DEPTH:
            raise Undecodable(f"The serialized text is nested deeper than {MAX_DEPTH} levels.")
        if count * _SMALLEST_ENTRY > len(self.data) - self.position:
            raise Undecodable(f"The serialized text is shorter than the {count} elements that it announces.")
        if self.elements > MAX_FIELDS:
            raise Undecodable(f"The serialized text has more than {MAX_FIELDS} elements.")
        entries: dict[str, object] = {}
        for _ in range(count):
            key = self._key()
            entries[key] = self.value(depth)
        self._expect(b"}")
        return list_or_dict(entries)

    def _key(self) -> str:
        start = self.position
        key = self._scalar()
        if isinstance(key, str) or self.data.startswith(b"i", start):
            return str(key)
        raise Undecodable(f"The serialized text has a key at byte {start} that is neither a number nor text.")

    def _scalar(self) -> object:
        if opening := _TEXT.match(self.data, self.position):
            return self._text(opening)
        scalar = _SCALAR.match(self.data, self.position)
        if scalar is None:
            raise Undecodable(f"The serialized text has no value that can be read at byte {self.position}.")
        self.position = scalar.end()
        self._expect(b";")
        if scalar["integer"] is not None:
            return _integer(scalar["integer"])
        if scalar["double"] is not None:
            return _double(scalar["double"])
        return None if scalar["null"] else scalar["boolean"] == b"1"

    def _text(self, opening: re.Match[bytes]) -> str:
        end = opening.end() + int(opening[1])
        text = self.data[opening.end() : end]
        self.position = end
        self._expect(b'";')
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise Undecodable("The serialized text has a value that is not UTF-8.") from None

    def _expect(self, mark: bytes) -> None:
        if not self.data.startswith(mark, self.position):
            raise Undecodable(f"The serialized text is broken off or wrong at byte {self.position}.")
        self.position += len(mark)


def _integer(digits: bytes) -> int:
    number = int(digits)
    if number not in _INT64:
        raise Undecodable(f"The serialized text has a number that does not fit into 64 bits: {number}.")
    return number


def _double(digits: bytes) -> int | float:
    # The Java client writes a phone number, as every long over 32 bits, as d:380971234567; it stays a whole number.
    # https://github.com/kayahr/pherialize/blob/master/src/main/java/de/ailis/pherialize/Serializer.java
    if digits.lstrip(b"+-").isdigit() and len(digits) <= 16:
        return int(digits)
    number = float(digits)
    if math.isinf(number):
        raise Undecodable("The serialized text has a number that is too large.")
    return number
