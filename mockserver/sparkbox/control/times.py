"""Times and spans as the control API takes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_SECONDS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,9})?"
_SPAN = re.compile(rf"(?:{_NUMBER}[wdhms])+")
_PART = re.compile(rf"({_NUMBER})([wdhms])")
_ISO_SPAN = re.compile(rf"p(?:{_NUMBER}[wd])*(?:t(?:{_NUMBER}[hms])+)?")


def unix(value: Any) -> float:
    """Return ``2026-03-01T12:00:00Z`` (UTC where no offset is given) or Unix seconds, as Unix seconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and len(value) <= 64:
        if re.fullmatch(_NUMBER, value) and len(value) > 8:
            return float(value)
        try:
            time = datetime.fromisoformat(value.strip())
        except ValueError:
            pass
        else:
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    raise ValueError("give a time like 2026-03-01T12:00:00Z, or Unix seconds")


def seconds(value: Any) -> float:
    """Return ``90``, ``8h30m``, ``1.5d`` or ``PT1H`` as seconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        span = float(value)
    elif isinstance(value, str) and len(value) <= 64:
        span = _span(value.strip().lower())
    else:
        span = -1.0
    if not span >= 0:
        raise ValueError("give seconds, or a span like 8h30m, 2d or PT1H; to go back, set the clock instead")
    return span


def _span(text: str) -> float:
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if _SPAN.fullmatch(text) or (_ISO_SPAN.fullmatch(text) and len(text) > 2):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return -1.0


Moment = Annotated[
    float,
    BeforeValidator(unix),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]}),
]
"""A point in time, as Unix seconds once it is checked."""

Span = Annotated[float, BeforeValidator(seconds), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]})]
"""A length of time, in seconds once it is checked."""
