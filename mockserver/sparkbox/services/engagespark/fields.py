"""Kinds of fields, and the base of all requests: names without regard to case, ``null`` as if it were not there.

Both as the vendor's JSON decoder, Go's, does it; clients rely on it (``orgid``, ``"from": null``).
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from sparkbox.core.declare.schema import Body

from . import times

MOST_ID = 10**18 - 1


class Fields(Body):
    """A request's fields under the vendor's names, in any case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _fold(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        names = _names(cls)
        if _written(cls).issuperset(given) and None not in given.values():
            return given
        known = ((names.get(str(name).lower()), value) for name, value in given.items() if value is not None)
        return {name: value for name, value in known if name is not None}


def requires(*names: str) -> ConfigDict:
    """Return the settings of a model whose handler checks for fields itself: ``""`` and 0 count as missing, too."""
    return ConfigDict(json_schema_extra={"required": list(names)})


@cache
def _names(model: type[Fields]) -> dict[str, str]:
    return {(field.alias or name).lower(): field.alias or name for name, field in model.model_fields.items()}


@cache
def _written(model: type[Fields]) -> frozenset[str]:
    """Return the names as the vendor writes them."""
    return frozenset(_names(model).values())


def _id(value: Any) -> Any:
    """Read an id that comes as a number or as text; 0 and an empty text mean none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    elif value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_ID:
        raise ValueError("must be a whole number, or text of digits")
    return value or None


def _moment(value: Any) -> int:
    found = times.read(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a date and time like 2020-02-20T20:20:20Z")
    return found


UNLESS_EMPTY = BeforeValidator(lambda value: None if value == "" else value)
"""For fields that are no text and that clients send as an empty one for nothing."""

Id = Annotated[int | None, BeforeValidator(_id, json_schema_input_type=int | str)]
SureId = Annotated[int, BeforeValidator(_id, json_schema_input_type=int | str)]
"""An id within a list, where there cannot be none."""
Moment = Annotated[int, BeforeValidator(_moment, json_schema_input_type=str)]
"""A date and time as Unix nanoseconds."""
Short = Annotated[str, StringConstraints(max_length=1024)]
Long = Annotated[str, StringConstraints(max_length=100_000)]
Url = Annotated[str, Field(max_length=8192)]
