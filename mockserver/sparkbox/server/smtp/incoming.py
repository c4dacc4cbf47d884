"""A mail while it comes in: bounded, and taken out of its dots (RFC 5321, section 4.5.2)."""

from __future__ import annotations

from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.mail.lines import has_line_longer_than

LONGEST_LINE = 998
"""Bytes without the line's end."""

END = b"\r\n.\r\n"
"""A mail ends with a line of one dot. What comes before the first line counts as a line's end."""

TOO_LARGE = "552 5.3.4 Message size exceeds the limit of {most} bytes"
TOO_LONG = "500 5.5.2 Line too long (see RFC 5321, 4.5.3.1.6)"
BODY_BUDGET_EXCEEDED = "452 4.3.1 Insufficient system storage"


class Incoming:
    """Takes what follows a line's end, in chunks, the last of which ends with :data:`END`."""

    def __init__(self, budget: BodyBudget, most: int) -> None:
        self._budget = budget
        self._most = most
        self._taken = 0
        self._kept = bytearray()
        self._size = 0
        self.problem = ""
        """The reply to a mail that is not taken. It is given when the mail has ended."""

    def add(self, chunk: bytes) -> None:
        """Keeps a chunk. Of a mail that is too large, or for which there is no room, nothing is kept."""
        self._size += len(chunk)
        if self.problem:
            return
        if self._size > self._most + len(END):
            self._give_up(TOO_LARGE.format(most=self._most))
        elif not self._budget.take(len(chunk)):
            self._give_up(BODY_BUDGET_EXCEEDED)
        else:
            self._taken += len(chunk)
            self._kept += chunk

    @property
    def endless(self) -> bool:
        """So much larger than allowed that nobody waits for its end."""
        return self._size > 4 * self._most

    def content(self) -> bytes:
        """The mail as its sender wrote it; empty if there is a problem with it, which is known now at the latest."""
        data = self._kept[: 2 - len(END)].replace(b"\r\n.", b"\r\n")[2:]
        # One more, for the carriage return.
        if not self.problem and has_line_longer_than(LONGEST_LINE + 1, data):
            self._give_up(TOO_LONG)
        return b"" if self.problem else bytes(data)

    def close(self) -> None:
        """Gives back the room."""
        self._kept.clear()
        self._budget.give(self._taken)
        self._taken = 0

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self.close()
