"""What is kept compiled: bounded by what it takes when it is compiled, which is far more than its source."""

from __future__ import annotations

from sparkbox.services.sparkpost.substitution import Recent
from sparkbox.services.sparkpost.substitution.recent import TAG


def test_the_newest_are_kept_within_the_limits() -> None:
    recent: Recent[str, int] = Recent(3, 4 * TAG, 2 * TAG)
    assert [recent.keep(name, number, 0) for number, name in enumerate("abcd")] == [True] * 4
    assert [recent.get(name) for name in "abcd"] == [None, 1, 2, 3]
    assert recent.keep("e", 4, 1)
    assert recent.keep("f", 5, 1)
    assert recent.keep("f", 6, 1)
    assert [recent.get(name) for name in "def"] == [3, 4, 6]
    assert recent.keep("g", 7, 1)
    assert recent.keep("h", 8, 1)
    assert [recent.get(name) for name in "defgh"] == [None, None, 6, 7, 8]
    assert not recent.keep("i" * TAG, 9, 2)
    assert [recent.get(name) for name in "fgh"] == [6, 7, 8]
    assert recent._bytes == 3 + 3 * TAG
