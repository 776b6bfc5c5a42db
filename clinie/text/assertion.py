"""Assertion: is a mention said to be there, absent, possible, somebody else's, long over.

A ConText reader. A cue ("denies", "history of", "mother") speaks of the mentions within its scope,
which runs from the cue to the end of the sentence, to a terminator ("but", "presents with"), or for
a limited number of words; pseudo-cues ("no change", "gram negative") look like cues and have no
scope. Added to the published algorithm: sections, items under a lead-in line ("Denies:"), check
boxes and signs, informants ("mother denies fever"), lasting diseases, and a confidence.

References
----------
Chapman WW, Bridewell W, Hanbury P, Cooper GF, Buchanan BG. A simple algorithm for identifying
negated findings and diseases in discharge summaries. J Biomed Inform 2001;34:301-310.
Harkema H, Dowling JN, Thornblade T, Chapman WW. ConText: an algorithm for determining negation,
experiencer, and temporal status from clinical reports. J Biomed Inform 2009;42:839-851.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from clinie.text.cues import SCOPED_KINDS, Hit, Scope, Word, scope_of
from clinie.text.lexica import TermLexicon, load_tsv
from clinie.text.sections import Section, sections
from clinie.text.sentences import BULLET, sentences

__all__ = ["Assertion", "ContextReader", "locate"]

_POLARITY = frozenset({"absent", "present", "possible"})
_IRREALIS = frozenset({"conditional", "hypothetical"})
_EXPERIENCER = frozenset({"family"})
_TIME = frozenset({"historical", "background"})
_GROUPS = (_POLARITY, _IRREALIS, _EXPERIENCER, _TIME)

# A relative between one of these signs and one of those speaks of what stands before.
_ADDS = frozenset({"-", "–", "—", ":"})
_CLOSES = frozenset({",", "<semi>", ".", ")", "|", "<end>"})
_ENDS = frozenset({"<semi>", ".", "<end>"})
_AGE = frozenset({"age", "aged", "at", "in", "her", "his", "dx", "s"})
_ADDED_WINDOW = 4

_UNCUED = 0.95  # no cue anywhere in the sentence
_IGNORED_CUE = 0.8  # a cue stands in the sentence and was judged not to reach the mention
_BY_SECTION = 0.88


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the note says about one mention.

    Parameters
    ----------
    assertion : str
        present, absent, possible, conditional, hypothetical or family.
    temporality : str
        current or historical.
    relative : str, optional
        Whose it is, in the words of the text ("Mother"), or "family" when it does not say. Set on
        an absent mention too when it is they who do not have it ("no family history of stroke").
    cue : (int, int), optional
        Where the deciding words stand: the cue, or the heading of the section.
    confidence : float
        Ordinal: a cue beside the mention ranks above a distant one, a sentence without cues
        above one whose cues were judged not to reach the mention.
    """

    assertion: str
    temporality: str
    relative: str | None
    cue: tuple[int, int] | None
    confidence: float


class _Reading(NamedTuple):
    """A cue that reaches the mention, with the number of words between them."""

    category: str
    distance: int
    at: tuple[int, int]
    relative: str
    forward: bool = True
    listed: bool = False  # a comma lies between


