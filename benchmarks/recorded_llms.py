"""What real language models answered, resolved: numbers of trials, and marks in vaccine reports.

The answers were recorded by others, with prompts that are not Clinie's own: the figures say what
the resolvers make of the formats that models really write, not how well Clinie prompts them.
No item of the test parts was looked at (trials by a hash of their number; sentences as published),
but two decisions about trials followed totals on theirs: see ``docs/tasks/trial-results.md``.
"""

from __future__ import annotations

from benchmarks import recorded_marks, recorded_trials
from clinie.datasets import corpora


def main() -> None:
    if corpora.root() is None:
        print("no corpora: set CLINIE_DATA to the folder that holds them")
        return
    recorded_trials.main()
    recorded_marks.main()


if __name__ == "__main__":
    main()
