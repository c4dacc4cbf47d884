"""Mail addresses and the names beside them: one reader for all places that accept them.

https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2, https://www.rfc-editor.org/rfc/rfc5322#section-3.4, and what is
not ASCII as in https://www.rfc-editor.org/rfc/rfc6531#section-3.3. A text is read from left to right, each character
once, and as a whole: with anything left over it is no address. Of the obsolete forms, only dots in a name are read
(``Dr. Who <who@example.com>``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

LONGEST_LOCAL = 64
LONGEST_DOMAIN = 255
LONGEST = LONGEST_LOCAL + 1 + LONGEST_DOMAIN
"""Bytes of an address (RFC 5321, section 4.5.3.1)."""
MOST_TOKENS = 20_000
MOST_BOXES = 5000
"""Of a header; the rest is left unread."""

# Sets name what they exclude: that is short, while Python takes milliseconds to compile a set of all other characters.
_NEVER = "\x80-\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff0-\uffff"
_NEVER += "\U0010fffe\U0010ffff"
"""White space, control characters and halves of surrogate pairs that are not ASCII."""
_SPECIALS = r'\x00-\x20"(),.:;<>@\[\\\]\x7f'
_ATOM = f"[^{_SPECIALS}{_NEVER}]"
_LABEL = rf"(?![_-])[^\x00-,./:-@\[-^`{{-\x7f{_NEVER}]{{1,63}}(?<![_-])"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LOCAL = rf"{_ATOM}++(?:\.{_ATOM}++)*+"
_QUOTED = rf'"(?:[^\x00-\x1f"\\\x7f{_NEVER}]|\\[ -~])++"'
_WORD = rf"[^{_SPECIALS}\x80-\x9f\u2028\u2029\ud800-\udfff]++"

_ADDRESS = re.compile(f"({_LOCAL})@({_DOMAIN})")
_DOMAIN_NAME = re.compile(_DOMAIN)
_PATH = re.compile(rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?({_LOCAL}|{_QUOTED})@({_DOMAIN}|\[[0-9A-Za-z.:]++\])")
_DOT_ATOM = re.compile(_LOCAL)
_PLAIN = re.compile(f"({_WORD}(?: {_WORD})*+) <({_LOCAL}@{_DOMAIN})>")
_TOKEN = re.compile(
    rf'(?P<space>[ \t]++)|(?P<atom>{_WORD})|"(?P<quoted>(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+)"'
    r"|(?P<special>[<>@,:;.])|(?P<comment>\()"
)
_IN_COMMENT = re.compile(r"[^()\\\x00-\x08\x0a-\x1f\x7f]++|\\[^\x00-\x1f\x7f]|[()]")
_ESCAPED = re.compile(r"\\(.)")
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[bBqQ]\?")
_SEPARATED = re.compile("[,;]")
_STRUCTURED = re.compile(r'["(\\:;]')


class Mailbox(NamedTuple):
    """An address, and the display name as it is written: encoded words (RFC 2047) are not decoded here."""

    email: str
    name: str = ""


class _Token(NamedTuple):
    kind: str
    """``atom``, ``quoted``, ``comment``, or the character itself."""
    text: str
    begin: int
    end: int
    spaced: bool
    """Whether white space or a comment comes before it."""


def is_address(text: str) -> bool:
    """Return whether ``text`` is one bare address, ``local@domain``, its local part without quotes."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    return found is not None and _fits(found[1], found[2])


def is_domain(text: str) -> bool:
    """Return whether ``text`` is a domain name; one label is enough."""
    return _size(text) <= LONGEST_DOMAIN and _DOMAIN_NAME.fullmatch(text) is not None


def domain_of(address: str) -> str | None:
    """Return the domain of a bare address in lower case; ``None`` if it is a literal, or if ``address`` is none."""
    return _domain_of(address) if len(address) <= LONGEST else _domain_of.__wrapped__(address)


@lru_cache(1000)
def _domain_of(address: str) -> str | None:
    if address.startswith("@") or read_path(address) is None:
        return None
    domain = address.rpartition("@")[2]
    return None if domain[0] == "[" else domain.lower()


def read_path(text: str) -> str | None:
    """Return the address in an SMTP path, given without angle brackets; ``None`` if it is no path. A route is dropped.

    Its local part may be quoted; its domain may be a literal, ``[192.0.2.1]`` or ``[IPv6:2001:db8::1]``.
    """
    return _read_path(text) if len(text) <= 2 * LONGEST else None


@lru_cache(1000)
def _read_path(text: str) -> str | None:
    found = _PATH.fullmatch(text)
    if found is None or not _fits(found[1], found[2]) or (found[2][0] == "[" and not _is_literal(found[2][1:-1])):
        return None
    return f"{_unquoted(found[1])}@{found[2]}"


def read(text: str) -> Mailbox | None:
    """Read one mailbox, ``Fred <fred@example.com>`` or a bare address; ``None`` for anything else, also for two."""
    return _read(text) if len(text) <= LONGEST else _read.__wrapped__(text)


@lru_cache(1000)
def _read(text: str) -> Mailbox | None:
    found = _PLAIN.fullmatch(text)
    if found is not None and is_address(found[2]):
        return Mailbox(found[2], found[1])
    tokens = _tokens(text)
    return None if tokens is None else _mailbox(tokens)


def read_all(text: str) -> list[Mailbox] | None:
    """Read a list of mailboxes, with those in groups; ``None`` if a part of it cannot be read."""
    tokens = _tokens(text)
    pieces = None if tokens is None else _pieces(tokens)
    if pieces is None:
        return None
    boxes = [_mailbox(piece) for piece in pieces]
    return None if None in boxes else [box for box in boxes if box is not None]