class ContextReader:
    """Reads the assertion of mentions of one note.

    Sentences, sections and the cues of a sentence are found once, when first needed; reading one
    mention then takes time linear in the number of cues within reach of it.

    Parameters
    ----------
    text : str
        The whole note; offsets given to `read` are code points into it.

    Examples
    --------
    >>> text = "Denies fever or chills. Mother had asthma."
    >>> reader = ContextReader(text)
    >>> reader.read(16, 22).assertion, reader.read(35, 41).relative
    ('absent', 'mother')
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._scopes: dict[int, Scope] = {}

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Sentences of the note, as by `clinie.text.sentences.sentences`."""
        return sentences(self._text)

    @cached_property
    def sections(self) -> list[Section]:
        """Sections of the note, as by `clinie.text.sections.sections`."""
        return sections(self._text)

    def section(self, offset: int) -> Section:
        """Return the section that holds a character.

        Raises
        ------
        IndexError
            The note is empty.
        """
        return self.sections[max(bisect_right(self._section_starts, offset) - 1, 0)]

    def scope(self, offset: int) -> Scope:
        """Return the sentence that holds a character, with its cues.

        Raises
        ------
        IndexError
            The note is empty.
        """
        return self._scope(self._index(offset))

    def lead_in(self, offset: int) -> Scope | None:
        """Return the line ending in a colon that introduces the sentence at a character, if any."""
        lead = self._lead_ins[self._index(offset)]
        return None if lead is None else self._scope(lead)

    def previous(self, offset: int) -> Scope | None:
        """Return the sentence before the one that holds a character, if any."""
        index = self._index(offset)
        return self._scope(index - 1) if index else None

    def read(self, start: int, end: int) -> Assertion:
        """Return the assertion of the mention ``text[start:end]``."""
        if not self.sentences:
            return Assertion("present", "current", None, None, _UNCUED)
        index = self._index(start)
        scope = self._scope(index)
        first, last = locate(scope.tokens, start, end)
        readings = list(_readings(scope, first, last))
        lead = self._lead_ins[index]
        if lead is not None:
            readings += _inherited(self._scope(lead), scope, first)
        chosen = {group: _nearest(readings, group) for group in _GROUPS}
        section = self.section(start)
        experiencer = chosen[_EXPERIENCER] or _of_section(section, "family_history", "family")
        return _decide(
            polarity=chosen[_POLARITY],
            irrealis=chosen[_IRREALIS],
            experiencer=experiencer,
            relative=self._relative(experiencer) if experiencer else None,
            time=self._time(chosen[_TIME], section, start, end),
            by_section=_of_section(section, "allergies", "conditional"),
            uncued=_uncued_confidence(scope, readings),
        )

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def _lead_ins(self) -> list[int | None]:
        """Return for each sentence the one that ends in a colon and introduces it, if any."""
        leads: list[int | None] = []
        for index, (start, _) in enumerate(self.sentences):
            lead = None
            if index:
                before = self.sentences[index - 1]
                is_item = BULLET.match(self._text, start) is not None
                blank = len(re.findall(r"\r\n|[\r\n]", self._text[before[1] : start])) > 1
                if self._text[before[1] - 1] == ":" and (is_item or not blank):
                    lead = index - 1
                elif is_item:
                    lead = leads[-1]
            leads.append(lead)
        return leads

    def _index(self, offset: int) -> int:
        return max(bisect_right(self._sentence_starts, offset) - 1, 0)

    def _scope(self, index: int) -> Scope:
        scope = self._scopes.get(index)
        if scope is None:
            scope = scope_of(self._text, *self.sentences[index])
            self._scopes[index] = scope
        return scope

    def _relative(self, reading: _Reading) -> str:
        """Return the words of the text for the relative, "family" where it does not say who."""
        if reading.relative == "family":
            return "family"
        said = self._text[slice(*reading.at)].replace("’", "'").removesuffix("'s").split()
        return " ".join(said[-len(reading.relative.split()) :]).lstrip("(")

    def _time(
        self, reading: _Reading | None, section: Section, start: int, end: int
    ) -> _Reading | None:
        """Return what makes the mention historical: a cue, or the section for what can end."""
        reading = reading or _of_section(section, "past_medical_history", "background")
        if reading and reading.category == "background" and _is_lasting(self._text[start:end]):
            return None
        return reading


def locate(tokens: list[Word], start: int, end: int) -> tuple[int, int]:
    """Return the words ``first:last`` of a sentence that a mention covers, in whole or in part."""
    closing = len(tokens) - 1
    first = bisect_right(tokens, start, hi=closing, key=lambda word: word.end)
    last = bisect_left(tokens, end, hi=closing, key=lambda word: word.start)
    return first, max(first, last)


def _readings(scope: Scope, first: int, last: int) -> Iterator[_Reading]:
    """Yield the cues that reach words ``first:last``."""
    for hit in scope.reaching(first, last):
        cue = hit.cue
        if cue.kind not in SCOPED_KINDS:
            continue
        direction = scope.marks if cue.kind == "mark" else cue.direction
        window = cue.window
        if cue.category == "family" and cue.kind == "cue" and _is_added(scope.tokens, hit):
            direction, window = "backward", min(window, _ADDED_WINDOW)
        if hit.first < first and direction != "backward":
            between = (min(hit.last, first), first)  # "no acute" may reach into "acute distress"
        elif hit.first >= last and direction != "forward":
            between = (last, hit.first)
        elif first <= hit.first and hit.last <= last and cue.category == "family":
            between = (first, first)  # "family history of stroke" given as one mention
        else:
            continue
        forward = hit.first < first
        distance = between[1] - between[0]
        if distance <= window and not _closed(scope, cue.category, forward, *between):
            yield _reading(scope, hit, distance, forward, listed="," in _keys(scope, *between))


def _is_added(tokens: list[Word], hit: Hit) -> bool:
    """Say whether a relative is added behind: "stroke - father, asthma - mother (age 40)"."""
    if not hit.first or hit.first == 1 or tokens[hit.first - 1].key not in _ADDS:
        return False
    at = hit.last
    if tokens[hit.first - 1].key == ":":  # "Family history: father, 79, had gout" opens a list
        return tokens[at].key in _ENDS
    while tokens[at].key in _AGE or tokens[at].key.isdigit():
        at += 1
    return tokens[at].key in _CLOSES


def _reading(
    scope: Scope, hit: Hit, distance: int, forward: bool = True, *, listed: bool = False
) -> _Reading:
    at = (scope.tokens[hit.first].start, scope.tokens[hit.last - 1].end)
    return _Reading(hit.cue.category, distance, at, hit.cue.relative, forward, listed)


