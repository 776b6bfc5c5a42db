"""Which person a personal pronoun means.

Mentions of one person are put together (*Martha Collins*, *Ms. Collins*, *a 54-year-old woman*,
*the patient*), so that a pronoun may refer to somebody last spoken of as "the patient" and still
get the name as its antecedent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from clinie.tasks.coreference.anaphors import Anaphor
from clinie.tasks.coreference.persons import Person
from clinie.tasks.coreference.things import Choice
from clinie.tasks.coreference.words import Word

__all__ = ["People"]

_ROLE = {
    "subject": 0.75,
    "topic": 0.8,
    "object": 0.55,
    "fragment": 0.5,
    "oblique": 0.0,
    "embedded": -0.7,
    "possessive": 0.4,
}
_KIND = {"name": 0.5, "descriptor": 0.5, "kin": 0.0, "other": -0.8, "patient": 0.5}
_WEIGHT = {
    "away": 1.1,  # for each sentence since the person was last spoken of
    "rank": 0.22,  # for each person spoken of more lately
    "often": 0.75,
    "parallel": 0.65,
    "patient": 1.5,
    "doctor": -1.0,
    "gender": 0.15,
    "own": 0.5,  # a possessive and somebody of its own sentence
    "local": 3.0,  # a relative in the pronoun's own clause: "her mother died in her 80s"
    "opening": 0.55,  # a pronoun that opens a sentence and the subject of the last one
}
_DOCTORS = frozenset(("dr", "doctor", "prof", "professor"))
_LEAST = -1.0
_LONGEST_CLAUSE = 60
_MOST = 30
_REACH_OF_THEY = 2


@dataclass(slots=True)
class _Someone:
    """A person: the mentions so far, and where the person was last spoken of."""

    gender: str
    plural: bool
    kind: str
    names: set[str] = field(default_factory=set)
    titled: str = ""
    head: str = ""
    mentions: list[Person] = field(default_factory=list)
    sentence: int = -1
    first: int = -1
    role: str = "fragment"
    count: int = 0
    patient: bool = False


def _agree(one: str, other: str) -> bool:
    return not (one and other) or one == other


class People:
    """The persons spoken of so far. Feed mentions and anaphors in text order.

    Parameters
    ----------
    sentences : sequence of sequences of Word
    about_one : bool
        The text is about one patient, who may never be named.
    """

    def __init__(self, sentences: Sequence[Sequence[Word]], *, about_one: bool = True) -> None:
        self.sentences = sentences
        self._recent: list[_Someone] = []
        self._by_name: dict[str, list[_Someone]] = {}
        self._by_head: dict[str, _Someone] = {}
        self._patient: _Someone | None = None
        if about_one:
            self._patient = _Someone("", False, "patient", role="subject", patient=True, sentence=0)

    def add(self, mention: Person) -> None:
        """Take note of a mention, as one of somebody known or of somebody new."""
        someone = self._known(mention)
        if someone is None:
            someone = _Someone(mention.gender, mention.plural, mention.kind)
        if mention.gender and not someone.gender:
            someone.gender = mention.gender
        if mention.kind == "name":
            someone.kind = "name"
            someone.titled = someone.titled or mention.titled
            for name in mention.names:
                if name not in someone.names:
                    someone.names.add(name)
                    self._by_name.setdefault(name, []).append(someone)
        elif mention.kind in ("kin", "other"):
            self._by_head[self._head(mention)] = someone
        if mention.kind != "patient":
            someone.mentions.append(mention)
        self._spoken_of(someone, mention.sentence, mention.first, mention.role)

    def _head(self, mention: Person) -> str:
        return self.sentences[mention.sentence][mention.last - 1].low

    def _spoken_of(self, someone: _Someone, sentence: int, first: int, role: str) -> None:
        someone.sentence, someone.first, someone.role = sentence, first, role
        someone.count += 1
        self._recent.append(someone)

    def _known(self, mention: Person) -> _Someone | None:
        """Return who a mention speaks of, if somebody known."""
        if mention.kind == "name":
            return self._namesake(mention) or self._unnamed_patient(mention)
        if mention.kind == "patient":
            return self._patient
        if mention.kind == "descriptor":
            return self._described(mention)
        return self._by_head.get(self._head(mention))

    def _namesake(self, mention: Person) -> _Someone | None:
        said = set(mention.names)
        for name in reversed(mention.names):
            for someone in reversed(self._by_name.get(name, ())[-_MOST:]):
                if _agree(mention.gender, someone.gender) and (
                    said <= someone.names or someone.names <= said
                ):
                    return someone
        return None

    def _unnamed_patient(self, mention: Person) -> _Someone | None:
        """Return the patient for the first name in a note that is not a doctor's."""
        patient = self._patient
        if patient is None or patient.names or mention.titled in _DOCTORS:
            return None
        return patient if _agree(mention.gender, patient.gender) else None

    def _described(self, mention: Person) -> _Someone | None:
        """Return who is "a 54-year-old man": the subject of the same sentence, or the patient."""
        words = self.sentences[mention.sentence]
        for someone in reversed(self._recent[-3:]):
            near = mention.first - someone.first < _LONGEST_CLAUSE
            same = someone.sentence == mention.sentence and someone.role == "subject" and near
            if same and any(w.low in ("is", "was") for w in words[someone.first : mention.first]):
                return someone
        patient = self._patient
        return patient if patient and _agree(mention.gender, patient.gender) else None

    # -- pronouns --------------------------------------------------------------------------

    def choose(self, anaphor: Anaphor) -> Choice | None:
        """Return the person that a pronoun means and remember it; None when nobody was named."""
        if anaphor.plural:
            return self._choose_several(anaphor)
        scored: list[tuple[float, _Someone]] = []
        seen: set[int] = set()
        for someone in reversed(self._recent[-_MOST:]):
            if id(someone) in seen or someone.plural:
                continue
            seen.add(id(someone))
            if someone.gender not in ("", anaphor.gender) or self._bound(anaphor, someone):
                continue
            scored.append((self._score(anaphor, someone, len(scored)), someone))
        patient = self._patient
        if patient and id(patient) not in seen and patient.gender in ("", anaphor.gender):
            scored.append((self._score(anaphor, patient, len(scored)), patient))
        scored.sort(key=lambda entry: -entry[0])
        if not scored or scored[0][0] < _LEAST:
            return None
        best, someone = scored[0]
        lead = best - scored[1][0] if len(scored) > 1 else 2.0
        self._spoken_of(someone, anaphor.sentence, anaphor.first, anaphor.role)
        if not someone.gender and lead > 0.5:
            someone.gender = anaphor.gender
        place = self._named(someone, anaphor.start)
        return Choice((place,), best, lead) if place else None

    def several(self, anaphor: Anaphor) -> bool:
        """Tell whether several persons were spoken of in the sentence of an anaphor."""
        return any(
            someone.plural and someone.sentence == anaphor.sentence
            for someone in self._recent[-_MOST:]
        )

    def _choose_several(self, anaphor: Anaphor) -> Choice | None:
        for someone in reversed(self._recent[-_MOST:]):
            if anaphor.sentence - someone.sentence > _REACH_OF_THEY:
                break
            if someone.plural and not self._bound(anaphor, someone):
                self._spoken_of(someone, anaphor.sentence, anaphor.first, anaphor.role)
                place = self._named(someone, anaphor.start)
                return Choice((place,), 1.5, 1.0) if place else None
        return None

    def _score(self, anaphor: Anaphor, someone: _Someone, rank: int) -> float:
        away = anaphor.sentence - someone.sentence
        score = _ROLE[someone.role] + _KIND[someone.kind] - _WEIGHT["rank"] * min(rank, 5)
        score -= _WEIGHT["away"] * min(away, 1 if someone.patient else 5)
        score += _WEIGHT["often"] * log2(1 + min(someone.count, 7))
        if someone.role == anaphor.role:
            score += _WEIGHT["parallel"]
        if someone.patient:
            score += _WEIGHT["patient"]
        if someone.titled in _DOCTORS:
            score += _WEIGHT["doctor"]
        if someone.gender:
            score += _WEIGHT["gender"]
        if away == 0 and anaphor.role == "possessive":
            score += _WEIGHT["own"]
        if someone.kind == "kin" and self._is_local(anaphor, someone):
            score += _WEIGHT["local"]
        if away == 1 and anaphor.first < 2 and someone.role == "subject":
            score += _WEIGHT["opening"]
        return score

    def _is_local(self, anaphor: Anaphor, someone: _Someone) -> bool:
        """Tell whether a relative is the subject of a possessive's own or relative clause."""
        if anaphor.role != "possessive" or someone.sentence != anaphor.sentence:
            return False
        if anaphor.first - someone.first > _LONGEST_CLAUSE:
            return False
        between = self.sentences[anaphor.sentence][someone.first + 1 : anaphor.first]
        opened = [w for w in between if w.low != ","]
        if opened and opened[0].low in ("who", "whose"):
            opened = opened[1:]
        verbs = [w for w in opened if w.tag in ("verb", "aux")]
        joins = [w for w in opened if w.tag in ("clause", "rel", "pron", "poss", "conj")]
        return bool(verbs) and not joins

    def _bound(self, anaphor: Anaphor, someone: _Someone) -> bool:
        """Tell whether somebody is another member of the pronoun's own clause."""
        if anaphor.role == "possessive" or someone.sentence != anaphor.sentence:
            return False
        if anaphor.role == "subject" or anaphor.first - someone.first > _LONGEST_CLAUSE:
            return False
        between = self.sentences[anaphor.sentence][someone.first + 1 : anaphor.first]
        return not any(w.tag in ("clause", "rel", "mark", "conj") for w in between)

    @staticmethod
    def _named(someone: _Someone, before: int) -> tuple[int, int] | None:
        """Return the latest name of somebody before an offset, else the latest description."""
        earlier = [m for m in someone.mentions if m.end <= before]
        names = [m for m in earlier if m.kind == "name"]
        if not earlier:
            return None
        mention = (names or earlier)[-1]
        return mention.start, mention.end
