"""Lines of mail bodies, checked without a loop in Python over each."""

from __future__ import annotations


def has_line_longer_than(most: int, data: bytes | bytearray, begin: int = 0) -> bool:
    """Return whether more than ``most`` bytes are between two line feeds, from ``begin`` on.

    It searches backwards for the last line feed within reach and continues after it, so two searches cover more than
    ``most`` bytes however short the lines are.
    """
    while len(data) - begin > most:
        end = data.rfind(b"\n", begin, begin + most + 1)
        if end < 0:
            return True
        begin = end + 1
    return False