def _keys(scope: Scope, first: int, last: int) -> set[str]:
    return {word.key for word in scope.tokens[first:last]}


def _closes(hit: Hit, category: str, forward: bool) -> bool:
    cue = hit.cue
    if cue.direction == ("backward" if forward else "forward"):
        return False
    return cue.category in {"any", category} or (
        cue.category == "historical" and category == "background"
    )


def _closed(scope: Scope, category: str, forward: bool, first: int, last: int) -> bool:
    """Say whether words ``first:last`` hold what closes the scope of a category."""
    begin = bisect_left(scope.terminators, first, key=lambda hit: hit.first)
    for index in range(begin, len(scope.terminators)):
        hit = scope.terminators[index]
        if hit.first >= last:
            break
        if category == "family" and hit.first == first and scope.tokens[first].key == "also":
            continue  # the verb of the relative: "father also has diabetes"
        if hit.last <= last and _closes(hit, category, forward):
            return True
    if forward or category == "family":
        return False
    # Backwards a comma closes ("pain in the leg, pulses absent") unless it is one of a list
    # ("fever, chills and cough were denied").
    keys = _keys(scope, first, last)
    return "," in keys and not {"and", "or"} & keys


def _inherited(lead: Scope, item: Scope, first: int) -> Iterator[_Reading]:
    """Yield the forward cues of a lead-in line that go on into word ``first`` of a list item."""
    end = len(lead.tokens) - 1
    for hit in lead.reaching(end + first, end):
        cue = hit.cue
        if (
            cue.kind == "cue"
            and cue.direction != "backward"
            and cue.window >= end - hit.last + first
            and not _closed(lead, cue.category, True, hit.last, end)
            and not _closed(item, cue.category, True, 0, first)
        ):
            yield _reading(lead, hit, end - hit.last + first)


def _nearest(readings: list[_Reading], group: frozenset[str]) -> _Reading | None:
    """Return the cue of a group nearest to the mention; the one before it on a tie.

    Of "no rales are present" only the "no" counts, of "no rales, edema is present" both.
    """
    denied = any(r.category == "absent" and r.forward and not r.listed for r in readings)
    candidates = (
        r
        for r in readings
        if r.category in group and not (denied and r.category == "present" and not r.forward)
    )
    return min(candidates, key=lambda r: (not _names_behind(r), r.distance), default=None)


def _names_behind(reading: _Reading) -> bool:
    """Tell whether a relative stands right behind: "family history of stroke in his father"."""
    named = reading.category == "family" and reading.relative != "family"
    return named and not reading.forward and reading.distance <= 1


def _of_section(section: Section, kind: str, category: str) -> _Reading | None:
    if section.kind != kind:
        return None
    return _Reading(category, -1, (section.start, section.body), "family")


def _decide(
    *,
    polarity: _Reading | None,
    irrealis: _Reading | None,
    experiencer: _Reading | None,
    relative: str | None,
    time: _Reading | None,
    by_section: _Reading | None,
    uncued: float,
) -> Assertion:
    """Combine the readings: family, hypothetical, conditional, absent, possible, present.

    A negation beats two of these: "no family history of stroke" is absent, not a stroke in the
    family, and "denies chest pain on exertion" is absent, not a pain that comes on exertion.
    """
    negated = polarity is not None and polarity.category == "absent"
    deciding: _Reading | None
    if experiencer and not negated:
        deciding = experiencer
    elif irrealis and not (negated and irrealis.category == "conditional"):
        deciding = irrealis
    elif polarity:
        deciding = polarity
    else:
        deciding = by_section
    assertion = deciding.category if deciding else "present"
    if assertion not in {"present", "possible"}:
        time = None  # what is not there, may come, or is another's is no past of the patient
    cue = deciding or time
    return Assertion(
        assertion=assertion,
        temporality="historical" if time else "current",
        relative=relative,
        cue=cue.at if cue else None,
        confidence=_confidence(cue) if cue else uncued,
    )


def _confidence(reading: _Reading) -> float:
    if reading.distance < 0:
        return _BY_SECTION
    for limit, confidence in ((1, 0.97), (3, 0.95), (6, 0.92), (12, 0.87)):
        if reading.distance <= limit:
            return confidence
    return 0.78


def _uncued_confidence(scope: Scope, readings: list[_Reading]) -> float:
    return _IGNORED_CUE if scope.is_cued and not readings else _UNCUED


@cache
def _lasting() -> TermLexicon[str]:
    return TermLexicon({row["term"]: row["term"] for row in load_tsv("lasting.tsv")})


def _is_lasting(mention: str) -> bool:
    """Say whether a mention names a disease that lasts: under past history it is still current."""
    return bool(_lasting().find(mention))
