"""Cases of sense disambiguation, made by reverse substitution.

Where a long form of an ambiguous short form stands in a text (*physical therapy*), it is replaced
by the short form (*PT*); what stood there is the gold. All long forms of a text are replaced at
once, in headings too, so that the answer stands nowhere; a heading is no case of its own.

The made text is clinical prose with more short forms than its authors wrote. Senses that
clinicians always abbreviate and never write out are missing from it.

References
----------
Pakhomov S, Pedersen T, Chute CG. Abbreviation and acronym disambiguation in clinical discourse.
AMIA Annual Symposium 2005.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem
from clinie.schema import Document, Span
from clinie.text.lexica import TermLexicon
from clinie.text.sections import sections
from clinie.text.senses import Inventory

__all__ = ["Substitute", "Substitution"]


class Substitute(NamedTuple):
    """The short form that stands in for a wording, and the sense that it then has."""

    short: str
    sense: str
    wording: str


class Substitution:
    """Replaces the long forms of an inventory's ambiguous short forms.

    Only short forms in capitals with two letters and two senses at least take part. A long form
    with several such short forms gets the one that most often means it.

    Parameters
    ----------
    inventory : Inventory
    """

    def __init__(self, inventory: Inventory) -> None:
        wordings: dict[str, Substitute] = {}
        shares: dict[str, float] = {}
        for _, senses in inventory:
            named = [sense for sense in senses if sense.name]
            short = named[0].forms[0] if named else ""
            if len(named) < 2 or not short.isupper() or len(short) < 2 or not short.isalpha():
                continue
            whole = sum(sense.prior for sense in named)
            for sense in named:
                share = sense.prior / whole
                for wording in sense.wordings if sense.case != "any" else ():
                    if share > shares.get(wording, 0.0):
                        shares[wording] = share
                        wordings[wording] = Substitute(short, sense.name, wording)
        self.shorts = frozenset(substitute.short for substitute in wordings.values())
        self._lexicon = TermLexicon(wordings, plurals=True)

    def __call__(self, document: Document) -> CorpusItem:
        """Return the text with short forms, each a span ``acronym`` with its ``sense``."""
        text = document.text
        found = sections(text)
        starts = [section.start for section in found]
        pieces: list[str] = []
        spans: list[Span] = []
        length = at = 0
        for start, end, (short, sense, wording) in self._lexicon.find(text):
            pieces.append(text[at:start])
            length += start - at
            in_heading = start < found[bisect_right(starts, start) - 1].body
            if not in_heading:
                attributes = {"sense": sense}
                spans.append(
                    Span(f"s{len(spans)}", "acronym", length, length + len(short), short,
                         attributes=attributes)
                )  # fmt: skip
            plural = len(text[start:end]) > len(wording) and text[end - 1] in "si"
            pieces.append(short + "s" if plural else short)
            length += len(pieces[-1])
            at = end
        pieces.append(text[at:])
        made = Document("".join(pieces), document.id, metadata=document.metadata)
        return CorpusItem(made, tuple(spans))
