"""A terminology of a million concepts: time to read it, its memory, time per lookup.

``python -m benchmarks.coding [--concepts 1000000]`` makes a look-alike of an Athena export with one
synonym for every other concept. Its peer is a dictionary of the same names in lower case to lists
of (vocabulary, code, name), which finds no other spelling.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.memory import resident
from clinie.coding import load

COLUMNS = (
    "concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept "
    "concept_code valid_start_date valid_end_date invalid_reason"
)
LOOKUPS = 10_000
Made = TypeVar("Made")


def written(folder: Path, concepts: int) -> None:
    """Write an export of names of one to six words, some with numbers, hyphens and possessives."""
    draw = random.Random(7)
    syllables = [first + second for first in "bcdfglmnprst" for second in "aeiou"]
    words = ["".join(draw.choices(syllables, k=draw.randint(2, 5))) for _ in range(30_000)]
    forms = ("{}", "{}", "{}", "{} 40 MG/ML Oral Tablet [Brand]", "non-{}", "{}'s disease")

    def name() -> str:
        return draw.choice(forms).format(" ".join(draw.choices(words, k=draw.randint(1, 6))))

    with (
        (folder / "CONCEPT.csv").open("w") as table,
        (folder / "CONCEPT_SYNONYM.csv").open("w") as synonyms,
    ):
        table.write("\t".join(COLUMNS.split()) + "\n")
        synonyms.write("concept_id\tconcept_synonym_name\tlanguage_concept_id\n")
        for number in range(concepts):
            own = name()
            vocabulary = draw.choice(("RxNorm", "SNOMED", "ICD10CM", "LOINC"))
            table.write(f"{number}\t{own}\tDrug\t{vocabulary}\tClass\tS\t{number:09}\t\t\t\n")
            synonyms.write(f"{number}\t{own}\t4180186\n")
            if number % 2:
                synonyms.write(f"{number}\t{name()}\t4180186\n")


def plain(folder: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Return the peer."""
    concepts: dict[str, tuple[str, str, str]] = {}
    found: dict[str, list[tuple[str, str, str]]] = {}
    with (folder / "CONCEPT.csv").open() as table:
        next(table)
        for line in table:
            number, name, _, vocabulary, _, _, code, *_ = line.split("\t")
            concepts[number] = (vocabulary, code, name)
            found.setdefault(name.lower(), []).append(concepts[number])
    with (folder / "CONCEPT_SYNONYM.csv").open() as synonyms:
        next(synonyms)
        for line in synonyms:
            number, name, _ = line.split("\t")
            if name != concepts[number][2]:
                found.setdefault(name.lower(), []).append(concepts[number])
    return found


def measure(make: Callable[[], Made]) -> tuple[Made, float, float]:
    """Return what is made, the seconds it took and the MB it holds."""
    before, started = resident(), time.perf_counter()
    made = make()
    seconds = time.perf_counter() - started
    return made, seconds, resident() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--concepts", type=int, default=1_000_000)
    concepts = parser.parse_args().concepts
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        written(folder, concepts)
        terminology, seconds, megabytes = measure(lambda: load([folder]))
        peer, peer_seconds, peer_megabytes = measure(lambda: plain(folder))
    names = [name.upper() for name in random.Random(7).sample(sorted(peer), LOOKUPS)]
    started = time.perf_counter()
    found = sum(bool(terminology.find(name, "medication")) for name in names)
    each = (time.perf_counter() - started) / LOOKUPS
    print(f"{concepts:,} concepts, {len(terminology):,} names")
    print(f"{'':14}{'terminology':>14}{'dictionary':>14}{'ratio':>8}")
    for what, own, other, unit in (
        ("read", seconds, peer_seconds, "s"),
        ("memory", megabytes, peer_megabytes, "MB"),
    ):
        print(f"{what:14}{own:>11,.1f} {unit:<2}{other:>11,.1f} {unit:<2}{own / other:>8.2f}")
    print(f"lookup in capitals: {each * 1e6:.0f} us each, {found / LOOKUPS:.1%} found")


if __name__ == "__main__":
    main()
