"""What was tried and what it was compared with: interventions and comparators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clinie.tasks.pico.claims import Claim, claim
from clinie.tasks.pico.doses import dose_end
from clinie.tasks.pico.reading import Chunk, Report
from clinie.tasks.pico.vocabulary import salts, words_of

__all__ = ["Core", "Treatments", "core_of", "find_treatments"]

Core = tuple[str, ...]
"""The words of a treatment's name without forms, doses and general words."""


class Treatments(NamedTuple):
    """What was found: claims, and the short forms that the report introduces for names."""

    claims: list[Claim]
    alias: dict[Core, Core]


def core_of(report: Report, first: int, end: int) -> Core:
    """Return the name that the words ``first`` to ``end`` give a treatment, its dose left out."""
    for at in range(first + 1, end):
        if dose_end(report, at, end) > at:
            end = at
            break
    words = report.content(first, end)[-_LONGEST_CORE:]
    generic = words_of("generic_treatment")
    while words and (words[-1] in generic or (len(words) > 1 and words[-1] in salts())):
        words.pop()
    while words and words[0] in generic:
        words.pop(0)
    return tuple(words)


_COMPARES = frozenset({"compare", "comparing", "compared", "comparison of", "comparisons of"})
_AGAINST = frozenset({"with", "to", "versus", "vs", "v", "against"})
_CONTRASTS = re.compile(r"(?:versus|vs?\.?|compared (?:with|to)|comparison with|superior to)")
_ALLOCATES = re.compile(r"(?:random|assigned|allocated|receiv)")
_VALUES = frozenset({"results", "conclusions"})
_EARLY = frozenset({"title", "objective"})
_SHORT = re.compile(r"[A-Z][\w+-]{0,8}[A-Z0-9]\w?")
_TREATED = re.compile(r"(.{3,})[-–](?:treated|treatment|based|group|induced|containing)")
_NEAR = 8  # words
_LONGEST_CORE = 6
_LONGEST_LIST = 8
_BODY_FLUIDS = frozenset({"serum", "plasma", "urinary", "urine", "blood"})


