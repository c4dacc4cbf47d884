"""The headers of a mail as they are written (RFC 5322), their encoded words (RFC 2047), and where they end."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

LARGEST_HEAD = 256 * 1024
"""Bytes of headers that are read; the rest is ignored."""

_NEWLINE = b"\n"[0]
_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_ENCODED = r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?="
_WORDS = re.compile(rf"{_ENCODED}(?:\s+{_ENCODED})*")
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")

Fields = list[tuple[str, str]]
"""Names and values of headers as they are written, with folded lines; bytes that are not ASCII are surrogates."""


def split(source: bytes) -> tuple[bytes, bytes]:
    """Split a mail into its headers, with the last line end, and what follows the blank line."""
    end, body = gap(source, 0, len(source))
    return source[:end], source[body:]


def gap(source: bytes, begin: int, end: int) -> tuple[int, int]:
    """Return where the headers that begin at ``begin`` end, and where the body begins."""
    if source.startswith((b"\n", b"\r\n"), begin, end):
        return begin, begin + (1 if source[begin] == _NEWLINE else 2)
    # Lines of mail end with CRLF, so the body is hardly ever searched for a bare LF.
    long = source.find(b"\n\r\n", begin, end)
    short = source.find(b"\n\n", begin, end if long < 0 else long)
    if short >= 0:
        return short + 1, short + 2
    return (end, end) if long < 0 else (long + 1, long + 3)


def top_fields(source: bytes) -> Fields:
    """Read the headers of a mail."""
    end, _ = gap(source, 0, len(source))
    return fields_in(source[:end])


def fields_in(head: bytes) -> Fields:
    """Read headers; lines that are none are left out."""
    found = _FIELD.findall(head[:LARGEST_HEAD].decode("ascii", "surrogateescape"))
    return [(name, value.removesuffix("\r")) for name, value in found]


def values(fields: Fields, name: str) -> list[str]:
    """Return the values of all headers of a name (in lower case), unfolded, their encoded words as written."""
    size = len(name)  # there may be tens of thousands of headers
    return [unfolded(value) for known, value in fields if len(known) == size and known.lower() == name]


def first(fields: Sequence[tuple[str, str]], name: str) -> str:
    """Return the first header of a name (in lower case), as it is written; empty without one."""
    size = len(name)
    return next((value for known, value in fields if len(known) == size and known.lower() == name), "")


def decoded(value: str) -> str:
    """Return a header's text: unfolded, its encoded words (RFC 2047) decoded, its bytes read as UTF-8."""
    value = unfolded(value)
    return _WORDS.sub(_run, value) if "=?" in value else value


def unfolded(value: str) -> str:
    """Join the lines of a header, and read its bytes as UTF-8."""
    if "\n" in value:
        value = _FOLD.sub("", value)
    value = value.strip()
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _run(found: re.Match[str]) -> str:
    """Decode adjacent encoded words: spaces between them do not count, and they may split a character."""
    pieces: list[tuple[str, bytes]] = []
    for charset, encoding, text in _WORD.findall(found[0]):
        try:
            data = _word(encoding, text)
        except ValueError:
            return found[0]
        if pieces and pieces[-1][0] == charset.lower():
            data = pieces.pop()[1] + data
        pieces.append((charset.lower(), data))
    return "".join([in_charset(data, charset) for charset, data in pieces])


def _word(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text, header=True)
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


def in_charset(data: bytes, charset: str) -> str:
    """Decode a text; as UTF-8 if the charset is unknown."""
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
