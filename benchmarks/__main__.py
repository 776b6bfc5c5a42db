"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--long] [--write FILE]``."""

from __future__ import annotations

import argparse
import contextlib
import io
import platform
import sys
from importlib import import_module
from pathlib import Path

SHORT = {
    "imports": "Time to import",
    "grounding": "Grounding against langextract",
    "end_to_end": "Orchestration against langextract",
    "lexicon_coverage": "Drug lexicon: share of mentions covered",
    "assertion": "Assertion on NegEx, MACCROBAT, PHEE",
    "medications": "Medication rules on MACCROBAT and PHEE",
    "conditions": "Condition rules on MACCROBAT",
    "bundled": "Rules on the bundled notes",
}
LONG = {
    "grounding_corpora": "Grounding on the gold mentions of MACCROBAT and PHEE",
    "robustness": "Every task on ACI-Bench and MTS-Dialog",
    "memory": "Memory over a million notes",
}


class _Tee(io.StringIO):
    """Keeps what is printed and shows it as it comes."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text) if sys.__stdout__ else None
        return super().write(text)


def run(name: str, title: str) -> str:
    """Run one benchmark and return its section of the report."""
    print(f"\n== {title} (python -m benchmarks {name})")
    tee = _Tee()
    sys.argv = [name]  # a benchmark's own options keep their defaults
    with contextlib.redirect_stdout(tee):
        import_module(f"benchmarks.{name}").main()
    return f"## {title}\n`python -m benchmarks {name}`\n\n```\n{tee.getvalue().rstrip()}\n```\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *SHORT, *LONG], metavar="NAME")
    parser.add_argument("--long", action="store_true", help="the long ones too")
    parser.add_argument("--write", type=Path, help="write a report in Markdown")
    options = parser.parse_args()
    known = SHORT | LONG
    names = options.names or [*SHORT, *(LONG if options.long else ())]
    sections = [run(name, known[name]) for name in names]
    if options.write:
        machine = f"{platform.machine()}, Python {platform.python_version()}"
        head = (
            f"# Figures\n\nWritten by `make proof` on {machine}. Ratios are measured in one run.\n"
        )
        options.write.write_text("\n".join([head, *sections]), encoding="utf-8")


if __name__ == "__main__":
    main()
