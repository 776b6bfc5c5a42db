"""Made-up sentences in which the status of a drug is easily misread, with the right status.

They are small: a sentence of ``data/status_phrases.tsv`` between two others, sometimes under a
heading. Whole notes come from `clinie.training.synthetic`; these sentences are what the rules and a
first classifier got wrong in training notes, said in other words.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from random import Random

from clinie.schema import Document, Extraction, Span
from clinie.text.lexica import load_tsv
from clinie.training.synthetic.phrases import Phrase, Slot

__all__ = ["status_sentences"]

_STATUS = {"+": "active", "-": "discontinued", "0": "neither"}
_HE = {"he": "she", "him": "her", "his": "her", "He": "She", "His": "Her", "is": "is"}
_AGO = (
    "two weeks ago",
    "last year",
    "about a month ago",
    "in 2015",
    "5 years ago",
    "in March",
    "several years back",
    "last week",
    "years ago",
    "6 months ago",
)
_SPAN = ("two weeks", "10 days", "6 weeks", "several months", "a year", "three days", "a month")
_DISEASE = (
    "Prior subdural hematoma",
    "History of GI bleeding",
    "Renal failure",
    "His liver disease",
)
_VACCINE = ("vaccine", "shot", "vaccination", "immunization", "booster")
_HEADINGS = (
    "ASSESSMENT AND PLAN\n\n",
    "HISTORY OF PRESENT ILLNESS\n\n",
    "PLAN:\n",
    "• Medical Treatment: ",
    "- Patient Education and Counseling: ",
    "HPI: ",
    "SUBJECTIVE: ",
    "1. Back pain.\n- ",
)
_FILLERS = (
    "The patient is here for follow up.",
    "The pain is constant.",
    "No other complaints.",
    "Blood pressure was 132/84.",
    "He lives with his wife.",
    "She denies fever or chills.",
    "All questions were answered.",
    "X-rays were obtained today.",
    "Return in 2 weeks.",
)


def status_sentences(count: int = 8, seed: int = 0) -> Iterator[Extraction]:
    """Yield short texts with the status of their drugs.

    Parameters
    ----------
    count : int
        Texts per phrase.
    seed : int

    Yields
    ------
    Extraction
        Of ``medications@1``; the id of the document up to its last ``-`` is that of the phrase.
    """
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    names = _Names()
    for number, row in enumerate(_rows()):
        phrase = Phrase(row["phrase"])
        for turn in range(count):
            yield _text(phrase, f"status-{number}-{turn}", names, rng)


def _rows() -> Iterator[dict[str, str]]:
    table = files("clinie.training.tagger").joinpath("data", "status_phrases.tsv")
    lines = [x for x in table.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    header = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(header, line.split("\t"), strict=True))


class _Names:
    """Names of drugs and of groups of drugs."""

    def __init__(self) -> None:
        rows = load_tsv("drugs.tsv")
        self._drugs = [
            row["name"] for row in rows if " " not in row["name"] and len(row["name"]) > 4
        ]
        self._groups = [row["group"] for row in load_tsv("drug_groups.tsv")]

    def draw(self, slot: Slot, rng: Random) -> str:
        if slot.name == "vaccine":
            return rng.choice(_VACCINE)
        return rng.choice(self._groups if slot.name == "group" else self._drugs)


def _text(phrase: Phrase, identity: str, names: _Names, rng: Random) -> Extraction:
    text = rng.choice(_HEADINGS) if rng.random() < 0.5 else ""
    text += f"{rng.choice(_FILLERS)} " if rng.random() < 0.5 else ""
    is_woman = rng.random() < 0.5
    spans: list[Span] = []
    for part in phrase.flatten(rng):
        words = part if isinstance(part, str) else _words(part, names, rng, is_woman=is_woman)
        if not text or text[-1] == "\n" or text.endswith((". ", ": ")):
            words = words[:1].upper() + words[1:]
        start, text = len(text), text + words
        if isinstance(part, Slot) and part.name in {"drug", "group", "vaccine"}:
            said = {"status": _STATUS[part.sign or part.number]}
            spans.append(Span(f"s{len(spans)}", "medication", start, len(text), words, None, said))
    if rng.random() < 0.5:
        text += f" {rng.choice(_FILLERS)}"
    return Extraction(identity, "medications@1", tuple(spans), document=Document(text, identity))


def _words(slot: Slot, names: _Names, rng: Random, *, is_woman: bool) -> str:
    if slot.name in _HE:
        return _HE[slot.name] if is_woman else slot.name
    if slot.name in {"ago", "ago_up"}:
        return rng.choice(_AGO)
    if slot.name == "span":
        return rng.choice(_SPAN)
    if slot.name == "disease":
        return rng.choice(_DISEASE)
    return "\n" if slot.name == "nl" else names.draw(slot, rng)
