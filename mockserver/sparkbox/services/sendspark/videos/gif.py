"""Write animated GIFs: https://www.w3.org/Graphics/GIF/spec-gif89a.txt."""

from __future__ import annotations

import struct
from collections.abc import Sequence

Colour = tuple[int, int, int]

LARGEST_TABLE = 4096


def encode(width: int, height: int, palette: Sequence[Colour], frames: Sequence[bytes], milliseconds: int) -> bytes:
    """Return a GIF that repeats forever. A frame has one byte for each pixel, its index in the palette."""
    bits = max(2, (len(palette) - 1).bit_length())
    colours = b"".join(map(bytes, palette)).ljust(3 << bits, b"\0")
    out = bytearray(b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF0 | bits - 1, 0, 0) + colours)
    if len(frames) > 1:
        out += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    before = b""
    for frame in frames:
        left, top, right, bottom = _changed(before, frame, width, height)
        rows = (frame[y * width + left : y * width + right] for y in range(top, bottom))
        out += struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 4, milliseconds // 10, 0, 0)
        out += struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0)
        out += bytes([bits]) + _blocks(compress(b"".join(rows), bits))
        before = frame
    return bytes(out + b";")


def compress(pixels: bytes, bits: int) -> bytes:
    """Compress pixels of so many bits with the GIF's variant of LZW."""
    clear, end = 1 << bits, (1 << bits) + 1
    table: dict[int, int] = {}
    size, free = bits + 1, end + 1
    out, waiting, filled = bytearray(), clear, size
    prefix = pixels[0]
    for pixel in pixels[1:]:
        key = prefix << 8 | pixel
        longer = table.get(key)
        if longer is not None:
            prefix = longer
            continue
        waiting |= prefix << filled
        filled += size
        if free == LARGEST_TABLE:
            waiting |= clear << filled
            filled += size
            table.clear()
            size, free = bits + 1, end + 1
        else:
            size += free == 1 << size
            table[key] = free
            free += 1
        while filled >= 8:
            out.append(waiting & 0xFF)
            waiting >>= 8
            filled -= 8
        prefix = pixel
    waiting |= prefix << filled
    filled += size
    size += free == 1 << size and size < 12
    waiting |= end << filled
    filled += size
    return bytes(out) + waiting.to_bytes((filled + 7) // 8, "little")


def _changed(before: bytes, after: bytes, width: int, height: int) -> tuple[int, int, int, int]:
    """Return the rectangle outside of which two frames are the same: left, top, right and bottom."""
    if not before:
        return 0, 0, width, height
    rows = [y for y in range(height) if before[y * width : (y + 1) * width] != after[y * width : (y + 1) * width]]
    columns = [x for x in range(width) if before[x::width] != after[x::width]]
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if rows else (0, 0, 1, 1)


def _blocks(data: bytes) -> bytes:
    """Return data in blocks of up to 255 bytes, each after its length."""
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
