"""The clips: GIFs that Pillow decodes pixel by pixel, and the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sparkbox.services.sendspark.videos import clips, gif
from sparkbox.services.sendspark.videos.drawing import Canvas, width_of

COLOURS = tuple((index * 3 % 256, index * 5 % 256, index * 7 % 256) for index in range(256))


def decoded(data: bytes) -> list[list[gif.Colour]]:
    """Return the colours of each frame, as Pillow decodes them."""
    image = Image.open(BytesIO(data))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        pixels = image.convert("RGB").tobytes()
        frames.append([(pixels[at], pixels[at + 1], pixels[at + 2]) for at in range(0, len(pixels), 3)])
    return frames


@st.composite
def animations(draw: st.DrawFn) -> tuple[int, int, int, list[bytes]]:
    """Draw width, height, number of colours, and frames that differ from the previous one."""
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    colours = draw(st.sampled_from([2, 3, 5, 16, 256]))
    chance = draw(st.randoms(use_true_random=False))
    often = draw(st.sampled_from([0.02, 0.5, 1.0]))
    frames: list[bytes] = []
    for _ in range(draw(st.integers(1, 3))):
        pixels = bytearray(frames[-1] if frames else bytes(width * height))
        for at in range(width * height):
            if chance.random() < often:
                pixels[at] = chance.randrange(colours)
        if not frames or pixels != frames[-1]:
            frames.append(bytes(pixels))
    return width, height, colours, frames


@given(animations())
def test_gif_decodes_to_the_pixels_that_were_encoded(animation: tuple[int, int, int, list[bytes]]) -> None:
    width, height, colours, frames = animation
    data = gif.encode(width, height, COLOURS[:colours], frames, 100)
    assert decoded(data) == [[COLOURS[pixel] for pixel in frame] for frame in frames]


def test_gif_with_more_than_a_full_table_of_codes_decodes() -> None:
    noise = bytes((at * at * 31 + at * 7 + (at >> 5)) % 251 for at in range(300 * 300))
    [frame] = decoded(gif.encode(300, 300, COLOURS, [noise], 100))
    assert frame == [COLOURS[pixel] for pixel in noise]


def test_gif_repeats_and_keeps_its_pace() -> None:
    image = Image.open(BytesIO(clips.clip("Ann", "Acme")))
    assert (image.info["loop"], image.info["duration"]) == (0, clips.FRAME_MILLISECONDS)


def inked(canvas: Canvas) -> list[str]:
    rows = (canvas.pixels[y * canvas.width : (y + 1) * canvas.width] for y in range(canvas.height))
    return ["".join(".#"[pixel] for pixel in row) for row in rows]


def test_text_is_written_in_the_letters_of_the_font() -> None:
    canvas = Canvas(10, 8, 0)
    canvas.write("Hj", 0, 0, 1, 1)
    assert inked(canvas) == [
        "#...#....#",
        "#...#.....",
        "#...#...##",
        "#####....#",
        "#...#....#",
        "#...#....#",
        "#...#.#..#",
        ".......##.",
    ]
    assert (width_of("Hj", 1), width_of("Hj", 3), width_of("", 1)) == (10, 30, 0)


def test_every_printable_ascii_letter_has_a_shape_of_its_own() -> None:
    shapes: set[Sequence[str]] = set()
    for code in range(32, 127):
        canvas = Canvas(6, 8, 0)
        canvas.write(chr(code), 0, 0, 1, 1)
        shapes.add(tuple(inked(canvas)))
    assert len(shapes) == 95


@pytest.mark.parametrize("at", [-5, 7])
def test_drawing_beyond_the_edge_is_cut_off(at: int) -> None:
    canvas = Canvas(4, 4, 0)
    canvas.disc(at, at, 2, 1)
    canvas.fill(at, at, at + 2, at + 2, 1)
    canvas.stroke(at, at, at, at, 2, 1)
    assert canvas.pixels == bytes(16)