def gather(text: str) -> list[Mailbox]:
    """Return the mailboxes in somebody else's header, as far as they can be read.

    For what a message shows, not for whom it goes to: :func:`read` may not accept an address.
    """
    if not _STRUCTURED.search(text):
        texts = text.split(",", MOST_BOXES)
        # What is left of a longer list is no mailbox.
        plain = [None] if "," in texts[-1] else [read(each.strip()) for each in texts]
        if None not in plain:
            return [box for box in plain if box is not None]
    tokens = _tokens(text)
    if tokens is None:
        found = [_made_out(piece) for piece in _SEPARATED.split(text, MOST_BOXES)[:MOST_BOXES]]
    else:
        pieces = _pieces(tokens, strict=False) or []
        found = [_mailbox(piece) or _made_out(text[piece[0].begin : piece[-1].end]) for piece in pieces]
    return [box for box in found if box is not None]


def _tokens(text: str) -> list[_Token] | None:
    """Cut up a text, without white space; ``None`` if it cannot be read or is too long."""
    tokens: list[_Token] = []
    at, spaced = 0, False
    while at < len(text):
        if len(tokens) > MOST_TOKENS:
            return None
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        kind, begin, at = str(found.lastgroup), at, found.end()
        if kind == "comment":
            end = _end_of_comment(text, begin)
            if end is None:
                return None
            at = end
            tokens.append(_Token(kind, text[begin + 1 : end - 1], begin, end, spaced))
        elif kind == "special":
            tokens.append(_Token(found[0], found[0], begin, at, spaced))
        elif kind != "space":
            tokens.append(_Token(kind, found[kind], begin, at, spaced))
        spaced = kind in ("space", "comment")
    return tokens


def _end_of_comment(text: str, at: int) -> int | None:
    depth = 0
    while (found := _IN_COMMENT.match(text, at)) is not None:
        at = found.end()
        depth += (found[0] == "(") - (found[0] == ")")
        if not depth:
            return at
    return None


def _pieces(tokens: list[_Token], *, strict: bool = True) -> list[list[_Token]] | None:
    """Cut a list at its commas and dissolve groups; ``None`` if nothing is left between two commas."""
    pieces: list[list[_Token]] = []
    piece: list[_Token] = []
    group, may_be_empty = False, False
    for token in [*tokens, _END]:
        if token.kind == ":" and not group:
            if strict and not _phrase(piece):
                return None
            group, may_be_empty, piece = True, True, []
        elif token.kind in (",", ";", "end"):
            if strict and ((group, token.kind) in ((True, "end"), (False, ";")) or not (piece or may_be_empty)):
                return None
            if piece:
                pieces.append(piece)
            group, may_be_empty, piece = group and token.kind == ",", token.kind == ";", []
        else:
            piece.append(token)
    return pieces


def _mailbox(tokens: list[_Token]) -> Mailbox | None:
    words = [token for token in tokens if token.kind != "comment"]
    opening = next((number for number, token in enumerate(words) if token.kind == "<"), None)
    if opening is None:
        # Before display names, the name was a comment beside a bare address.
        comments = [token.text.strip() for token in tokens if token.kind == "comment"]
        spec, name = words, comments[-1] if comments else ""
    else:
        phrase = _phrase(words[:opening])
        if words[-1].kind != ">" or phrase is None:
            return None
        spec, name = words[opening + 1 : -1], phrase
    email = _spec(spec)
    return None if email is None else Mailbox(email, name)


def _phrase(words: list[_Token]) -> str | None:
    """Read a display name; ``None`` if it has characters that need quotes."""
    text = ""
    for number, word in enumerate(words):
        if word.kind not in ("atom", "quoted") and (word.kind != "." or not number):
            return None
        text += (" " if word.spaced and number else "") + (
            _ESCAPED.sub(r"\1", word.text) if word.kind == "quoted" else word.text
        )
    return text.strip()


def _spec(tokens: list[_Token]) -> str | None:
    if any(token.spaced for token in tokens[1:]):
        return None
    text = "".join([f'"{token.text}"' if token.kind == "quoted" else token.text for token in tokens])
    return None if text.startswith("@") else read_path(text)


def _made_out(piece: str) -> Mailbox | None:
    """Return what is in the last angle brackets, or a word with an ``@``."""
    name, opening, rest = piece.strip().rpartition("<")
    email = rest.partition(">")[0].strip() if opening else piece.strip()
    if "@" not in email or email.split() != [email] or "<" in email or ">" in email:
        return None
    return Mailbox(email, name.strip().strip('"').strip() if opening else "")


def _fits(local: str, domain: str) -> bool:
    # What looks like an encoded word (RFC 2047, section 5) is another address to a reader that decodes it.
    return _size(local) <= LONGEST_LOCAL and _size(domain) <= LONGEST_DOMAIN and not _ENCODED_WORD.search(local)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _is_literal(text: str) -> bool:
    """Return whether ``text`` is an IP address as RFC 5321, section 4.1.3 writes it."""
    try:
        return ip_address(text.removeprefix("IPv6:")).version == (6 if text.startswith("IPv6:") else 4)
    except ValueError:
        return False


def _unquoted(local: str) -> str:
    """Remove the quotes and backslashes that a local part does not need: it is the same address."""
    if local[0] != '"':
        return local
    text = _ESCAPED.sub(r"\1", local[1:-1])
    if _DOT_ATOM.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_END = _Token("end", "", 0, 0, False)