def find_treatments(report: Report) -> Treatments:
    """Return claims on treatments and comparators.

    A treatment is known by its name (drugs), its head ("cognitive therapy"), what announces it
    ("randomised to receive", "the efficacy of"), its place in the title, or the arm called after
    it ("the exercise group"); once known, it is found wherever it is named, also by a short form
    that the report introduces in brackets.
    """
    reader = _Reader(report)
    return Treatments(list(reader.read()), reader.alias)


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.claims: list[tuple[Claim, Core]] = []
        self.cores: dict[Core, str] = {}
        self.alias: dict[Core, Core] = {}
        self.references: dict[Core, None] = {}
        self.tried: dict[Core, None] = {}
        self.lexical = False

    def read(self) -> Iterator[Claim]:
        self.terms()
        self.chunks()
        for at, cue, announces in self.report.cues:
            if announces != "treatment":
                continue
            if self.report.section[at] in _VALUES and cue.startswith("v"):
                continue  # "4.2 vs 5.6"
            self.announced(at, self.report.sentence(at - 1)[1], cue)
        self.short_forms()
        self.spread()
        for found, core in self.claims:
            yield found._replace(label="comparator") if self.is_reference(core, found) else found

    # -- names and heads ---------------------------------------------------------------------

    def terms(self) -> None:
        """Claim drugs and comparators by name."""
        report = self.report
        for first, end, roles in report.terms:
            if "comparator" in roles:
                self.comparator(first, end)
            elif "drug" in roles and self.is_given(first, end):
                self.drug(first, end)
        for start, end, roles in report.inside:  # "placebo-controlled"
            if "comparator" in roles and report.text[start:end].lower() in ("placebo", "sham"):
                self.lexical = True
                self.claims.append((Claim(start, end, "comparator", 0.85, "within a word"), ()))

    def drug(self, first: int, end: int) -> None:
        """Claim a drug with its route and its salt or release form."""
        report = self.report
        begin, limit = report.sentence(first)
        while first > begin and report.lows[first - 1] in words_of("before_drug"):
            first -= 1
        while end < limit and report.lows[end] in salts():
            end += 1
        self.add(first, end, 0.75, "drug")

    def is_given(self, first: int, end: int) -> bool:
        """Tell a drug that is given from one that is measured, allowed, or a reason to exclude."""
        report = self.report
        begin, limit = report.sentence(first)
        if report.low(first - 1, limit) in _BODY_FLUIDS:
            return False
        if report.low(end, limit) in words_of("measured_after"):
            return False
        near = report.lows[max(begin, first - _NEAR) : min(limit, end + _NEAR)]
        return not report.excludes(first) and words_of("allows").isdisjoint(near)

    def comparator(self, first: int, end: int) -> None:
        report = self.report
        words = report.lows[first:end]
        limit = report.sentence(first)[1]
        if words == ["controls"] and report.low(first - 1, limit) in words_of("no_control"):
            return
        if not {"control", "controls", "comparison"} & set(words):
            self.lexical = True
        start = report.words[first].start
        found = Claim(start, report.words[end - 1].end, "comparator", 0.85, "comparator")
        self.claims.append((found, ()))

    def chunks(self) -> None:
        """Claim noun phrases by their head, their place in the title, and the arms' names."""
        report = self.report
        for chunk in report.chunks:
            named = self.named(chunk)
            if named is None:
                continue
            first, end = report.sentence(chunk.first)
            roles = report.head(Chunk(*named))
            led = report.low(chunk.first - 1, end) if chunk.first > first else ""
            if led == "no" and roles & {"treatment", "weak_treatment"}:
                if report.low(chunk.first - 2, end) in words_of("offers_nothing"):
                    self.comparator(chunk.first - 1, named[1])
            elif "treatment" in roles:
                self.add(*named, 0.6, "head")
            elif report.section[chunk.first] == "title":
                self.in_title(chunk, named, first, end)
            elif self.calls_an_arm(chunk):
                self.add(*named, 0.55, "arm")

    def calls_an_arm(self, chunk: Chunk) -> bool:
        """Tell whether a phrase is an arm called after its treatment: "the exercise group"."""
        words = self.report.lows[chunk.first : chunk.end]
        return words[-1] in words_of("arm") and words_of("no_arm").isdisjoint(words)

    def in_title(self, chunk: Chunk, named: tuple[int, int], first: int, end: int) -> None:
        report = self.report
        roles = report.head(Chunk(*named))
        following = report.low(chunk.end, end)
        if following in ("versus", "vs", "v", "plus", "compared"):
            core = self.add(*named, 0.65, "title, compared")
            self.tried.setdefault(core)
        elif roles & {"weak_treatment", "procedure"}:
            self.add(*named, 0.6, "title, head")
        elif chunk.first == first and not roles and chunk.end < end:
            acts = report.kinds[chunk.end] == "verb"
            if acts or following in ("for", "to"):
                self.add(*named, 0.6, "title, first")

    def named(self, chunk: Chunk) -> tuple[int, int] | None:
        """Return the words of a chunk that may name a treatment, or None."""
        report = self.report
        first, end = chunk
        dosed = (at for at in range(first + 1, end) if dose_end(report, at, end) > at)
        end = next(dosed, end)
        while end > first and report.lows[end - 1] in words_of("group"):
            end -= 1
        if end == first or report.lows[end - 1] in words_of("no_treatment"):
            return None
        if "rescue" in report.lows[first:end] or report.excludes(first):
            return None
        roles = report.head(Chunk(first, end))
        treats = roles & {"treatment", "weak_treatment", "drug", "comparator", "procedure"}
        other = {"outcome", "weak_outcome", "problem", "test"}
        if roles & {"population", "place"} or (roles & other and not treats):
            return None
        if words_of("generic_treatment").issuperset(report.content(first, end)):
            return None
        return (first, end) if end - first > 1 or len(report.lows[first]) > 1 else None

    # -- what is announced -------------------------------------------------------------------

    def announced(self, at: int, end: int, cue: str) -> None:
        """Claim the treatments that follow a cue, one or several."""
        listed: list[tuple[str, Core]] = []
        joint = ""
        sure = 0.75 if _ALLOCATES.match(cue) else 0.65
        while at < end and len(listed) < _LONGEST_LIST:
            at = self.skip(at, end)
            if at >= end or self.report.chunk_of[at] < 0:
                break
            chunk = Chunk(at, self.report.chunks[self.report.chunk_of[at]].end)
            named = self.named(chunk)
            if named is not None:
                listed.append((joint, self.add(*named, sure, f"after {cue}")))
            elif not listed and self.report.lows[chunk.end - 1] not in words_of("form"):
                break
            at, joint = self.next_of_list(chunk.end, end)
            if not joint:
                break
        if self.report.section[at if at < end else end - 1] in _EARLY or not self.references:
            self.weigh(listed, cue)

    def skip(self, at: int, end: int) -> int:
        """Return the word where the next member of a list begins."""
        report = self.report
        at = report.past_brackets(at, end)
        while at < end and report.chunk_of[at] < 0 and (
            report.kinds[at] in ("determiner", "adverb") or report.lows[at] in words_of("list_lead")
        ):  # fmt: skip
            at += 1
        return at

    def next_of_list(self, at: int, end: int) -> tuple[int, str]:
        """Return where a list goes on and by which joint; an empty joint at its end."""
        report = self.report
        at = report.past_brackets(dose_end(report, at, end), end)
        joint = report.low(at, end)
        if joint not in words_of("list_joint"):
            return at, ""
        if joint == "of" and report.lows[at - 1] not in words_of("form"):
            return at, ""
        at += 1
        while report.low(at, end) in ("and", "or", "with", "by", "combination", "in"):
            if report.lows[at] == "with" and joint == "compared":
                joint = "with"
            at += 1
        return at, joint

    def weigh(self, listed: list[tuple[str, Core]], cue: str) -> None:
        """Note which treatment of a comparison is the one to compare with."""
        cores = [core for _, core in listed if core]
        if not cores:
            return
        if cue in _COMPARES:
            against = [at for at, (joint, _) in enumerate(listed) if joint in _AGAINST]
            first = against[0] if against else 1
            self.tried.update(dict.fromkeys(core for _, core in listed[:first]))
            self.references.update(dict.fromkeys(core for _, core in listed[first:] if core))
        elif _CONTRASTS.fullmatch(cue):
            self.references.setdefault(cores[0])

    def is_reference(self, core: Core, found: Claim) -> bool:
        """Tell whether a treatment is the comparator: named as such, where nothing else is."""
        core = self.alias.get(core, core)
        return (
            found.label == "intervention"
            and not self.lexical
            and bool(core)
            and core in self.references
            and core not in self.tried
        )

    # -- every mention -----------------------------------------------------------------------

    def add(self, first: int, end: int, sure: float, rule: str) -> Core:
        """Claim a treatment and remember its name."""
        report = self.report
        limit = report.sentence(first)[1]
        core = core_of(report, first, end)
        dosed = dose_end(report, end, limit)
        found = claim(report, (first, dosed), "intervention", sure, rule)
        if found:
            self.claims.append((found, core))
        if core and (len(core) > 1 or len(core[0]) > 2 or report.written(first, end).isupper()):
            self.cores.setdefault(core, rule.partition(",")[0].partition(" ")[0])
        for at in (end, dosed):
            short = self.short_form(at, limit)
            if core and short:
                self.cores.setdefault(short, "short form")
                self.alias[short] = core
        return core

    def short_form(self, at: int, end: int) -> Core:
        """Return the short form that brackets introduce at a word; empty when they do not."""
        report = self.report
        if report.close.get(at) != at + 2 or at + 2 >= end:
            return ()
        return (report.lows[at + 1],) if _SHORT.fullmatch(report.written(at + 1, at + 2)) else ()

    def short_forms(self) -> None:
        """Learn long forms by their short ones, wherever brackets introduce them."""
        report = self.report
        for at in report.close:
            chunk = report.chunk_of[at - 1] if at else -1
            short = self.short_form(at, len(report.words))
            if chunk < 0 or not short:
                continue
            named = self.named(report.chunks[chunk])
            core = core_of(report, *named) if named and named[1] == at else ()
            if core and (core in self.cores or short in self.cores):
                self.cores.setdefault(core, "long form")
                self.cores.setdefault(short, "short form")
                self.alias.setdefault(short, core)

    def spread(self) -> None:
        """Claim every mention of the names that are known by now."""
        report = self.report
        for first, end, core in report.occurrences(self.cores):
            self.mention(first, end, core)
        for at, word in enumerate(report.lows):
            joined = _TREATED.fullmatch(word)
            if joined and (joined[1],) in self.cores:
                start = report.words[at].start
                found = Claim(start, start + len(joined[1]), "intervention", 0.55, "within a word")
                self.claims.append((found, (joined[1],)))

    def mention(self, first: int, end: int, core: Core) -> None:
        """Claim one more mention, with the general words that belong to its phrase."""
        report = self.report
        if report.chunk_of[end - 1] >= 0:
            last = report.chunks[report.chunk_of[end - 1]].end
            while end < last and report.lows[end] in words_of("form"):
                end += 1
        end = dose_end(report, end, report.sentence(first)[1])
        found = claim(report, (first, end), "intervention", 0.55, f"again ({self.cores[core]})")
        if found:
            self.claims.append((found, core))
