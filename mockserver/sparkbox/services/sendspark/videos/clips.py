"""The videos: small animated GIFs that greet the prospect by name, drawn when they are first requested.

The font has ASCII letters only: names are drawn in these, é as e. For a name in another script the pages put a caption
over the video.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

from . import gif
from .drawing import Canvas, width_of

WIDTH, HEIGHT = 480, 270
FRAMES = 12
FRAME_MILLISECONDS = 180
MILLISECONDS = FRAMES * FRAME_MILLISECONDS
MOST_LETTERS = 28
KEPT = 256
"""Clips kept in memory; each has some 10 kB."""

NIGHT, DUSK, SKIN, LIGHT, BRIGHT = range(5)
PALETTE = ((38, 32, 76), (91, 75, 191), (255, 205, 160), (255, 255, 255), (255, 107, 107))

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE"})


@lru_cache(maxsize=KEPT)
def clip(name: str, company: str) -> bytes:
    """Draw an animated GIF for a prospect."""
    scene = _scene(greeting_for(name), drawable(company))
    return _gif([_frame(scene, number) for number in range(FRAMES)])


@lru_cache(maxsize=KEPT)
def thumbnail(name: str, company: str) -> bytes:
    """Draw a still GIF with a play button."""
    canvas = _scene(greeting_for(name), drawable(company))
    _draw_arm(canvas, 0.0)
    x, y = WIDTH // 2 - 130, HEIGHT // 2 + 36
    canvas.disc(x, y, 36, LIGHT)
    for row in range(-19, 20):
        canvas.fill(x - 11, y + row, x - 11 + 33 * (1 - abs(row) / 19), y + row + 1, BRIGHT)
    return _gif([canvas])


def greeting_for(name: str) -> str:
    """Return what the clip says."""
    return f"Hi {drawable(_first(name)) or 'there'}!"


def caption_for(name: str) -> str:
    """Return what the clip would say if it had the letters; empty if it has them."""
    lost = (letter for letter in _decomposed(_first(name)) if not letter.isascii())
    return f"Hi {_first(name)}!" if any(unicodedata.category(letter)[0] in "LNS" for letter in lost) else ""


def drawable(text: str) -> str:
    """Return the letters of a text that the font has, shortened."""
    plain = _decomposed(text).encode("ascii", "ignore").decode()
    shown = " ".join("".join(letter for letter in plain if letter.isprintable()).split())
    return shown if len(shown) <= MOST_LETTERS else shown[: MOST_LETTERS - 3].rstrip() + "..."


def _first(name: str) -> str:
    return name.partition(" ")[0]


def _decomposed(text: str) -> str:
    """Separate letters from their accents."""
    return unicodedata.normalize("NFKD", text.translate(_LETTERS))


def _scene(greeting: str, company: str) -> Canvas:
    """Draw the parts that do not move: the text, and a person without the waving arm."""
    canvas = Canvas(WIDTH, HEIGHT, NIGHT)
    canvas.fill(0, HEIGHT - 70, WIDTH, HEIGHT, DUSK)
    _write(canvas, greeting, 20, 5, LIGHT)
    if company:
        _write(canvas, f"A video for {company}", 74, 3, SKIN)
    x, floor = WIDTH // 2, HEIGHT - 6
    canvas.disc(x, floor - 8, 52, BRIGHT)
    canvas.disc(x, floor - 93, 34, SKIN)
    canvas.disc(x, floor - 86, 15, NIGHT)  # a smile: what the next disc leaves of this one
    canvas.disc(x, floor - 91, 16, SKIN)
    for eye in (x - 12, x + 12):
        canvas.disc(eye, floor - 98, 4, NIGHT)
    return canvas


def _frame(scene: Canvas, number: int) -> Canvas:
    """Draw a frame of the clip, with the progress bar below."""
    canvas = scene.copy()
    _draw_arm(canvas, math.sin(number / FRAMES * math.tau * 2))
    canvas.fill(0, HEIGHT - 6, WIDTH, HEIGHT, NIGHT)
    canvas.fill(0, HEIGHT - 6, WIDTH * (number + 1) / FRAMES, HEIGHT, BRIGHT)
    return canvas


def _draw_arm(canvas: Canvas, swing: float) -> None:
    """Draw the waving arm; ``swing`` is between -1 and 1."""
    x, floor = WIDTH // 2, HEIGHT - 6
    elbow_x, elbow_y = x + 82, floor - 62
    hand_x, hand_y = elbow_x + 10 + 26 * swing, elbow_y - 52 + 8 * abs(swing)
    canvas.stroke(x + 40, floor - 40, elbow_x, elbow_y, 20, BRIGHT)
    canvas.stroke(elbow_x, elbow_y, hand_x, hand_y, 20, BRIGHT)
    canvas.disc(hand_x, hand_y, 15, SKIN)


def _write(canvas: Canvas, text: str, y: int, scale: int, colour: int) -> None:
    """Write a centred line, as large as fits."""
    scale = next(smaller for smaller in range(scale, 0, -1) if smaller == 1 or width_of(text, smaller) <= WIDTH - 40)
    canvas.write(text, (WIDTH - width_of(text, scale)) / 2, y, scale, colour)


def _gif(frames: list[Canvas]) -> bytes:
    return gif.encode(WIDTH, HEIGHT, PALETTE, [bytes(frame.pixels) for frame in frames], FRAME_MILLISECONDS)
