"""Speed, start and memory of the trained tagger, on one core and on the bundled notes.

Numerical libraries are held to one thread, and the time is that of the processor, so that other
work on the machine counts little. Whole answers are those of the model behind its interface: with
the rules as evidence, whose own time stands beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from clinie.datasets import bundled
from clinie.models import Model, RulesModel
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.model import TaggerModel
from clinie.models.tagger.tagger import Tagger
from clinie.prompts import Prompt, Window
from clinie.tasks import load
from clinie.text.sentences import sentences
from clinie.text.tokens import tokenize

ROUNDS = 7
STARTS = 5
HEADS = (("medications",), ("medications", "conditions"), ("maccrobat",))
TASKS = ("medications", "conditions")
NOTE = "Takes warfarin 5 mg daily for atrial fibrillation."
START = f"""
import clinie
from clinie.models.tagger.model import TaggerModel
clinie.extract({NOTE!r}, task="medications", model=TaggerModel())
"""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def rate(texts: list[str], read: Callable[[str], object]) -> tuple[float, float]:
    """Return words and tokens per second of processor time, as the median of some rounds."""
    taken = []
    for text in texts:
        read(text)  # words met before are remembered, as in any batch
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            read(text)
        taken.append(time.process_time() - began)
    seconds = statistics.median(taken)
    words = sum(len(text.split()) for text in texts)
    tokens = sum(len(tokenize(text)) for text in texts)
    return words / seconds, tokens / seconds


def answering(model: Model, task: str) -> Callable[[str], object]:
    """Return what asks a model about a text."""
    known = load(task)

    def ask(text: str) -> object:
        prompt = Prompt(known.name, Window(text), known.template, rules=known.rules)
        return asyncio.run(model.complete([prompt]))

    return ask


def peak() -> float:
    """Return the largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure() -> None:
    """Print the table; numerical libraries have one thread."""
    texts = [document.text for document in bundled.documents()]
    words = sum(len(text.split()) for text in texts)
    before = peak()
    tagger = Tagger.from_file(SHIPPED / "notes.safetensors")
    print(f"{len(texts)} bundled notes, {words:,} words; one thread, processor time")
    print(f"{'':44}{'words/s':>10}{'tokens/s':>10}")

    def row(name: str, read: Callable[[str], object]) -> None:
        found = rate(texts, read)
        print(f"{name:44}{found[0]:>10,.0f}{found[1]:>10,.0f}", flush=True)

    row("tokens and sentences", lambda text: (tokenize(text), sentences(text)))
    for heads in HEADS:
        tags = sum(2 * len(tagger.heads[head].crf.labels) + 1 for head in heads)
        name = f"mentions of {' and '.join(heads)}, {tags} tags"
        row(name, lambda text, heads=heads: tagger.mentions(text, heads))
    model = TaggerModel()
    for task in TASKS:
        row(f"{task}: rules alone", answering(RulesModel(), task))
        row(f"{task}: tagger with the rules as evidence", answering(model, task))
    print(f"peak memory: {peak():.0f} MB, {before:.0f} MB of it before weights are read")


def start() -> float:
    """Return the seconds of a fresh process from nothing to its first answer."""
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", START], check=True, env=os.environ | ONE_THREAD)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().measure:
        measure()
        return
    if not (SHIPPED / "notes.safetensors").exists():
        print("no weights: run make model")
        return
    command = [sys.executable, "-m", "benchmarks.tagger_speed", "--measure"]
    subprocess.run(command, check=True, env=os.environ | ONE_THREAD)
    print(f"start to first answer, a fresh process: {start():.2f} s (median of {STARTS})")
    for path in sorted(SHIPPED.glob("*.safetensors")):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
