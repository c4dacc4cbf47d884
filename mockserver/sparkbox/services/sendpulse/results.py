"""``{"result": true}``, the response of most operations that change something."""

from __future__ import annotations

from typing import Final

from typing_extensions import TypedDict


class Result(TypedDict):
    result: bool


RESULT: Final[Result] = {"result": True}
