"""The bytes that bodies under way may take together: of requests that come in pieces, and of mails by SMTP."""

from __future__ import annotations


class BodyBudgetExceeded(Exception):
    """The bodies that are under way have as many bytes as all of them may."""


class BodyBudget:
    """Space that all connections share."""

    __slots__ = ("most", "used")

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0

    def take(self, size: int) -> bool:
        """Take ``size`` bytes. Return whether there were enough."""
        if self.used + size > self.most:
            return False
        self.used += size
        return True

    def give(self, size: int) -> None:
        """Give bytes back."""
        self.used -= size
