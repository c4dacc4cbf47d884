"""The videos: small animated GIFs that greet the prospect by name, drawn when they are first seen.

The font that comes with the library has ASCII letters: names are drawn in these, é as e. For a name in another script
the pages put a caption over the video.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 480, 270
FRAMES = 12
FRAME_MILLISECONDS = 180
MILLISECONDS = FRAMES * FRAME_MILLISECONDS
MOST_LETTERS = 28
KEPT = 256
"""Clips that are kept; each has some 10 kB."""

_NIGHT, _DUSK, _SKIN, _LIGHT, _BRIGHT = (38, 32, 76), (91, 75, 191), (255, 205, 160), (255, 255, 255), (255, 107, 107)
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE"})


@lru_cache(maxsize=KEPT)
def clip(name: str, company: str) -> bytes:
    """An animated GIF for a prospect."""
    greeting, under = greeting_for(name), drawable(company)
    frames = [_frame(greeting, under, number) for number in range(FRAMES)]
    return _gif(frames)


@lru_cache(maxsize=KEPT)
def thumbnail(name: str, company: str) -> bytes:
    """A still with a sign that it can be played, a GIF as well."""
    from PIL import ImageDraw

    image = _frame(greeting_for(name), drawable(company), -1)
    draw = ImageDraw.Draw(image)
    x, y = WIDTH // 2 - 130, HEIGHT // 2 + 36
    draw.ellipse((x - 36, y - 36, x + 36, y + 36), fill=_LIGHT)
    draw.polygon([(x - 11, y - 19), (x - 11, y + 19), (x + 22, y)], fill=_BRIGHT)
    return _gif([image])


def greeting_for(name: str) -> str:
    """What the clip says."""
    return f"Hi {drawable(_first(name)) or 'there'}!"


def caption_for(name: str) -> str:
    """What the clip would say if it had the letters; empty if it has them."""
    lost = (letter for letter in _decomposed(_first(name)) if not letter.isascii())
    return f"Hi {_first(name)}!" if any(unicodedata.category(letter)[0] in "LNS" for letter in lost) else ""


def drawable(text: str) -> str:
    """The letters of a text that the font has, shortened."""
    plain = _decomposed(text).encode("ascii", "ignore").decode()
    shown = " ".join("".join(letter for letter in plain if letter.isprintable()).split())
    return shown if len(shown) <= MOST_LETTERS else shown[: MOST_LETTERS - 3].rstrip() + "..."


def _first(name: str) -> str:
    return name.partition(" ")[0]


def _decomposed(text: str) -> str:
    """Letters apart from their accents."""
    return unicodedata.normalize("NFKD", text.translate(_LETTERS))


def _frame(greeting: str, under: str, number: int) -> Image:
    """A frame of the clip, with how far it is; before the first there is a still."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), _NIGHT)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, HEIGHT - 70, WIDTH, HEIGHT), fill=_DUSK)
    _write(draw, greeting, 34, 44, _LIGHT)
    if under:
        _write(draw, f"A video for {under}", 84, 20, _SKIN)
    _wave(draw, math.sin(number / FRAMES * math.tau * 2))
    if number >= 0:
        draw.rectangle((0, HEIGHT - 6, WIDTH, HEIGHT), fill=_NIGHT)
        draw.rectangle((0, HEIGHT - 6, WIDTH * (number + 1) // FRAMES, HEIGHT), fill=_BRIGHT)
    return image


def _wave(draw: ImageDraw, swing: float) -> None:
    """Somebody who waves; ``swing`` is between -1 and 1."""
    x, floor = WIDTH // 2, HEIGHT - 6
    draw.rounded_rectangle((x - 52, floor - 60, x + 52, floor + 30), 36, fill=_BRIGHT)
    draw.ellipse((x - 33, floor - 128, x + 33, floor - 58), fill=_SKIN)
    for eye in (x - 12, x + 12):
        draw.ellipse((eye - 4, floor - 102, eye + 4, floor - 94), fill=_NIGHT)
    draw.arc((x - 15, floor - 96, x + 15, floor - 74), 20, 160, fill=_NIGHT, width=4)
    elbow = (x + 82, floor - 62)
    hand = (elbow[0] + 10 + 26 * swing, elbow[1] - 52 + 8 * abs(swing))
    draw.line((x + 40, floor - 40, *elbow), fill=_BRIGHT, width=20)
    draw.line((*elbow, *hand), fill=_BRIGHT, width=20)
    draw.ellipse((elbow[0] - 10, elbow[1] - 10, elbow[0] + 10, elbow[1] + 10), fill=_BRIGHT)
    draw.ellipse((hand[0] - 15, hand[1] - 15, hand[0] + 15, hand[1] + 15), fill=_SKIN)


def _write(draw: ImageDraw, text: str, y: int, size: int, colour: tuple[int, int, int]) -> None:
    """A line in the middle, as large as fits."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    while draw.textlength(text, font=font) > WIDTH - 40 and size > 12:
        size -= 2
        font = ImageFont.load_default(size)
    draw.text(((WIDTH - draw.textlength(text, font=font)) / 2, y), text, fill=colour, font=font, anchor="lm")


def _gif(frames: list[Image]) -> bytes:
    from PIL.Image import Dither

    palette = frames[-1].quantize(16)
    small = [frame.quantize(palette=palette, dither=Dither.NONE) for frame in frames]
    out = BytesIO()
    small[0].save(
        out, "GIF", save_all=True, append_images=small[1:], duration=FRAME_MILLISECONDS, loop=0, optimize=True
    )
    return out.getvalue()
