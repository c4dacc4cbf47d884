"""Bodies of mail take linear work, whatever their lines; it is counted, not timed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.logs.messages import Attachment
from sparkbox.mail.build import build
from sparkbox.mail.lines import has_line_longer_than
from sparkbox.mail.message import MailMessage
from sparkbox.mail.parse import read


class Searched(bytearray):
    """Counts the searches in it, and the bytes that they may read."""

    searches = 0
    bytes = 0

    def rfind(self, sub: object, start: object = 0, end: object = None, /) -> int:
        assert isinstance(start, int)
        assert isinstance(end, int)
        self.searches += 1
        found = super().rfind(sub, start, end)  # type: ignore[arg-type]
        self.bytes += min(end, len(self)) - max(found, start)
        return found


@given(st.lists(st.binary(max_size=12), max_size=12).map(b"\n".join), st.integers(0, 12))
def test_longest_line_is_measured(data: bytes, most: int) -> None:
    assert has_line_longer_than(most, data) == any(len(line) > most for line in data.split(b"\n"))


@pytest.mark.parametrize("line", [b"\n", b"a\n", b"a" * 76 + b"\r\n", b"a" * 998 + b"\r\n", b"a" * 999 + b"\n\n"])
def test_long_lines_are_found_in_linear_time(line: bytes) -> None:
    data = Searched(line * (2_000_000 // len(line)))
    assert not has_line_longer_than(999, data)
    assert data.searches <= 2 * len(data) / 1000 + 1
    assert data.bytes <= 2 * len(data)


def boundary(body: str) -> bytes:
    mail = MailMessage(sender="a@acme.example", to="b@acme.example", text=body, html="<p>x</p>")
    return build(mail).partition(b'boundary="')[2].partition(b'"')[0]


def test_boundary_is_found_at_the_second_attempt() -> None:
    assert boundary("x") == b"=_alternative_1"
    taken = "\n".join(f"=_alternative_{number}" for number in range(1, 30_000))
    assert len(boundary(taken)) == len("=_alternative_") + 64
    assert boundary(taken) == boundary(taken) != boundary(taken + "x")


def test_boundary_within_lines_is_skipped() -> None:
    """A boundary in the middle of a line, in hundreds of thousands of places, or only its beginning."""
    head = b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n'
    mail = read(head + b"--a\r\n\r\none " + b"--a" * 300_000 + b"\r\n--ab\r\n--a --\r\n--a-- \r\nmore")
    assert mail.text is not None
    assert mail.text.startswith("one --a--a")
    assert mail.text.endswith("--a\n--ab\n--a --")


def test_display_name_is_written_in_linear_time() -> None:
    """The words once matched in exponentially many ways, if a character after them made the match fail."""
    name = "Mustermann Verlagsgesellschaft mbH & Co. KG"
    mail = MailMessage(sender="a@acme.example", to="b@acme.example", to_name=name, text="x")
    assert f'To: "{name}"'.encode() in build(mail)


def test_text_lines_end_with_crlf_in_a_mail() -> None:
    mail = MailMessage(sender="a@acme.example", to="b@acme.example", text="a\r\nb\rc\n" + "\r" * 1000)
    assert build(mail).endswith(b"\r\n\r\na\r\nb\r\nc\r\n" + b"\r\n" * 1000)


def test_attachment_of_many_lines_is_read_whole() -> None:
    file = Attachment("a.bin", "application/octet-stream", b"\0" * 100_000)
    mail = MailMessage(sender="a@acme.example", to="b@acme.example", text="x", attachments=(file,))
    assert read(build(mail)).attachments == (file,)
