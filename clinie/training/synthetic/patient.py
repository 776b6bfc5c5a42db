"""The patient a note is about: who it is, what is wrong and how the writer writes.

One object is asked for every word that a note needs, so that a note does not contradict itself:
what is present is not denied three lines later, a stopped drug does not stand in the list of
current ones, and the drugs fit the diseases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from clinie.training.synthetic.vocabulary import Condition, DrugProfile, Vocabulary

__all__ = ["Patient", "make_patient"]

_FEMALE = re.compile(
    "period|vagin|menstr|pregnan|breast|adnex|uter|ovar|hyster|section|cesarean|tubal|endometri|cervic"
    "|pelvic ultra|Pap |mammo|lumpect|mastect|D&C|myomect|prenatal|menopaus|hot flash|preeclamp",
    re.IGNORECASE,
)
_MALE = re.compile(
    "prostat|TURP|penile|penis|testic|vasect|erectile|scrot|epididym|PSA", re.IGNORECASE
)
_TRIES = 8  # draws before a word that was used otherwise is used again
_CHILD = 18


@dataclass(slots=True)
class Patient:
    """A made-up patient.

    Parameters
    ----------
    rng : random.Random
    words : Vocabulary
    specialty : str
    age : int
        In years.
    female : bool
    main : Condition
        What the note is about.
    history : list of Condition
        Lasting diseases besides.
    style : {"short", "plain", "uk"}
        How the writer writes frequencies and routes.
    names : dict
        The one name by which the note calls a condition most of the time.
    """

    rng: Random = field(repr=False)
    words: Vocabulary = field(repr=False)
    specialty: str
    age: int
    female: bool
    main: Condition
    history: list[Condition]
    style: str
    first: str
    last: str
    _said: set[str] = field(default_factory=set)
    _polarity: dict[str, str] = field(default_factory=dict)
    _status: dict[str, str] = field(default_factory=dict)

    def drug(self, kind: str, sign: str, beside: DrugProfile | None = None) -> DrugProfile:
        """Choose a drug for a status; its own drugs first, none with two statuses if avoidable.

        Parameters
        ----------
        kind : str
            As in ``drug_profiles.tsv``; empty for any.
        sign : str
            Of its status.
        beside : DrugProfile, optional
            A drug that it takes the place of: one for the same purpose.
        """
        peers = self._peers(beside) if beside else []

        def draw() -> DrugProfile:
            return self.rng.choice(peers) if peers else self._draw_drug(kind)

        profile = draw()
        for _ in range(_TRIES):
            known = self._status.get(profile.ingredient)
            repeated = known == sign == "+" and self.rng.random() < 0.2
            if profile is not beside and (known is None or repeated):
                break
            profile = draw()
        self._status.setdefault(profile.ingredient, sign)
        return profile

    def _peers(self, profile: DrugProfile) -> list[DrugProfile]:
        reasons = set(profile.reasons)
        common, rare = self.words.common_drugs[""], self.words.rare_drugs[""]
        pool = rare if self.rng.random() < 0.3 else common
        peers = [p for p in pool if p is not profile and reasons & set(p.reasons)]
        return peers or [p for p in common if p is not profile and p.kinds & profile.kinds]

    def avoid(self, ingredient: str) -> None:
        """Keep a drug out of the note from here on, as one the patient is allergic to."""
        self._status.setdefault(ingredient, "0")

    def _draw_drug(self, kind: str) -> DrugProfile:
        rng, kind = self.rng, kind or "list"
        if rng.random() < 0.55:
            own = [
                profile
                for condition in (self.main, *self.history)
                for name in condition.drugs
                if kind in (profile := self.words.drugs[name]).kinds
            ]
            if own:
                return rng.choice(own)
        common, rare = self.words.common_drugs.get(kind, ()), self.words.rare_drugs.get(kind, ())
        pool = rare if rare and (not common or rng.random() < 0.4) else common
        return (
            rng.choice(pool) if pool else self._draw_drug("list")
        )  # none of the kind in this part

    def term(self, draw: Callable[[], str], sign: str) -> str:
        """Draw a problem that was not used with another sign before."""
        term = draw()
        for _ in range(_TRIES):
            known = self._polarity.get(term.lower(), sign)
            if known == sign and term.lower() not in self._said and self.fits(term):
                break
            term = draw()
        self._polarity.setdefault(term.lower(), sign)
        self._said.add(term.lower())
        return term

    def fits(self, term: str) -> bool:
        """Tell whether a term can be said of this patient's sex; a relative's may be either."""
        other = _MALE if self.female else _FEMALE
        return term.startswith("family ") or not other.search(term)

    def begin_phrase(self) -> None:
        """Forget what was said in the phrase before: within one, nothing is said twice."""
        self._said.clear()

    def symptom(self, sign: str) -> str:
        """Choose a symptom: of its diseases where it is present, any other one where not."""
        own = [
            *self.main.symptoms,
            *self.main.symptoms,
            *(s for c in self.history for s in c.symptoms),
        ]
        share = {"+": 0.6, "%": 0.6, "-": 0.15, "~": 0.3}.get(sign, 0.2)
        return self.term(lambda: self._either(own, self.words.symptoms, share), sign)

    def sign(self, sign: str) -> str:
        """Choose a finding of the examination."""
        own = [*self.main.signs, *(s for c in self.history for s in c.signs)]
        return self.term(lambda: self._either(own, self.words.signs, 0.7 * (sign == "+")), sign)

    def disease(self, sign: str) -> str:
        """Choose a lasting disease: its own where it is present, any other one where not."""
        rng = self.rng

        def draw() -> str:
            if sign == "+" and self.history and rng.random() < 0.6:
                return rng.choice(rng.choice(self.history).names)
            if rng.random() < 0.35:
                return rng.choice(self.words.rare_diseases)
            lasting = [c for c in self.words.conditions if c.lasting and c not in self.history]
            return rng.choice(rng.choice(lasting).names)

        return self.term(draw, sign)

    def acute(self, sign: str) -> str:
        """Choose an acute disease."""
        rng = self.rng

        def draw() -> str:
            if rng.random() < 0.4:
                return rng.choice(self.words.rare_acute)
            return rng.choice(rng.choice([c for c in self.words.conditions if not c.lasting]).names)

        return self.term(draw, sign)

    def _either(self, own: Sequence[str], other: Sequence[str], share: float) -> str:
        return self.rng.choice(own if own and self.rng.random() < share else other)


def make_patient(rng: Random, words: Vocabulary, specialty: str | None = None) -> Patient:
    """Draw a patient; what is wrong fits the specialty, and the diseases besides fit the age."""
    specialties = sorted({s for c in words.conditions for s in c.specialties})
    specialty = specialty or rng.choice(specialties)
    main = rng.choice([c for c in words.conditions if specialty in c.specialties])
    child = specialty == "pediatrics" or (main.specialties & {"pediatrics"} and rng.random() < 0.2)
    age = rng.randint(2, _CHILD - 1) if child else min(94, max(19, round(rng.gauss(60, 18))))
    female = (
        specialty == "obgyn"
        or main.names[0] in ("menorrhagia", "preeclampsia")
        or ("BPH" not in main.names and rng.random() < 0.52)
    )
    lasting = [
        c
        for c in words.conditions
        if c.lasting
        and c is not main
        and (not child or "pediatrics" in c.specialties)
        and not (female and "BPH" in c.names)
        and not (not female and c.specialties == {"obgyn"})
    ]
    common = [c for c in lasting if "medicine" in c.specialties] or lasting
    count = rng.randint(0, 2) if child or age < 40 else rng.randint(1, 5)
    history = list({id(c): c for c in rng.choices(common, k=count)}.values())
    return Patient(
        rng,
        words,
        specialty,
        min(age, 42) if specialty == "obgyn" else age,
        female,
        main,
        history,
        rng.choices(("short", "plain", "uk"), (5, 4, 1))[0],
        rng.choice(words.words["first_f" if female else "first_m"]),
        rng.choice(words.words["last"]),
    )
