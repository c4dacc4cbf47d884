"""``make bench``: measure all or some, and print each figure with its range and its aim.

``python -m benchmarks throughput mail`` measures these alone, ``--json FILE`` keeps the figures for
:mod:`benchmarks.report`, and ``--quick`` only shows that everything works.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import endurance, growth, holds, mail, peers, results, starting, throughput, workers, worlds
from benchmarks.machine import described
from benchmarks.rows import Row, line

MEASUREMENTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "throughput": throughput.measured,
    "mail": mail.measured,
    "endurance": endurance.measured,
    "starting": starting.measured,
    "worlds": worlds.measured,
    "growth": growth.measured,
    "holds": holds.measured,
    "workers": workers.measured,
}
"""What ``make bench`` measures; each yields its rows and takes whether to be quick."""

ON_DEMAND: dict[str, Callable[[bool], Iterator[Row]]] = {
    "million": endurance.million,
    "peers": peers.measured,
}
"""What takes long, or needs programs of others."""


def main() -> None:
    """Measure, print, and keep the figures in a file if one is named."""
    every = MEASUREMENTS | ON_DEMAND
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the sandbox.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(every)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="put the figures into this file")
    parser.add_argument("--quick", action="store_true", help="measure almost nothing, to see that it works")
    options = parser.parse_args()
    if unknown := set(options.names) - set(every):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    print(", ".join(f"{name} {value}" for name, value in described().items()))
    if (load := os.getloadavg()[0]) > 1:
        print(f"The machine is busy, its load is {load:.1f}: trust only the figures by CPU time.")
    for name in options.names or MEASUREMENTS:
        print(f"{name}: median, range, aim", flush=True)
        rows = []
        for row in every[name](options.quick):
            rows.append(row)
            print(f"  {line(row)}", flush=True)
        if options.json:
            results.keep(options.json, name, rows)


if __name__ == "__main__":
    main()
