"""Print how requests grow: ``python -m benchmarks.growth [SUBJECT…]``."""

from __future__ import annotations

import sys

from benchmarks.growth import growths


def main() -> None:
    """Print the table of all subjects, or of those named."""
    print(f"{'CPU time of one request, in ms':48}{'1,000':>10}{'10,000':>10}{'100,000':>10}  exponent   longest step")
    for growth in growths(sys.argv[1:]):
        totals = "".join(f"{total:10.3f}" for total in growth.totals)
        print(f"{growth.name:48}{totals}{growth.exponent:10.2f}{growth.longest:12.1f} ms", flush=True)


if __name__ == "__main__":
    main()
