"""Who was studied: people with what describes them, ages, conditions, places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinie.tasks.pico.claims import Claim, claim
from clinie.tasks.pico.reading import Chunk, Report
from clinie.tasks.pico.vocabulary import words_of

__all__ = ["find_participants"]

_LABEL = "participants"
_DESCRIBES = re.compile(r"\b(?:years?|aged?|yrs?|men|women|males?|females?|months|boys|girls|n ?=)")
_DESCRIBING = frozenset({"title", "participants", "design"})
_LONGEST = 60  # words
_LONGEST_CLAUSE = 25
_LONGEST_AGE = 14
_LONGEST_ASIDE = 7


def find_participants(report: Report) -> Iterator[Claim]:
    """Yield claims on who was studied.

    "Patients" and "participants" alone say nothing; a number with a word of enrolment, a word
    before them, or a phrase behind them ("with asthma", "aged 6 to 12 years", "undergoing
    hysterectomy") does.
    """
    reader = _Reader(report)
    for first, end in report.sentences:
        if first == end or report.excludes(first):
            continue
        reader.open(first, end)
        free = first
        for chunk in reader.chunks():
            if chunk.first < free:
                continue
            roles = report.head(chunk)
            if "population" in roles:
                found, free = reader.people(chunk)
                yield from found
            elif "place" in roles:
                yield from reader.place(chunk)
            else:
                yield from reader.condition(chunk)
        yield from reader.ages()


class _Reader:
    """Reads one sentence after another."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.first = self.end = 0
        self.enrols = False

    def open(self, first: int, end: int) -> None:
        """Go to a sentence."""
        self.first, self.end = first, end
        self.enrols = not words_of("enrolment").isdisjoint(self.report.lows[first:end])

    def chunks(self) -> Iterator[Chunk]:
        at = self.first
        while at < self.end:
            if self.report.chunk_of[at] < 0:
                at += 1
                continue
            chunk = self.report.chunks[self.report.chunk_of[at]]
            yield chunk
            at = chunk.end

    # -- people ----------------------------------------------------------------------------

    def people(self, chunk: Chunk) -> tuple[list[Claim], int]:
        """Return the claim on a mention of people (or none), and where to go on."""
        end, told = self.described(chunk.end)
        sure = self.sure(chunk, told)
        if not sure:
            return [], chunk.end
        rule = f"people {told or 'alone'}"
        found = claim(self.report, (chunk.first, end), _LABEL, sure, rule)
        return ([found] if found else []), max(end, chunk.end)

    def sure(self, chunk: Chunk, told: str) -> float:
        """Return how sure it is that a mention describes those who were studied; 0 for not."""
        report = self.report
        head = report.head_start(chunk)
        before = report.content(chunk.first, head)
        words = [word for word in before if word not in words_of("plain_people")]
        if any(word.endswith("-treated") for word in words):
            return 0.0  # an arm, not the participants
        numbered = any(report.kinds[at] == "number" for at in range(chunk.first, head))
        section, noun = report.section[chunk.first], report.lows[head]
        preceding = report.low(chunk.first - 1, self.end) if chunk.first > self.first else ""
        if told in ("with", "aged"):
            return 0.85
        if told == "who":
            return 0.8 if numbered or words or self.enrols or section in _DESCRIBING else 0.0
        if words and noun not in words_of("vague_people"):
            return 0.75
        if numbered and self.enrols and section != "conclusions":
            counted = section == "results" and preceding in ("in", "of", "by", "and")
            return 0.0 if counted else 0.7
        if told or section == "participants":
            return 0.6
        telling = noun in words_of("telling_people")
        return 0.6 if telling and preceding in ("in", "of", "among", "for") else 0.0

    def described(self, at: int) -> tuple[int, str]:
        """Return where the description behind a mention of people ends, and its strongest kind.

        The kinds: ``with`` (a condition, a procedure), ``who`` (a clause), ``aged``, ``aside``
        (brackets), or the preposition; empty when nothing describes them.
        """
        report, end = self.report, min(self.end, at + _LONGEST)
        told = ""
        while at < end:
            word = report.lows[at]
            after = at
            if at in report.close:
                after, kind = self.aside(at)
            elif word in words_of("condition_links"):
                after, kind = self.linked(at), "with"
            elif word in words_of("people_link"):
                after, kind = self.placed(at, told)
            elif word in ("aged", "ages", "age", "older", "younger"):
                after, kind = self.age(at), "aged"
            elif report.kinds[at] == "number" and told:
                after, kind = self.age(at), told
            elif word in ("who", "whose"):
                after, kind = self.clause(at), "who"
            elif word in (",", "and", "or") and (told or word == ","):
                goes_on = report.low(at + 1, end) in words_of("description_starts")
                after, kind = (at + 1 if goes_on else at), told
            if after <= at:
                break
            at, told = after, kind if kind in ("with", "who", "aged") else told or kind
        return at, told

    def aside(self, at: int) -> tuple[int, str]:
        """Read brackets that tell age, sex or number, or that stand before a description."""
        report, last = self.report, self.report.close[at]
        if last >= self.end:
            return at, ""
        if _DESCRIBES.search(" ".join(report.lows[at + 1 : min(last, at + _LONGEST)])):
            return last + 1, "aside"
        goes_on = report.low(last + 1, self.end) in words_of("description_starts")
        return (last + 1 if goes_on and last - at <= 4 else at), ""

    def linked(self, at: int) -> int:
        """Read "with asthma", "scheduled for elective surgery"; return its end, or `at`."""
        report, start = self.report, at + 1
        while start < self.end and report.kinds[start] in ("preposition", "adverb", "determiner"):
            start += 1
        end = self.phrase(start)
        return at if end == start else end

    def placed(self, at: int, told: str) -> tuple[int, str]:
        """Read a preposition with a place, an age, an event; return its end (or `at`)."""
        report, word, start = self.report, self.report.lows[at], at + 1
        while start < self.end and report.kinds[start] == "determiner":
            start += 1
        numbered = start < self.end and report.kinds[start] == "number"
        if word == "between" or (numbered and word in ("of", "in", "from")):
            end = self.age(start)
            if end > start:
                return end, "aged"
        chunk = report.chunk_at(start, self.end)
        if chunk is None or not self.is_place(chunk, word, told):
            return at, ""
        end = self.phrase(start)
        return (at, "") if end == start else (end, word)

    def is_place(self, chunk: Chunk, preposition: str, told: str) -> bool:
        report = self.report
        roles, noun = report.head(chunk), report.lows[chunk.end - 1]
        if noun in words_of("group"):
            return False
        if "place" in roles or "population" in roles:
            return True
        if noun in words_of("no_place"):
            return False
        capital = report.written(chunk.first, chunk.end)[:1].isupper()
        if preposition in words_of("named_place") and capital:
            unnamed = report.lows[chunk.first] in words_of("no_place")
            other = roles & {"drug", "outcome", "weak_outcome", "treatment", "comparator"}
            return len(report.lows[chunk.first]) > 2 and not unnamed and not other
        if "problem" in roles and preposition in ("of", "after", "for", "at") and told:
            return True
        if preposition in ("after", "following"):
            return bool(roles & {"procedure", "problem"})
        return noun == "risk" and preposition == "at"

    def phrase(self, at: int) -> int:
        """Return the end of a noun phrase, coordination and phrases of kind and cause included."""
        report, limit = self.report, min(self.end, at + _LONGEST)
        chunk = report.chunk_at(at, limit)
        if chunk is None or report.lows[chunk.end - 1] in words_of("arm"):
            return at
        end = chunk.end
        while end < limit:
            word = report.lows[end]
            if end in report.close:
                after = report.close[end] + 1
                if after - end > _LONGEST_ASIDE + 1 or after > limit:
                    break
            elif word in words_of("phrase_links"):
                after = self.kind_or_cause(end, limit)
            elif word in ("and", "or", ",", "and/or", "/"):
                after = self.coordinated(end, limit)
            else:
                break
            if after <= end:
                break
            end = after
        return end

    def kind_or_cause(self, at: int, limit: int) -> int:
        report, word = self.report, self.report.lows[at]
        start = at + 1
        if word in words_of("place_links"):
            chunk = report.chunk_at(start, limit)
            if chunk is None:
                return at
            fits = {"problem", "procedure", "place"} & report.head(chunk)
            timed = word == "for" and report.lows[chunk.end - 1] in ("months", "years", "weeks")
            return chunk.end if fits or timed else at
        while start < limit and report.chunk_of[start] < 0 and report.kinds[start] in (
            "preposition", "determiner", "adverb",
        ):  # fmt: skip
            start += 1
        chunk = report.chunk_at(start, limit)
        return chunk.end if chunk else at

    def coordinated(self, at: int, limit: int) -> int:
        """Return the end of the next member of a coordination of conditions, or `at`."""
        report, start = self.report, at + 1
        while report.low(start, limit) in ("and", "or", "with", "without"):
            start += 1
        chunk = report.chunk_at(start, limit)
        if chunk is None:
            return at
        if chunk.end < limit and report.kinds[chunk.end] in ("aux", "verb"):
            return at  # the subject of the next clause
        roles = report.head(chunk)
        if report.lows[at] == "," and not roles & {"problem", "procedure"}:
            return at
        other = roles & {"outcome", "drug", "comparator"} and "problem" not in roles
        return at if other else chunk.end

    def clause(self, at: int) -> int:
        """Return the end of a relative clause that describes people; `at` when it tells an arm."""
        report = self.report
        limit = min(self.end, at + _LONGEST_CLAUSE)
        if not words_of("arm_clause").isdisjoint(report.lows[at + 1 : min(limit, at + 4)]):
            return at
        end = at + 1
        while end < limit:
            if report.kinds[end] == "mark" and report.lows[end] not in words_of("clause_marks"):
                if not (end in report.close and report.close[end] - end < _LONGEST_ASIDE):
                    break
                end = report.close[end]
            if end > at + 2 and report.lows[end] in words_of("clause_end"):
                break
            end += 1
        return min(end, self.end)

    # -- ages, conditions, places ------------------------------------------------------------

    def age(self, at: int) -> int:
        """Return the end of an age ("65 years or older"), or `at`."""
        report, last = self.report, at
        numbered = False
        for end in range(at, min(self.end, at + _LONGEST_AGE)):
            number = report.kinds[end] == "number"
            numbered |= number
            if numbered and report.lows[end] in words_of("age_end"):
                last = end + 1
            elif not number and report.lows[end] not in words_of("age"):
                break
        return last

    def ages(self) -> Iterator[Claim]:
        """Yield ages that stand on their own: "mean age 57 years"."""
        report = self.report
        for at in range(self.first, self.end):
            if report.lows[at] not in ("age", "aged", "ages"):
                continue
            if report.section[at] == "conclusions":
                continue
            start = at - (report.low(at - 1, self.end) in ("mean", "median", "average"))
            number = at + 1
            while number < min(self.end, at + 5) and report.lows[number] in words_of("age_links"):
                number += 1
            end = max(self.age(number), min(number + 1, self.end))
            if number < self.end and report.kinds[number] == "number":
                yield from self._claimed(start, end, 0.65, "age")

    def condition(self, chunk: Chunk) -> Iterator[Claim]:
        """Yield a condition without people: "treatment of depression", "in type 2 diabetes"."""
        report = self.report
        title = report.section[chunk.first] in ("title", "objective")
        at = chunk.first - 1
        while at >= self.first and report.kinds[at] == "determiner":
            at -= 1
        before = report.low(at, self.end) if at >= self.first else ""
        lead = report.lows[max(self.first, at - 3) : max(self.first, at)]
        known = "problem" in report.head(chunk)
        if known and before in words_of("condition_before"):
            if title and words_of("measured_before").isdisjoint(lead):
                yield from self._claimed(chunk.first, self.phrase(chunk.first), 0.55, "in title")
            elif not words_of("treats").isdisjoint(lead) and before in ("in", "for", "of"):
                yield from self._claimed(chunk.first, chunk.end, 0.5, "treated")

    def place(self, chunk: Chunk) -> Iterator[Claim]:
        """Yield the setting: "at 10 headache clinics", "primary care clinics in Ontario"."""
        report = self.report
        section = report.section[chunk.first]
        end = chunk.end
        if report.low(end, self.end) in words_of("named_place"):
            end, _ = self.placed(end, "")
        if section in ("setting", "participants"):
            yield from self._claimed(chunk.first, end, 0.6, "setting")
            return
        before = report.content(chunk.first, report.head_start(chunk))
        capital = report.written(chunk.first, chunk.end)[:1].isupper()
        told = report.kinds[chunk.first] == "number" or (before and (capital or end > chunk.end))
        led = report.low(chunk.first - 1, self.end) in ("at", "in", "from", "the", "a", "an")
        if told and led and section not in ("results", "conclusions", "background"):
            yield from self._claimed(chunk.first, end, 0.6, "place")

    def _claimed(self, first: int, end: int, sure: float, rule: str) -> Iterator[Claim]:
        found = claim(self.report, (first, end), _LABEL, sure, rule)
        if found:
            yield found
