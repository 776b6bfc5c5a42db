"""Made-up sentences in which a status or an assertion is easily misread, with the right one.

They are small: a sentence of ``data/*_phrases.tsv`` between two others, sometimes under a
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

__all__ = ["assertion_sentences", "status_sentences"]

_STATUS = {"+": "active", "-": "discontinued", "0": "neither"}
_ASSERTION = {
    "+": "present",
    "-": "absent",
    "?": "possible",
    "~": "hypothetical",
    "%": "conditional",
    "^": "family",
}
_RELATIVES = ("mother", "father", "sister", "brother", "aunt", "grandfather", "son", "daughter")
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
    """Yield short texts with the status of their drugs: records of ``medications@1``.

    Parameters
    ----------
    count : int
        Texts per phrase.
    seed : int

    Yields
    ------
    Extraction
        The id of its document is ``status-PHRASE-NUMBER``.
    """
    yield from _texts("status", "medications@1", count, seed)


def assertion_sentences(count: int = 8, seed: int = 0) -> Iterator[Extraction]:
    """Yield short texts with the assertion of their problems: records of ``conditions@1``.

    Parameters
    ----------
    count : int
        Texts per phrase.
    seed : int

    Yields
    ------
    Extraction
        The id of its document is ``assertion-PHRASE-NUMBER``.
    """
    yield from _texts("assertion", "conditions@1", count, seed)


def _texts(name: str, task: str, count: int, seed: int) -> Iterator[Extraction]:
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    names = _Names()
    for number, row in enumerate(_rows(f"{name}_phrases.tsv")):
        phrase = Phrase(row["phrase"])
        for turn in range(count):
            yield _text(phrase, task, f"{name}-{number}-{turn}", names, rng)


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = files("clinie.training.tagger").joinpath("data", name)
    lines = [x for x in table.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    header = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(header, line.split("\t"), strict=True))


class _Names:
    """Names of drugs, of groups of drugs and of problems."""

    def __init__(self) -> None:
        names = [row["name"] for row in load_tsv("drugs.tsv")]
        self._by_slot = {
            "drug": [name for name in names if " " not in name and len(name) > 4],
            "group": [row["group"] for row in load_tsv("drug_groups.tsv")],
            "vaccine": list(_VACCINE),
            "problem": [row["term"] for row in load_tsv("problems.tsv")],
        }

    def __contains__(self, slot: str) -> bool:
        return slot in self._by_slot

    def draw(self, slot: str, rng: Random) -> str:
        return rng.choice(self._by_slot[slot])


def _text(phrase: Phrase, task: str, identity: str, names: _Names, rng: Random) -> Extraction:
    text = rng.choice(_HEADINGS) if rng.random() < 0.5 else ""
    text += f"{rng.choice(_FILLERS)} " if rng.random() < 0.5 else ""
    is_woman = rng.random() < 0.5
    spans: list[Span] = []
    for part in phrase.flatten(rng):
        words = part if isinstance(part, str) else _words(part, names, rng, is_woman=is_woman)
        if not text or text[-1] == "\n" or text.endswith((". ", ": ")):
            words = words[:1].upper() + words[1:]
        start, text = len(text), text + words
        if isinstance(part, Slot) and part.name in names:
            label = "problem" if part.name == "problem" else "medication"
            spans.append(Span(f"s{len(spans)}", label, start, len(text), words, None, _said(part)))
    if rng.random() < 0.5:
        text += f" {rng.choice(_FILLERS)}"
    return Extraction(identity, task, tuple(spans), document=Document(text, identity))


def _said(slot: Slot) -> dict[str, str]:
    if slot.name != "problem":
        return {"status": _STATUS[slot.sign or slot.number]}
    time = "historical" if slot.past else "current"
    return {"assertion": _ASSERTION[slot.sign], "temporality": time}


def _words(slot: Slot, names: _Names, rng: Random, *, is_woman: bool) -> str:
    if slot.name in _HE:
        return _HE[slot.name] if is_woman else slot.name
    if slot.name in {"ago", "ago_up"}:
        return rng.choice(_AGO)
    if slot.name == "span":
        return rng.choice(_SPAN)
    if slot.name == "disease":
        return rng.choice(_DISEASE)
    if slot.name == "relative":
        return rng.choice(_RELATIVES)
    return "\n" if slot.name == "nl" else names.draw(slot.name, rng)
