"""Grounding speed against langextract, on the same items in one run.

A note of 5,000 tokens and 200 mentions of four tokens: standing there as they are, with one word
misspelt, and absent. Times are medians; langextract is slow and is timed fewer times::

    pip install 'langextract>=1.7,<1.8'
    python -m benchmarks.grounding
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from clinie.resolvers.grounding import ground_all
from clinie.text.tokens import tokenize

TOKENS = 5_000
ITEMS = 200
WIDTH = 4
OURS, THEIRS = 15, 2
"""Repeats."""

_STEMS = """
    abdominal acute adherence admission ambulating anterior appetite aspirin assessment baseline
    biopsy bleeding blood bradycardia bronchial cardiac catheter chest chronic clear clinic
    complains consulted cough creatinine culture daily decreased denies diabetes diagnosis dialysis
    discharge dizziness edema effusion elevated emergency evening examination exertion family fever
    fluid follow fracture gastric headache heart hepatic history home hypertension improved
    infection infusion kidney left lesion lisinopril liver lower lung management medication
    metformin metoprolol moderate morning nausea neurology night normal nurse oral pain patient
    pelvic physical pneumonia posterior potassium pressure procedure pulse reports resolved right
    scheduled severe sodium stable started stenosis sugar surgery swelling symptoms tablet therapy
    thoracic tolerated treatment ulcer unchanged upper urgent vessel warfarin weakness weekly
""".split()
_SMALL = "the a of and with for was is on in at to by mg 5 10 25 40 81 2.5 20 , . ; .".split()


@dataclass
class Case:
    """Mentions of one kind, and where each stands: the token range, or None."""

    name: str
    mentions: list[str]
    expected: list[tuple[int, int] | None]


def note(rng: random.Random, tokens: int = TOKENS) -> str:
    """Write an invented note: a third small words, numbers and marks, the rest rarer words."""
    words = [
        rng.choice(_SMALL)
        if rng.random() < 0.35
        else rng.choice(_STEMS) + (rng.choice(_STEMS)[:3] if rng.random() < 0.3 else "")
        for _ in range(tokens)
    ]
    return " ".join(words)


def cases(text: str, rng: random.Random) -> list[Case]:
    """Draw exact, misspelt and absent mentions; every one stands in at most one place."""
    tokens = tokenize(text)
    starts = rng.sample(range(len(tokens) - WIDTH), ITEMS * 6)
    exact = Case("exact", [], [])
    misspelt = Case("one word misspelt", [], [])
    vocabulary = {t.text for t in tokens}
    for first in starts:
        span = tokens[first].start, tokens[first + WIDTH - 1].end
        mention = text[span[0] : span[1]]
        if text.count(mention) > 1 or not (mention[0].isalnum() and mention[-1].isalnum()):
            continue
        if len(exact.mentions) < ITEMS:
            exact.mentions.append(mention)
            exact.expected.append(span)
        changed = _misspell(mention, vocabulary, rng)
        if changed and len(misspelt.mentions) < ITEMS:
            misspelt.mentions.append(changed)
            misspelt.expected.append(span)
    absent = Case("absent", [_invent(rng) for _ in range(ITEMS)], [None] * ITEMS)
    return [exact, misspelt, absent]


def _misspell(mention: str, vocabulary: set[str], rng: random.Random) -> str | None:
    """Drop one letter inside the longest word, unless that makes another word of the note."""
    word = max(mention.split(), key=len)
    if len(word) < 8 or mention.split().count(word) > 1:
        return None
    at = rng.randrange(2, len(word) - 2)
    changed = word[:at] + word[at + 1 :]
    return None if changed in vocabulary else mention.replace(word, changed)


def _invent(rng: random.Random) -> str:
    """Make four words that stand in no note."""
    return " ".join(
        "".join(rng.choice("bdgklmnprstvz") + rng.choice("aeiou") for _ in range(4)) + "x"
        for _ in range(WIDTH)
    )


def clinie(mentions: list[str], text: str) -> list[tuple[int, int] | None]:
    """Ground with Clinie."""
    found = ground_all(mentions, text)
    return [(g.spans[0][0], g.spans[-1][1]) if g.spans else None for g in found]


def langextract(mentions: list[str], text: str) -> list[tuple[int, int] | None]:
    """Ground with langextract's resolver at its default settings."""
    from langextract.core.data import Extraction
    from langextract.resolver import Resolver

    items = [Extraction(extraction_class="item", extraction_text=m) for m in mentions]
    aligned = Resolver().align(items, text, token_offset=0, char_offset=0)
    return [
        (e.char_interval.start_pos, e.char_interval.end_pos) if e.char_interval else None
        for e in aligned
    ]


Engine = Callable[[list[str], str], list[tuple[int, int] | None]]


def measure(engine: Engine, case: Case, text: str, repeats: int) -> tuple[float, int]:
    """Return the median time in seconds and how many of the mentions came out right."""
    times = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()  # as timeit does, for both
        begin = time.process_time()
        found = engine(case.mentions, text)
        times.append(time.process_time() - begin)
        gc.enable()
    right = sum(a == b for a, b in zip(found, case.expected, strict=True))
    return statistics.median(times), right


def main() -> None:
    rng = random.Random(7)
    text = note(rng)
    print(f"{len(tokenize(text))} tokens, {ITEMS} mentions of {WIDTH} tokens; median time, right")
    print(f"{'':20s}{'Clinie':>20s}{'langextract':>22s}{'ratio':>8s}")
    for case in cases(text, rng):
        clinie(case.mentions, text)  # load the lexica
        ours, right = measure(clinie, case, text, OURS)
        line = f"{case.name:20s}{1000 * ours:11.1f} ms {right:4d} ok"
        try:
            theirs, other = measure(langextract, case, text, THEIRS)
        except ImportError:
            print(line, "  langextract is not installed")
            continue
        print(f"{line}{1000 * theirs:13.0f} ms {other:4d} ok{theirs / ours:7.0f}x")


if __name__ == "__main__":
    main()
