"""Types of parameters whose errors the envelope words as the vendor does: "Argument limit must be integer"."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from sparkbox.core.declare.schema import Body

from .. import addresses, times
from .decoding import unpack

BADLY_FORMED = "badly_formed"
"""The kind of a problem that gets the error for an unreadable body."""


def invalid(complaint: str = "is invalid", *, name: str = "") -> PydanticCustomError:
    """Return the error for a validator to raise: "Argument <name> <complaint>"; the field is the default name."""
    return PydanticCustomError("argument", "{complaint}", {"complaint": complaint, "name": name})


def missing(*, name: str = "") -> PydanticCustomError:
    """Return the error for a validator to raise: "Argument <name> missing"."""
    return PydanticCustomError("missing", "missing", {"name": name})


def complain(complaint: str = "is invalid", *, name: str = "") -> WrapValidator:
    """Return a validator that words any error of a value as this complaint."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise invalid(complaint, name=name) from None

    return WrapValidator(check)


def one_of(*allowed: str) -> AfterValidator:
    """Return a validator that refuses any other text."""

    def check(text: str) -> str:
        if text not in allowed:
            raise invalid()
        return text

    return AfterValidator(check)


def no_object(value: Any) -> Any:
    """Refuse an object in place of a list. The vendor's error is not about the argument but about the whole body.

    https://github.com/sendpulse/sendpulse-rest-api-php/issues/69
    """
    if isinstance(value, dict):
        raise PydanticCustomError(BADLY_FORMED, "an object is no list")
    return value


def _email(text: str) -> str:
    address = addresses.read(text)
    if address is None:
        raise invalid()
    return address


def _time(value: Any) -> float:
    time = times.read(value) if isinstance(value, str) else None
    if time is None:
        raise invalid()
    return time


def _end(value: Any) -> float:
    return _time(value) + (times.DAY if times.is_date(value.strip()) else 0)


Packed = BeforeValidator(unpack)
"""A list or an object that may come as JSON text or PHP's serialize() text inside the field."""
Email = Annotated[str, complain(), AfterValidator(_email)]
Time = Annotated[float, BeforeValidator(_time), WithJsonSchema({"type": "string"})]
"""``YYYY-MM-DD`` or ``YYYY-MM-DD hh:mm:ss``, in Unix seconds."""
EndTime = Annotated[float, BeforeValidator(_end), WithJsonSchema({"type": "string"})]
"""The same; a day without a time means its end."""
Listed = BeforeValidator(lambda value: no_object(unpack(value)))
"""The same for a list; an object is refused."""
InvalidFlag = Annotated[bool, complain()]
InvalidText = Annotated[str, complain()]

# Checked by the handlers, because each mistake has an error code of its own.
AnyText = Annotated[Any, WithJsonSchema({"type": "string"})]
AnyTexts = Annotated[Any, WithJsonSchema({"type": "array", "items": {"type": "string"}})]


class OnDate(Body):
    """A query about one day."""

    date: Time | None = None
