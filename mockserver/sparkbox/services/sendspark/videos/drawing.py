"""Draw in a picture of indexed colours: rectangles, discs, strokes and text."""

from __future__ import annotations

from functools import cache
from math import ceil, hypot, sqrt
from pathlib import Path


class Canvas:
    """A picture with one byte for each pixel. Whatever lies beyond its edges is cut off."""

    def __init__(self, width: int, height: int, colour: int) -> None:
        self.width = width
        self.height = height
        self.pixels = bytearray([colour]) * (width * height)

    def copy(self) -> Canvas:
        """Return a picture of its own with the same pixels."""
        canvas = Canvas(self.width, self.height, 0)
        canvas.pixels[:] = self.pixels
        return canvas

    def fill(self, left: float, top: float, right: float, bottom: float, colour: int) -> None:
        """Fill a rectangle; ``right`` and ``bottom`` are the first column and row beyond it."""
        x, end = max(0, round(left)), min(self.width, round(right))
        if x >= end:
            return
        row = bytes([colour]) * (end - x)
        for y in range(max(0, round(top)), min(self.height, round(bottom))):
            self.pixels[y * self.width + x : y * self.width + end] = row

    def disc(self, x: float, y: float, radius: float, colour: int) -> None:
        """Fill a circle."""
        for row in range(round(y - radius), round(y + radius)):
            half = sqrt(max(0.0, radius * radius - (row + 0.5 - y) ** 2))
            self.fill(x - half, row, x + half, row + 1, colour)

    def stroke(self, x: float, y: float, to_x: float, to_y: float, width: float, colour: int) -> None:
        """Draw a line with round ends."""
        steps = ceil(hypot(to_x - x, to_y - y) / width * 5)
        for step in range(steps + 1):
            part = step / steps if steps else 0.0
            self.disc(x + (to_x - x) * part, y + (to_y - y) * part, width / 2, colour)

    def write(self, text: str, x: float, y: float, scale: int, colour: int) -> None:
        """Write printable ASCII, with the upper left corner of the first letter at ``x`` and ``y``."""
        for letter in text:
            glyph = _font()[letter]
            for number, column in enumerate(glyph):
                for row, is_set in enumerate(column):
                    if is_set:
                        left, top = x + number * scale, y + row * scale
                        self.fill(left, top, left + scale, top + scale, colour)
            x += (len(glyph) + 1) * scale


def width_of(text: str, scale: int) -> int:
    """Return how wide a text is."""
    return sum(len(_font()[letter]) + 1 for letter in text) * scale - scale if text else 0


Glyph = tuple[tuple[bool, ...], ...]
"""The columns of a letter, from top to bottom."""


@cache
def _font() -> dict[str, Glyph]:
    """Read the letters of ``font.txt``: the printable ASCII ones in their order, nineteen in a row."""
    bands = Path(__file__).with_name("font.txt").read_text("ascii").split("\n\n")
    glyphs = [glyph for band in bands for glyph in zip(*(line.split(" ") for line in band.splitlines()), strict=True)]
    return {chr(code): _columns(rows) for code, rows in enumerate(glyphs, ord(" "))}


def _columns(rows: tuple[str, ...]) -> Glyph:
    """Return the columns of a letter without empty ones at its sides; a space has three."""
    columns = [tuple(mark == "#" for mark in column) for column in zip(*rows, strict=True)]
    inked = [number for number, column in enumerate(columns) if any(column)]
    return tuple(columns[inked[0] : inked[-1] + 1] if inked else columns[:3])
