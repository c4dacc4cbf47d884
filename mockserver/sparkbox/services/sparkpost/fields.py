"""Field types that several pages share: texts measured in bytes, and strict booleans."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, StrictBool
from pydantic_core import PydanticCustomError

from sparkbox.core.request.json import dumps

from . import errors
from .envelope import TOO_MANY_BYTES

Flag = StrictBool
"""A boolean; the vendor does not accept texts."""


def _at_most(most: int) -> AfterValidator:
    def check(text: str) -> str:
        length = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if length > most:
            message = "{length} bytes are more than {most}"
            raise PydanticCustomError(TOO_MANY_BYTES, message, {"length": length, "most": most})
        return text

    return AfterValidator(check)


Text64 = Annotated[str, _at_most(64)]
Text255 = Annotated[str, _at_most(255)]
Text1024 = Annotated[str, _at_most(1024)]


def pack(value: Any, field: str) -> bytes:
    """Pack a client's JSON value; raise 1300 for numbers beyond 64 bits and for excessive nesting.

    The vendor limits numbers to 32 bits (https://developers.sparkpost.com/api/#header-api-conventions).
    """
    try:
        return dumps(value)
    except orjson.JSONEncodeError:
        raise errors.INVALID(description=f"field '{field}' holds a value that is too large") from None
