"""A mail while it arrives: within limits, and without SMTP's dot stuffing (RFC 5321, section 4.5.2)."""

from __future__ import annotations

from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.mail.lines import has_line_longer_than

LONGEST_LINE = 998
"""Bytes without the line end."""

END = b"\r\n.\r\n"
"""A mail ends with a line of one dot. The text before its first line counts as a line end."""

TOO_LARGE = "552 5.3.4 Message size exceeds the limit of {most} bytes"
TOO_LONG = "500 5.5.2 Line too long (see RFC 5321, 4.5.3.1.6)"
BODY_BUDGET_EXCEEDED = "452 4.3.1 Insufficient system storage"


class Incoming:
    """Collects a mail in chunks that begin with a line end. The last chunk ends with :data:`END`."""

    def __init__(self, budget: BodyBudget, most: int) -> None:
        self._budget = budget
        self._most = most
        self._taken = 0
        self._kept = bytearray()
        self._size = 0
        self.problem = ""
        """The reply to a mail that is rejected. It is sent when the mail has ended."""

    def add(self, chunk: bytes) -> None:
        """Keep a chunk. Keep nothing of a mail that is too large, or that exceeds the common budget."""
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
        """Whether the mail is so large that its end is not awaited."""
        return self._size > 4 * self._most

    def content(self) -> bytes:
        """Return the mail as its sender wrote it; empty if there is a :attr:`problem`, which is set by then."""
        data = self._kept[: 2 - len(END)].replace(b"\r\n.", b"\r\n")[2:]
        # One more for the carriage return.
        if not self.problem and has_line_longer_than(LONGEST_LINE + 1, data):
            self._give_up(TOO_LONG)
        return b"" if self.problem else bytes(data)

    def close(self) -> None:
        """Return the bytes to the budget."""
        self._kept.clear()
        self._budget.give(self._taken)
        self._taken = 0

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self.close()
