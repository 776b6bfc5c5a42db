"""Time of ``import clinie`` and of the command line's first answer, as whole processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 9


def seconds(*code: str) -> float:
    """Return the median wall time of a process."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *code], check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    bare = seconds("-c", "pass")
    rows = {
        "import clinie": ("-c", "import clinie"),
        "import clinie and its functions": ("-c", "from clinie import extract"),
        "import pandas (for scale)": ("-c", "import pandas"),
        "clinie --help": ("-m", "clinie", "--help"),
    }
    print(f"median of {RUNS} runs, bare interpreter ({bare * 1e3:.0f} ms) taken off")
    for name, code in rows.items():
        print(f"{name:34}{(seconds(*code) - bare) * 1e3:>8.0f} ms")


if __name__ == "__main__":
    main()
