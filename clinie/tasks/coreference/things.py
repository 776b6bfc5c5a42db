"""Which thing a pronoun or a definite mention takes up: filters first, then a score.

The filters are those of the classic salience accounts (number, kind, binding, denial); the score
weighs recency, grammatical role, what the verb asks for, parallel roles, headings, and whether the
thing was already spoken of by a pronoun.

References
----------
Lappin and Leass, An algorithm for pronominal anaphora resolution, Computational Linguistics 20(4),
1994.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clinie.tasks.coreference.anaphors import Anaphor
from clinie.tasks.coreference.nouns import noun_of
from clinie.tasks.coreference.phrases import Phrase
from clinie.tasks.coreference.words import Word

__all__ = ["Choice", "Things"]

_ROLE = {
    "subject": 0.8,
    "topic": 1.0,
    "heading": 1.0,
    "object": 0.5,
    "fragment": 0.4,
    "oblique": 0.1,
    "possessive": 0.3,
    "embedded": -0.3,
}
_REACH = {"it": 2, "this": 1, "they": 2, "these": 1, "one": 2, "former": 1, "latter": 1}
_LEAST = {"it": 1.0, "this": 1.2, "they": 1.0, "these": 0.8, "one": 0.6, "definite": 0.3}
_CLINICAL = frozenset(("problem", "test", "procedure", "drug", "device", "specimen", "lesion"))
_PROBLEMS = frozenset(("disease", "symptom", "pain", "lesion", "injury", "skin", "infection"))
_SIDES = {"left": "right", "right": "left", "upper": "lower", "lower": "upper"}
_SIDES |= {"medial": "lateral", "lateral": "medial", "anterior": "posterior"}
_SIDES |= {"posterior": "anterior", "proximal": "distal", "distal": "proximal"}
_MOST = 40
"""How many earlier mentions are weighed for one anaphor."""
_FARTHEST = 60
"""How many sentences back a definite mention may take up a thing."""
_REACH_OF_SITES = 4
_LONGEST_CLAUSE = 60
_LONGEST_HEADING = 12


@dataclass(slots=True)
class _Thing:
    """Something spoken of: its full mentions, and where it was last spoken of."""

    phrases: list[Phrase]
    sentence: int
    first: int
    role: str
    taken_up: int = 0
    kinds: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an anaphor takes up: its antecedents' places, the score, the lead over the next."""

    antecedents: tuple[tuple[int, int], ...]
    score: float
    lead: float


