"""A mail while it arrives: within limits, and without SMTP's dot stuffing (RFC 5321, section 4.5.2)."""

from __future__ import annotations

import re

from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.mail.lines import has_line_longer_than

LONGEST_LINE = 998
"""Bytes without the line end."""

END = b"\r\n.\r\n"
"""A mail ends with a line of one dot. The line end of ``DATA`` counts as the one before its first line."""

TOO_LARGE = "552 5.3.4 Message size exceeds the limit of {most} bytes"
TOO_LONG = "500 5.5.2 Line too long (see RFC 5321, 4.5.3.1.6)"
BODY_BUDGET_EXCEEDED = "452 4.3.1 Insufficient system storage"

_BEGINNING_OF_END = re.compile(rb"\r(?:\n(?:\.\r?)?)?\Z")


class Incoming:
    """Collects a mail, chunk by chunk as it arrives."""

    __slots__ = ("_budget", "_kept", "_line", "_line_too_long", "_most", "_rest", "_size", "_taken", "ended", "problem")

    def __init__(self, budget: BodyBudget, most: int) -> None:
        self._budget = budget
        self._most = most
        self._taken = 0
        self._kept = bytearray()
        self._line = 0
        """Where the last line begins in what is kept."""
        self._line_too_long = False
        self._rest = END[:2]
        """The end of what has arrived, if the mail's end may begin with it."""
        self._size = 0
        self.ended = False
        self.problem = ""
        """The reply to a mail that is rejected. It is sent when the mail has ended."""

    def add(self, data: bytes) -> bytes:
        """Keep a chunk, and return what comes after the mail's end.

        Nothing is kept of a mail that is too large, or that exceeds the common budget.
        """
        text = self._rest + data
        end = text.find(END)
        if end >= 0:
            self.ended = True
            cut, self._rest, after = end + 2, b"", text[end + len(END) :]
        else:
            found = _BEGINNING_OF_END.search(text, max(0, len(text) - len(END) + 1))
            cut = len(text) if found is None else found.start()
            self._rest, after = text[cut:], b""
        self._size += len(data) - len(after)
        self._keep(text[:cut])
        if self.ended and self._line_too_long and not self.problem:
            self._give_up(TOO_LONG)
        return after

    @property
    def endless(self) -> bool:
        """Whether the mail is so large that its end is not awaited."""
        return self._size > 4 * self._most

    def content(self) -> bytes:
        """Return the mail as its sender wrote it; empty if there is a :attr:`problem`."""
        return bytes(memoryview(self._kept)[2:])

    def close(self) -> None:
        """Return the bytes to the budget."""
        self._kept = bytearray()
        self._budget.give(self._taken)
        self._taken = 0

    def _keep(self, text: bytes) -> None:
        if self.problem:
            return
        # The mail's end does not count.
        if self._size > self._most + len(END) - 2:
            self._give_up(TOO_LARGE.format(most=self._most))
        elif not self._budget.take(len(text)):
            self._give_up(BODY_BUDGET_EXCEEDED)
        else:
            self._taken += len(text)
            self._kept += text.replace(b"\r\n.", b"\r\n")
            self._check_lines()

    def _check_lines(self) -> None:
        if self._line_too_long:
            return
        # One more for the carriage return.
        self._line_too_long = has_line_longer_than(LONGEST_LINE + 1, self._kept, self._line)
        self._line = max(self._line, self._kept.rfind(b"\n", self._line) + 1)

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self.close()
