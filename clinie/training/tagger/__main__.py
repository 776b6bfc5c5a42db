"""``make model``: build the weights that ship."""

from __future__ import annotations

import argparse
from pathlib import Path

from clinie.training.tagger.build import build
from clinie.training.tagger.plans import PLANS


def main() -> None:
    """Read the command line and build what it names."""
    parser = argparse.ArgumentParser(prog="python -m clinie.training.tagger", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(PLANS)}; all")
    parser.add_argument("--work", type=Path, default=Path("build/model"), help="where to go on")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for name in options.models or PLANS:
        build(PLANS[name], options.work)


if __name__ == "__main__":
    main()
