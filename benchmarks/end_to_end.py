"""Orchestration per note with an instant model: Clinie against langextract 1.7.

Both get the same 1,000-word notes and a model that answers at once with the same facts, so that
what is timed is everything but the model: windows, prompt, parsing, grounding, assembly. The two
take turns on the same notes in one process; figures are medians over the notes.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Sequence
from typing import Any

from clinie import Document
from clinie.cascade import Cascade
from clinie.models import Capabilities, Completion
from clinie.prompts import Prompt
from clinie.tasks import load
from clinie.text.lexica import load_tsv

WORDS = 1000
FACTS = 20
NOTES = 20
FILLER = (
    "the patient was seen in clinic today and reports feeling well with no new complaints since "
    "the last visit appetite is good sleep is fair and the plan was discussed in detail"
).split()
Fact = tuple[str, str]


class Instant:
    """Answers with prepared texts, whatever it is asked."""

    name = "instant@1"
    capabilities = Capabilities()

    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        return [Completion(self.answer) for _ in prompts]


def make_note(seed: int) -> tuple[str, list[Fact]]:
    """Return a note of 1,000 words and the facts (drug, dose) that stand in it."""
    random.seed(seed)
    known = [row["name"] for row in load_tsv("drugs.tsv") if row["kind"] == "ingredient"]
    names = random.sample([name for name in known if name.isalpha()], FACTS)
    facts = [(name, f"{random.randint(1, 900)} mg") for name in names]
    words = [random.choice(FILLER) for _ in range(WORDS - 4 * FACTS)]
    step = len(words) // FACTS
    for number, (name, dose) in reversed(list(enumerate(facts))):
        words[number * step : number * step] = [name, dose, "daily."]
    return " ".join(words), facts


def time_clinie(notes: list[tuple[str, list[Fact]]]) -> list[float]:
    task = load("medications")
    seconds = []
    with asyncio.Runner() as runner:
        for text, facts in notes:
            items = [{"text": name, "dosage": dose} for name, dose in facts]
            cascade = Cascade(model=Instant(json.dumps({"items": items})))
            document = Document(text, "n")
            start = time.perf_counter()
            found = runner.run(cascade.extract(document, task))
            seconds.append(time.perf_counter() - start)
            assert len(found.relations) == FACTS
    return seconds


def time_langextract(notes: list[tuple[str, list[Fact]]]) -> list[float]:
    import langextract as lx
    from langextract.core.base_model import BaseLanguageModel
    from langextract.core.types import ScoredOutput

    class InstantPeer(BaseLanguageModel):
        """Gives each chunk the facts that stand in it, as a perfect model would."""

        def __init__(self, facts: list[Fact]) -> None:
            super().__init__()
            self.facts = facts

        def infer(self, batch_prompts: Sequence[str], **_: Any) -> Any:
            for prompt in batch_prompts:
                here = [f for f in self.facts if f"{f[0]} {f[1]} " in prompt]
                records = [
                    record
                    for name, dose in here
                    for record in ({"medication": name}, {"dosage": dose})
                ]
                answer = json.dumps({"extractions": records})
                yield [ScoredOutput(score=1.0, output=f"```json\n{answer}\n```")]

    example = lx.data.ExampleData(
        text="Takes aspirin 81 mg daily.",
        extractions=[lx.data.Extraction("medication", "aspirin")],
    )
    seconds = []
    for text, facts in notes:
        start = time.perf_counter()
        found = lx.extract(
            text,
            prompt_description="List medications and dosages.",
            examples=[example],
            model=InstantPeer(facts),
            use_schema_constraints=False,
            show_progress=False,
        )
        seconds.append(time.perf_counter() - start)
        assert found.extractions is not None
        assert len(found.extractions) >= FACTS
    return seconds


def measure() -> dict[str, float]:
    """Return medians in milliseconds per note, and their ratio."""
    notes = [make_note(seed) for seed in range(NOTES)]
    time_clinie(notes[:2])  # load lexica and code once
    time_langextract(notes[:1])
    ours = statistics.median(time_clinie(notes)) * 1e3
    peer = statistics.median(time_langextract(notes)) * 1e3
    return {"clinie": ours, "langextract": peer, "ratio": peer / ours}


def main() -> None:
    figures = measure()
    print(f"{NOTES} notes of {WORDS:,} words, {2 * FACTS} facts each, instant model")
    print(f"{'':14}{'ms per note (median)':>22}")
    print(f"{'clinie':14}{figures['clinie']:>22.2f}")
    print(f"{'langextract':14}{figures['langextract']:>22.2f}")
    print(f"ratio {figures['ratio']:.0f}x; target: at most 5 ms per note")


if __name__ == "__main__":
    main()