class Things:
    """The things spoken of so far. Feed phrases and anaphors in text order."""

    def __init__(self, sentences: Sequence[Sequence[Word]]) -> None:
        self.sentences = sentences
        self._recent: list[_Thing] = []
        self._by_word: dict[str, list[_Thing]] = {}
        self._by_name: dict[tuple[str, frozenset[str]], _Thing] = {}

    def add(self, phrase: Phrase) -> None:
        """Take note of a mention that is no anaphor."""
        if phrase.kinds & {"person", "place"}:
            return
        role = "heading" if self._is_heading(phrase) else phrase.role
        same = self._by_name.get((phrase.head, phrase.modifiers))
        if same is not None and phrase.kinds:
            same.phrases.append(phrase)
            same.sentence, same.first, same.role = phrase.sentence, phrase.first, role
            self._recent.append(same)
            return
        thing = _Thing([phrase], phrase.sentence, phrase.first, role, kinds=phrase.kinds)
        self._recent.append(thing)
        self._by_name[phrase.head, phrase.modifiers] = thing
        for key in {phrase.head, *phrase.kinds}:
            self._by_word.setdefault(key, []).append(thing)

    def choose(self, anaphor: Anaphor) -> Choice | None:
        """Return what an anaphor takes up and remember it; None when nothing is plausible."""
        if anaphor.form in ("former", "latter"):
            return self._pair_member(anaphor)
        if anaphor.form == "definite":
            scored = self._scored_definite(anaphor)
        else:
            scored = self._scored_pronoun(anaphor)
        scored.sort(key=lambda entry: -entry[0])
        if not scored or scored[0][0] < _LEAST[anaphor.form]:
            return None
        best, things = scored[0]
        rest = [score for score, others in scored[1:] if others[0] is not things[0]]
        for thing in things:
            thing.sentence, thing.first = anaphor.sentence, anaphor.first
            thing.role = "oblique" if anaphor.role == "fragment" else anaphor.role
            thing.taken_up += 1
        if len(things) == 1:
            self._recent.append(things[0])
        lead = best - rest[0] if rest else best
        places = sorted((t.phrases[-1].start, t.phrases[-1].end) for t in things)
        return Choice(tuple(places), best, lead)

    # -- pronouns --------------------------------------------------------------------------

    def _scored_pronoun(self, anaphor: Anaphor) -> list[tuple[float, list[_Thing]]]:
        scored = []
        for distance, thing in enumerate(self._near(anaphor, _REACH[anaphor.form])):
            phrase = thing.phrases[-1]
            group = self._group(thing, anaphor) if anaphor.plural else []
            if not self._agrees(anaphor, phrase, group) or self._bound(anaphor, thing):
                continue
            score = self._salience(anaphor, thing) - 0.02 * distance
            score += self._fits(anaphor.asks, thing.kinds)
            if anaphor.form in ("this", "these"):
                score += 0.4 * (distance == 0) - 0.5 * anaphor.event
            if anaphor.form == "one":
                score -= 0.3
            scored.append((score, group or [thing]))
        return scored

    def _near(self, anaphor: Anaphor, reach: int) -> Iterator[_Thing]:
        """Yield the things last spoken of within reach, the latest first, each once."""
        seen: set[int] = set()
        for thing in reversed(self._recent[-_MOST:]):
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if anaphor.sentence - thing.sentence <= reach:
                yield thing

    def _agrees(self, anaphor: Anaphor, phrase: Phrase, group: Sequence[_Thing]) -> bool:
        if phrase.denied or phrase.end > anaphor.start:
            return False
        if anaphor.form == "one":
            return not phrase.kinds <= {"site"} or not phrase.kinds
        if anaphor.plural:
            return phrase.plural or len(group) > 1
        return not phrase.plural

    def _group(self, thing: _Thing, anaphor: Anaphor) -> list[_Thing]:
        """Return the things that stand coordinated with one: "nausea, vomiting and diarrhea"."""
        number = thing.phrases[-1].group
        members = [
            other
            for other in self._recent[-_MOST:]
            if other.phrases[-1].group == number
            and not other.phrases[-1].denied
            and other.phrases[-1].end <= anaphor.start
        ]
        unique = list({id(member): member for member in members}.values())
        same = [m for m in unique if m is thing or m.kinds & thing.kinds or not thing.kinds]
        return same if len(same) > 1 else []

    def _bound(self, anaphor: Anaphor, thing: _Thing) -> bool:
        """Tell whether the thing is another member of the pronoun's own clause."""
        if anaphor.role == "possessive" or thing.sentence != anaphor.sentence:
            return False
        phrase = thing.phrases[-1]
        words = self.sentences[anaphor.sentence]
        first = phrase.last if phrase.sentence == anaphor.sentence else thing.first + 1
        if anaphor.first - first > _LONGEST_CLAUSE:
            return False
        between = words[first : anaphor.first]
        if not between:
            return True
        if anaphor.role == "subject":
            return not any(w.tag in ("verb", "aux", "mark", "clause", "rel") for w in between)
        return not any(
            w.tag in ("clause", "rel") or (w.tag in ("conj", "mark") and w.low != "/")
            for w in between
        )

    def _salience(self, anaphor: Anaphor, thing: _Thing) -> float:
        away = anaphor.sentence - thing.sentence
        score = (0.9, 0.0, -1.0)[min(away, 2)] + _ROLE[thing.role]
        phrase = thing.phrases[-1]
        if thing.role == anaphor.role:
            score += 0.3
        if thing.taken_up and away <= 1:
            score += 0.6
        if noun_of(phrase.head).takes and not phrase.modifiers:
            score -= 0.4
        if thing.kinds & _CLINICAL:
            score += 0.5
        elif not thing.kinds:
            score -= 0.4 if phrase.determiner else 0.8
        return score

    @staticmethod
    def _fits(asks: frozenset[str], kinds: frozenset[str]) -> float:
        asked = asks - {"person"}
        if not asks or (not asked and asks):
            return 0.0 if not asks else -0.8
        if asked & kinds:
            return 1.2
        if kinds == {"problem"} and asked & _PROBLEMS:
            return 0.6  # of what kind is not known
        return -1.5 if kinds else -0.4

    # -- definite mentions -----------------------------------------------------------------

    def _scored_definite(self, anaphor: Anaphor) -> list[tuple[float, list[_Thing]]]:
        scored = []
        singles: list[tuple[float, _Thing]] = []
        for thing in self._of_kind(anaphor):
            phrase = thing.phrases[-1]
            away = anaphor.sentence - thing.sentence
            reach = _REACH_OF_SITES if phrase.kinds == {"site"} else _FARTHEST
            if phrase.denied or phrase.end > anaphor.start or away > reach:
                continue
            likeness = self._likeness(anaphor, phrase)
            if likeness is None:
                continue
            things = [thing]
            if anaphor.plural:
                things = self._group(thing, anaphor) or things
                if len(things) == 1 and not phrase.plural:
                    likeness -= 0.6
            elif phrase.plural:
                likeness -= 0.8
            if anaphor.pair and len(things) != 2 and not phrase.plural:
                singles.append((likeness, thing))
                continue
            score = likeness - min(0.12 * away, 1.5) + 0.4 * _ROLE[thing.role]
            score += 0.6 if thing.taken_up else 0.0
            scored.append((score, things))
        if not scored and len(singles) > 1:  # "both drugs", named in two places
            (one, first), (other, second) = singles[:2]
            scored.append((min(one, other) - 0.3, [first, second]))
        return scored

    def _of_kind(self, anaphor: Anaphor) -> list[_Thing]:
        """Return the latest things of the anaphor's own word and of the kinds that it takes up."""
        found: dict[int, _Thing] = {}
        for key in (anaphor.head, *sorted(anaphor.takes)):
            for thing in self._by_word.get(key, ())[-12:]:
                found[id(thing)] = thing
        return sorted(found.values(), key=lambda t: (-t.sentence, -t.first))

    def _likeness(self, anaphor: Anaphor, phrase: Phrase) -> float | None:
        """Return how well a definite mention names a phrase, or None when it cannot mean it."""
        words = phrase.modifiers | {phrase.head}
        if any(_SIDES.get(word) in words for word in anaphor.modifiers):
            return None
        own = anaphor.modifiers - words
        same = anaphor.head == phrase.head
        if own and not (anaphor.takes and (anaphor.pointing or len(own) == 1)):
            return None
        if any(noun_of(word).known for word in own) or (own and "site" in anaphor.takes):
            return None  # "the neck pain" is not "back pain"
        if same:
            longer = len(phrase.modifiers - anaphor.modifiers) > 0
            if not longer and "general" not in anaphor.takes:
                return None  # the full name once more
            if noun_of(anaphor.head).kinds & {"site"} and not anaphor.pointing and not longer:
                return None
            return 1.7 + 0.5 * longer - 0.5 * bool(own)
        shared = anaphor.takes & phrase.kinds
        if not shared:
            return None
        return 1.3 - 0.5 * bool(own) - 0.5 * (shared == {"problem"})

    # -- the former, the latter ------------------------------------------------------------

    def _pair_member(self, anaphor: Anaphor) -> Choice | None:
        """Return the first or the last of the latest two things that stand side by side."""
        near = [
            t
            for t in self._near(anaphor, _REACH[anaphor.form])
            if t.phrases[-1].end <= anaphor.start
        ]
        for thing in near:
            group = [t for t in near if t.phrases[-1].group == thing.phrases[-1].group]
            if len(group) == 2:
                chosen = min(group, key=lambda t: t.phrases[-1].start)
                if anaphor.form == "latter":
                    chosen = max(group, key=lambda t: t.phrases[-1].start)
                phrase = chosen.phrases[-1]
                return Choice(((phrase.start, phrase.end),), 2.0, 1.0)
        return None

    def _is_heading(self, phrase: Phrase) -> bool:
        """Tell whether a phrase is all that its sentence says: "Anemia."."""
        words = self.sentences[phrase.sentence]
        if phrase.role != "fragment" or len(words) > _LONGEST_HEADING:
            return False
        names = [word for word in words if word.tag not in ("mark", "num")]
        return len(names) <= phrase.last - phrase.first
