"""What was measured: outcomes as they are defined, measured and reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clinie.tasks.pico.claims import Claim, claim
from clinie.tasks.pico.reading import Chunk, Report
from clinie.tasks.pico.vocabulary import words_of

__all__ = ["find_outcomes"]

_LABEL = "outcome"
_REPORTED = frozenset({"results", "outcomes", "body"})
_DEFINED = "defined:"
_LONGEST_NAME = 5  # words
_SHORTEST_NAME = 4  # letters
_LONGEST_LIST = 25
_LONGEST_SUBJECT = 60  # words
_FAR = 8


def find_outcomes(report: Report) -> Iterator[Claim]:
    """Yield claims on outcomes.

    An outcome is known by its head ("quality of life", "pain score"), what announces it
    ("difference in", "the primary outcome was"), or what is said of it ("was measured", "were
    significantly lower"). Bare words of measure and change ("outcome", "difference", "levels")
    are none, and what is lower or higher stays without that word.
    """
    found = [one for one in _found(report) if not report.excludes(report.extent(*one[:2])[0])]
    yield from found
    yield from _again(report, found)


def _again(report: Report, found: Iterable[Claim]) -> Iterator[Claim]:
    """Yield the other mentions of the outcomes that the report defines."""
    names: set[tuple[str, ...]] = set()
    for one in found:
        if not one.rule.startswith(_DEFINED):
            continue
        words = report.content(*report.extent(one.start, one.end))
        while words and words[0] in words_of("leading_outcome"):
            words.pop(0)
        vague = len(words) == 1 and (
            len(words[0]) < _SHORTEST_NAME
            or words[0] in words_of("vague_outcome") | words_of("no_outcome")
        )
        if words and not vague and len(words) <= _LONGEST_NAME:
            names.add(tuple(words))
    reader = _Reader(report)
    for first, end, _ in report.occurrences(names):
        whole = reader.extent(Chunk(first, end), report.sentence(first)[1])
        again = claim(report, (first, whole[1]), _LABEL, 0.45, "again")
        if again:
            yield again


def _found(report: Report) -> Iterator[Claim]:
    reader = _Reader(report)
    yield from reader.by_head()
    for at, cue, announces in report.cues:
        end = report.sentence(at - 1)[1]
        if announces == "outcome":
            yield from reader.listed(at, end, 0.6, f"after {cue}")
        elif announces == "endpoint":
            yield from reader.defined(at, end, cue)
    for first, end in report.sentences:
        yield from reader.subjects(first, end)
        if first < end and report.section[first] == "outcomes":
            yield from reader.all_of(first, end)


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report

    # -- by their own words ------------------------------------------------------------------

    def by_head(self) -> Iterator[Claim]:
        report = self.report
        for first, end, roles in report.terms:  # "quality of life" is of two phrases
            if "outcome" in roles and report.chunk_of[first] != report.chunk_of[end - 1]:
                start = report.chunk_of[first]
                begin = report.chunks[start].first if start >= 0 else first
                yield from self._claimed(begin, end, 0.62, "term")
        for chunk in report.chunks:
            roles, section = report.head(chunk), report.section[chunk.first]
            if "outcome" in roles or "rescue" in report.lows[chunk.first : chunk.end]:
                yield from self.one(chunk, 0.6, "head")
            elif "weak_outcome" in roles and section in _REPORTED:
                yield from self.one(chunk, 0.45, f"weak head in {section}")

    def one(self, chunk: Chunk, sure: float, rule: str) -> Iterator[Claim]:
        report = self.report
        first, end = self.extent(chunk, report.sentence(chunk.first)[1])
        telling = [
            word
            for word in report.content(first, chunk.end)
            if word not in words_of("leading_outcome")
        ]
        vague = report.lows[chunk.end - 1] in words_of("vague_outcome")
        if vague and len(telling) < 2 and end == chunk.end:
            return
        yield from self.long_and_short(first, chunk.end, end, sure, rule)

    def long_and_short(
        self, first: int, head_end: int, end: int, sure: float, rule: str
    ) -> Iterator[Claim]:
        """Yield a mention with what hangs on it, and without where that is something else."""
        yield from self._claimed(first, end, sure, rule)
        words = self.report.content(first, head_end)
        vague = len(words) < 2 and words_of("vague_outcome").issuperset(words)
        if end > head_end and not vague:
            yield from self._claimed(first, head_end, sure - 0.01, rule)

    def extent(self, chunk: Chunk, end: int) -> tuple[int, int]:
        """Return the whole mention: no word of comparison before it, "of ..." behind it."""
        report = self.report
        first, last = chunk
        while first < last - 1 and (
            report.lows[first] in words_of("comparing_outcome")
            or (report.kinds[first] == "number" and not self.is_time(first + 1))
        ):
            first += 1
        while last < end:
            after = self.attached(last, end)
            if after <= last:
                break
            last = after
        return first, last

    def is_time(self, at: int) -> bool:
        return self.report.lows[at] in words_of("time_unit")

    def attached(self, at: int, end: int) -> int:
        """Return the end of what belongs to the outcome before a word, or `at`."""
        report = self.report
        word = report.lows[at]
        if word == "of" or (word == "to" and report.lows[at - 1] == "time"):
            chunk = report.chunk_at(at + 1, end)
            if chunk is None or self.only_numbers(chunk):
                return at
            people = "population" in report.head(chunk)
            group = report.lows[chunk.end - 1] in words_of("group")
            return at if people or group else chunk.end
        if report.close.get(at) == at + 2 and at + 2 < end:  # a short form
            return at + 3 if report.written(at + 1, at + 2)[:1].isupper() else at
        if word == "per":
            chunk = report.chunk_at(at + 1, end)
            return chunk.end if chunk else at
        if word in ("at", "after") and at + 2 < end and report.kinds[at + 1] == "number":
            return at + 3 if self.is_time(at + 2) else at
        return at

    def only_numbers(self, chunk: Chunk) -> bool:
        report = self.report
        units = words_of("dose_unit") | words_of("time_unit")
        return all(report.kinds[at] == "number" or report.lows[at] in units for at in range(*chunk))

    # -- after what announces them -----------------------------------------------------------

    def fits(self, chunk: Chunk, last: int) -> bool:
        """Tell whether a chunk behind a cue, which goes on to `last`, may be an outcome."""
        report = self.report
        other = {"population", "place", "drug", "comparator", "treatment"}
        word = report.lows[chunk.end - 1]
        if report.head(chunk) & other or word in words_of("no_outcome"):
            return False
        if self.only_numbers(chunk):
            return False
        if words_of("leading_outcome").issuperset(report.content(*chunk)):
            return False
        vague = word in words_of("vague_outcome") and len(report.content(*chunk)) < 2
        return not vague or last > chunk.end

    def listed(self, at: int, end: int, sure: float, rule: str) -> Iterator[Claim]:
        """Yield the outcomes of a list that begins at a word."""
        report = self.report
        for number in range(_LONGEST_LIST):
            at = report.past_brackets(at, end)
            while at < end and report.chunk_of[at] < 0 and (
                report.kinds[at] in ("determiner", "adverb")
                or report.lows[at] in ("both", "either", "as", ":")
            ):  # fmt: skip
                at += 1
            if at >= end or report.chunk_of[at] < 0:
                return
            chunk = Chunk(at, report.chunks[report.chunk_of[at]].end)
            first, last = self.extent(chunk, end)
            if self.fits(chunk, last):
                yield from self.long_and_short(first, chunk.end, last, sure, rule)
            elif number == 0 and report.lows[chunk.end - 1] not in words_of("vague_outcome"):
                return
            at = report.past_brackets(last, end)
            if report.low(at, end) not in words_of("outcome_joint"):
                return
            while report.low(at, end) in words_of("outcome_joint") | {"in"}:
                at += 1

    def defined(self, at: int, end: int, cue: str) -> Iterator[Claim]:
        """Yield the outcomes behind "the primary outcome was ..."."""
        report = self.report
        at = report.past_brackets(at, end)
        limit = min(end, at + _FAR)
        while at < limit and report.lows[at] not in words_of("defines"):
            at += 1
        if report.low(at, limit) not in words_of("defines"):
            return
        while at < end and (report.kinds[at] == "aux" or report.lows[at] in words_of("defining")):
            at += 1
        said = words_of("measuring") | words_of("result")
        if report.low(at, end) not in said:
            yield from self.listed(at, end, 0.7, f"{_DEFINED} {cue}")

    def all_of(self, at: int, end: int) -> Iterator[Claim]:
        """Yield the noun phrases of a section that lists the outcomes."""
        report, begin = self.report, at
        while at < end:
            if report.chunk_of[at] < 0:
                at += 1
                continue
            chunk = Chunk(at, report.chunks[report.chunk_of[at]].end)
            first, last = self.extent(chunk, end)
            if self.fits(chunk, last) and not self.depends(chunk, begin):
                yield from self.long_and_short(first, chunk.end, last, 0.65, f"{_DEFINED} section")
            at = last

    # -- by what is said of them -------------------------------------------------------------

    def subjects(self, first: int, end: int) -> Iterator[Claim]:
        """Yield the subjects of "was measured", "were lower", "improved", "was 12 %"."""
        for at in range(first, end):
            sure, said = self.said(at, first, end)
            if sure:
                yield from self.subject(at, first, sure, f"subject, {said}")

    def said(self, at: int, first: int, end: int) -> tuple[float, str]:
        """Return how surely a verb says of its subject that it is an outcome, and what it says."""
        report, word = self.report, self.report.lows[at]
        if report.kinds[at] != "aux":
            finite = report.chunk_of[at] < 0 and at > first and report.kinds[at - 1] != "aux"
            return (0.55, "changed") if finite and word in words_of("change_verb") else (0.0, "")
        if word not in words_of("predicate_aux"):
            return 0.0, ""
        limit = min(end, at + _FAR)
        behind = at + 1
        while behind < limit and (
            report.kinds[behind] in ("adverb", "aux") or report.lows[behind] in ("more", "less")
        ):
            behind += 1
        verb = report.low(behind, limit)
        if word not in ("had", "did") and verb in words_of("measuring"):
            return 0.6, "measured"
        if verb in words_of("result"):
            return 0.6, "result"
        if word in ("was", "were") and verb and report.kinds[behind] == "number":
            return 0.6, "number"
        return (0.5, "did not") if word == "did" else (0.0, "")

    def subject(self, at: int, first: int, sure: float, rule: str) -> Iterator[Claim]:
        """Yield the heads of the subject that ends before a word."""
        report = self.report
        begin = max(first, at - _LONGEST_SUBJECT)
        found: list[Chunk] = []
        while at > begin:
            before = at - 1
            if before in report.open and report.open[before] >= begin:
                at = report.open[before]
            elif report.chunk_of[before] >= 0:
                chunk = report.chunks[report.chunk_of[before]]
                found.append(chunk)
                at = chunk.first
            elif not self.links(before):
                break
            else:
                at = before
        heads = [chunk for chunk in reversed(found) if not self.depends(chunk, max(at, begin))]
        if any("population" in report.head(chunk) for chunk in heads):
            return
        for chunk in heads:
            start, end = self.extent(chunk, report.sentence(chunk.first)[1])
            if self.fits(chunk, end):
                yield from self.long_and_short(start, chunk.end, end, sure, rule)

    def links(self, at: int) -> bool:
        """Tell whether a word may stand within a subject, between its noun phrases."""
        function = self.report.kinds[at] in ("determiner", "adverb", "aux", "relative")
        return function or self.report.lows[at] in words_of("subject_link")

    def depends(self, chunk: Chunk, begin: int) -> bool:
        """Tell whether a chunk hangs on a preposition, and so is no subject itself."""
        report, at = self.report, chunk.first - 1
        while at > begin and report.kinds[at] == "determiner":
            at -= 1
        return at >= begin and report.lows[at] in words_of("dependent")

    def _claimed(self, first: int, end: int, sure: float, rule: str) -> Iterator[Claim]:
        found = claim(self.report, (first, end), _LABEL, sure, rule)
        if found:
            yield found
