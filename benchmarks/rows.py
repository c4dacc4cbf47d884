"""The rows of a result: a figure of several rounds, and the aim that it is held against."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. ``values`` are those of the rounds; ``least`` or ``most`` is the aim of their median."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    """Empty for a ratio."""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the median meets the aim; ``None`` without one."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.median >= self.least) and (self.most is None or self.median <= self.most)

    @property
    def figure(self) -> str:
        """The median with its unit."""
        return f"{digits(self.median)} {self.unit}".rstrip()

    @property
    def range(self) -> str:
        """The lowest and the highest value; empty for a single one."""
        low, high = digits(min(self.values)), digits(max(self.values))
        return "" if len(self.values) == 1 else f"{low} to {high}"

    @property
    def aim(self) -> str:
        if self.least is not None:
            return f"≥ {digits(self.least)} {self.unit}".rstrip()
        return "" if self.most is None else f"≤ {digits(self.most)} {self.unit}".rstrip()


def ratio(name: str, ours: list[float], theirs: list[float], least: float | None = None, note: str = "") -> Row:
    """Return our values divided by theirs, round by round."""
    return Row(name, tuple(our / their for our, their in zip(ours, theirs, strict=True)), least=least, note=note)


def digits(value: float) -> str:
    """Return a number with three significant digits, and all of them before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def line(row: Row) -> str:
    """Return a row as ``make bench`` prints it."""
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    return f"{row.name:58} {row.figure:>10}  {row.range:18} {row.aim:10} {verdict:7} {row.note}".rstrip()
