"""Run the benchmarks that are named, or all of them."""

import sys
from collections.abc import Callable

from benchmarks import (
    accuracy,
    combinations,
    detection,
    disclosure,
    farrington,
    law,
    million,
    names,
    tables,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "names": names.run,
    "detection": detection.run,
    "farrington": farrington.run,
    "combinations": combinations.run,
    "disclosure": disclosure.run,
    "accuracy": accuracy.run,
    "law": law.run,
    "tables": tables.run,
    "million": million.run,
}


def main() -> None:
    chosen = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"benchmark {unknown[0]!r}: unknown; expected some of {', '.join(BENCHMARKS)}")
    for name in chosen:
        print(f"\n== {name}")
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
