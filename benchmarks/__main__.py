"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--long] [--write FILE]``."""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import sys
from pathlib import Path

SHORT = {
    "imports": "Time to import",
    "grounding": "Grounding against langextract",
    "end_to_end": "Orchestration against langextract",
    "lexicon_coverage": "Drug lexicon: share of mentions covered",
    "assertion": "Assertion on NegEx, MACCROBAT, PHEE",
    "medications": "Medication rules on MACCROBAT and PHEE",
    "conditions": "Condition rules on MACCROBAT",
    "medication_status": "Medication status and attributes on ACI-Bench",
    "judges": "Trained judges of assertion and status beside the rules",
    "relations": "Trained linker of medication attributes beside the rules",
    "allergies": "Allergy rules on MTS-Dialog and ACI-Bench",
    "measurements": "Measurement rules on MACCROBAT",
    "acronyms": "Acronym senses on ACI-Bench and MACCROBAT by reverse substitution",
    "pico": "PICO rules on EBM-NLP",
    "coreference": "Coreference rules on MACCROBAT and GAP",
    "weak_supervision": "Weak supervision: selection of pseudo-labels, expansion check",
    "recorded_llms": "Recorded answers of language models, resolved",
    "bundled": "Rules on the bundled notes",
    "accuracy": "Rules, tagger and cascade",
    "own_labels": "The tagger in the labels of its corpora",
    "slices": "Rules and tagger by slices",
    "tagger_speed": "Speed, start and memory of the tagger",
}
LONG = {
    "grounding_corpora": "Grounding on the gold mentions of MACCROBAT and PHEE",
    "robustness": "Every task on ACI-Bench and MTS-Dialog",
    "memory": "Memory over a million notes",
    "coding": "A terminology of a million concepts against a dictionary",
}

_SECTION = re.compile(r"^## .*\n`python -m benchmarks (?P<name>\w+)`\n\n```\n(?s:.*?)\n```\n", re.M)
_FIGURES = re.compile(r"<!-- figures (?P<name>\w+) -->.*?<!-- end -->", re.DOTALL)


def run(name: str, title: str) -> str:
    """Run one benchmark in a process of its own and return its section of the report."""
    print(f"\n== {title} (python -m benchmarks {name})", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise SystemExit(process.returncode)
    return f"## {title}\n`python -m benchmarks {name}`\n\n```\n{''.join(lines).rstrip()}\n```\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *SHORT, *LONG], metavar="NAME")
    parser.add_argument("--long", action="store_true", help="the long ones too")
    parser.add_argument("--write", type=Path, help="write what ran into a report in Markdown")
    options = parser.parse_args()
    known = SHORT | LONG
    names = options.names or [*SHORT, *(LONG if options.long else ())]
    sections = {name: run(name, known[name]) for name in names}
    if options.write:
        write(options.write, sections)


def write(out: Path, sections: dict[str, str]) -> None:
    """Write the sections that ran into the report, and keep the others that stand in it."""
    before = out.read_text(encoding="utf-8") if out.exists() else ""
    kept = {found["name"]: found.group() for found in _SECTION.finditer(before)}
    report = kept | sections
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    head = f"# Figures\n\nWritten by `make proof` on {machine}. Ratios are measured in one run.\n"
    known = [report[name] for name in SHORT | LONG if name in report]
    out.write_text("\n".join([head, *known]), encoding="utf-8")
    for page in sorted({*out.parent.rglob("*.md")} - {out}):
        update(page, sections)


def update(page: Path, sections: dict[str, str]) -> None:
    """Put figures where a page asks for them: between ``<!-- figures NAME -->`` and its end."""

    def figures(found: re.Match[str]) -> str:
        section = sections.get(found["name"])
        if section is None:
            return found.group()
        return f"<!-- figures {found['name']} -->\n{section.partition(chr(10))[2]}<!-- end -->"

    text = page.read_text(encoding="utf-8")
    page.write_text(_FIGURES.sub(figures, text), encoding="utf-8")


if __name__ == "__main__":
    main()
