"""Lines of mail bodies, looked at without a step of Python for each."""

from __future__ import annotations


def has_line_longer_than(most: int, data: bytes | bytearray) -> bool:
    """Whether there are more than ``most`` bytes between two line feeds.

    It looks for the last line feed within reach and goes on behind it, so two steps cover more than ``most`` bytes
    however short the lines are.
    """
    begin = 0
    while len(data) - begin > most:
        end = data.rfind(b"\n", begin, begin + most + 1)
        if end < 0:
            return True
        begin = end + 1
    return False
