"""Memory and speed of a batch run over many small notes, with a model that answers at once.

``python benchmarks/memory.py [--notes 1000000] [--source generator|jsonl] [--bare]`` prints
resident memory at 10,000, 100,000 and 1,000,000 notes, and notes per second. Records are made,
written and counted as in any run; only the model and the disk are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from clinie import tasks
from clinie.cascade import Cascade
from clinie.io import Read, read_documents
from clinie.io.records import RecordWriter
from clinie.io.seen import unique
from clinie.models import Capabilities, Completion
from clinie.prompts import Prompt
from clinie.runs.batch import ErrorList, run
from clinie.schema import Document, Extraction

MARKS = (1_000, 10_000, 100_000, 1_000_000)
NOTE = "Visit {}. Lasix 40 mg by mouth daily for edema. Coumadin held. Returns in two weeks."
ANSWER = json.dumps([{"text": "Lasix", "label": "medication", "status": "active"}])


class Bare:
    """Stands in for the cascade: empty records, so that reader, run and writer are left."""

    max_error = None

    async def extract(self, document: Document, task: tasks.Task) -> Extraction:
        """Answer at once."""
        return Extraction(document.id, task.name)


class Instant:
    """Answers every prompt with the same medication."""

    name = "instant@1"
    capabilities = Capabilities()

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Answer at once."""
        return [Completion(ANSWER)] * len(prompts)


def generated(notes: int) -> Iterator[Read]:
    made = (Document(text=NOTE.format(n), id=f"note-{n}") for n in range(notes))
    return unique((document.id, document) for document in made)


def written(notes: int, path: Path) -> Iterable[Read]:
    with path.open("w", encoding="utf-8") as stream:
        for n in range(notes):
            stream.write(json.dumps({"id": f"note-{n}", "text": NOTE.format(n)}) + "\n")
    return read_documents([path])


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(reads: Iterable[Read], extractor: Bare | Cascade) -> None:
    started, done = time.perf_counter(), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done in MARKS:
            seconds = time.perf_counter() - started
            print(
                f"{done:>9,} notes  {resident():6.1f} MB  {done / seconds:7,.0f} notes/s",
                flush=True,
            )

    run(
        reads,
        [tasks.load("medications")],
        extractor,
        RecordWriter(Path(os.devnull)),
        errors=ErrorList(None),
        advance=advance,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--notes", type=int, default=1_000_000)
    parser.add_argument("--source", choices=("generator", "jsonl"), default="generator")
    parser.add_argument("--bare", action="store_true", help="leave the cascade out")
    arguments = parser.parse_args()
    extractor = Bare() if arguments.bare else Cascade(model=Instant())
    print(f"source: {arguments.source}, {type(extractor).__name__.lower()}")
    if arguments.source == "generator":
        measure(generated(arguments.notes), extractor)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(written(arguments.notes, Path(folder) / "notes.jsonl"), extractor)


if __name__ == "__main__":
    main()
