"""Safety checks: one function each; ``docs/checks.md`` lists every finding they leave.

The checks on an answer as a whole run before it is parsed (`read_answer` runs them all); the
checks on items run after they are mapped and grounded.
"""

from __future__ import annotations

import re
from dataclasses import replace

from clinie.resolvers.items import Item, State
from clinie.resolvers.vocabulary import vocabulary_of
from clinie.text.folding import fold

__all__ = [
    "copied_from_example",
    "drop_duplicates",
    "negated_context",
    "no_answer",
    "orphan_attribute",
    "prompt_echo",
    "read_answer",
    "refusal",
    "reject",
    "wrong_offset",
]

_REFUSAL = re.compile(
    r"\s*(?:[\"'*_-]\s*)*(?:(?:i['’]?m|i am|we are|my apologies|apologies|unfortunately|"
    r"i apologi[sz]e)\b.{0,60}?\b(?:sorry|unable|can['’]?t|cannot|not able|apolog\w*|decline)\b|"
    r"(?:i['’]?m |i am )?(?:very |so )?sorry\b[,.!]|as an? (?:ai|artificial|large|language|llm)\b|"
    r"i (?:(?:can['’]?t|cannot|can not)(?! find| see| identify| locate)|"
    r"am unable|won['’]?t|will not|must decline|do not feel|"
    r"don['’]?t feel)\b|"
    r"(?:unfortunately|sorry),? (?:i|but|we|this|the|it)\b|"
    r"(?:please|could you|can you) (?:please )?(?:provide|share|paste|send|supply)\b|"
    r"it (?:looks|seems|appears) (?:like|that|as if) (?:you|your)\b)",
    re.IGNORECASE,
)
_HAS_ITEMS = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+\S|[{\[]\s*[\"'{]|</\w+>", re.MULTILINE)
_ANSWER_LINE = re.compile(r"\s*(?:[-*•{}\[\]\"<]|\d{1,3}[.)]\s|```)")
_SHORTEST_ECHO = 25
_SHOWN = 200
_AFFIRMED = frozenset({"present", "family", "active"})


def read_answer(state: State) -> None:
    """Run the checks on the answer as a whole: `no_answer`, `refusal`, `prompt_echo`."""
    no_answer(state)
    refusal(state)
    prompt_echo(state)


def no_answer(state: State) -> None:
    """Flag an empty answer to a note that is not empty: `no_answer`.

    A server that returns nothing for "Lasix 40 mg IV given." has not said that there are no
    medications; ``{"items": []}`` and *none* do say so and leave no finding.
    """
    if not state.answer.text.strip(' \t\r\n-*•"') and state.question.text.strip():
        state.find("no_answer", severity="flag")


def refusal(state: State) -> None:
    """Reject an answer that declines to answer: `refusal`.

    "I'm sorry, I cannot give medical advice." is no statement that the note holds no medication.
    An apology in front of items is chatter.
    """
    text = state.answer.text
    if _REFUSAL.match(text) and not _HAS_ITEMS.search(text):
        state.find("refusal", words_shown(text))
        state.answer = replace(state.answer, text="")


def prompt_echo(state: State) -> None:
    """Cut what the answer repeats of the prompt: `prompt_echo`.

    A small model that copies "List every medication that the note mentions" and the worked
    example after it has not read *aspirin* in this patient's note. Lines repeated verbatim are
    cut where they include a line of prose of the prompt; a single bullet that looks like the
    example's is left to `copied_from_example`, since this note may say the same.
    """
    prompt = "\n".join([state.question.instructions, *state.question.examples])
    said = {line.strip() for line in prompt.splitlines()} - {""}
    note = {line.strip() for line in state.question.text.splitlines()}
    lines = state.answer.text.split("\n")
    kept: list[str] = []
    cut: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and (lines[end].strip() in said or not lines[end].strip()):
            end += 1
        run = lines[at:end]
        if any(_is_prose(line.strip(), note) for line in run):
            cut += run
        else:
            kept += run
        kept += lines[end : end + 1]
        at = end + 1
    if cut:
        shown = next(line for line in cut if _is_prose(line.strip(), note))
        state.find("prompt_echo", words_shown(shown), severity="flag")
        state.answer = replace(state.answer, text="\n".join(kept))


def _is_prose(line: str, note: set[str]) -> bool:
    return len(line) >= _SHORTEST_ECHO and line not in note and not _ANSWER_LINE.match(line)


def words_shown(text: str) -> str:
    """Return the beginning of an answer's words, for a finding."""
    return text.strip()[:_SHOWN].encode("utf-8", "replace").decode("utf-8")


def reject(state: State, code: str, item: Item) -> None:
    """Note that an item is dropped, and with it every part that belonged to it."""
    state.find(code, item)
    for part in item.parts:
        reject(state, "orphan_attribute", part)


def copied_from_example(state: State) -> None:
    """Say where an ungrounded item came from, when a shown example holds it: `copied_from_example`.

    The prompt's example mentions *nitrofurantoin*, this note does not, the answer does: the model
    copied it. The item was dropped already; the finding gets the more telling code.
    """
    examples = [f" {_spaced(example)} " for example in state.question.examples]
    if not examples:
        return
    for at, finding in enumerate(state.findings):
        if finding.code == "ungrounded" and finding.item:
            said = _spaced(finding.item)
            if said and any(f" {said} " in example for example in examples):
                state.findings[at] = replace(finding, code="copied_from_example")


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text).text))


def wrong_offset(state: State, item: Item) -> None:
    """Note that an item does not stand where the model said: `wrong_offset`.

    *Lasix* was said to start at character 12 and starts at 0: it is kept at 0.
    """
    if item.start is not None and item.spans and item.spans[0][0] != item.start:
        state.find("wrong_offset", item, severity="info")


def negated_context(state: State, item: Item) -> None:
    """Flag an item that the note seems to negate and the answer affirms: `negated_context`.

    "There is no evidence of pneumonia" answered with *pneumonia, present*. An answer that says
    absent, discontinued or neither agrees with the negation, and nothing is flagged. What has a
    value of its own is there, whatever was denied before it ("no murmur, BP 120/80").
    """
    if any(part.relation == "value" for part in item.parts):
        return
    spec = state.question.schema.label(item.label or "")
    closed = [name for name, allowed in spec.attributes.items() if allowed] if spec else []
    if not closed or any(item.attributes.get(name) in _AFFIRMED for name in closed):
        state.find("negated_context", item, severity="flag")


def orphan_attribute(state: State) -> None:
    """Flag a grounded attribute that belongs to nothing: `orphan_attribute`.

    ``<dosage>40 mg</dosage>`` in a sentence without a medication is kept as a span that no
    relation leads to. (An attribute whose medication was dropped is dropped with it.)
    """
    vocabulary = vocabulary_of(state.question.schema)
    for item in state.items:
        if not vocabulary.is_head(item.label):
            state.find("orphan_attribute", item, severity="flag")


def drop_duplicates(state: State) -> None:
    """Merge items that say the same of the same place: `duplicate`.

    *Lasix* at 0 twice, once with its dose and once with its route, is one mention with both. Two
    copies that differ in an attribute (active, discontinued) are flagged, the first one stands.
    """
    kept: dict[object, Item] = {}
    for number, item in enumerate(state.items):
        key: object = number
        if item.spans:
            key = (item.label, item.spans)
        elif item.start is not None:
            key = (item.label, item.text, item.start)
        first = kept.setdefault(key, item)
        if first is not item:
            _merge(state, first, item)
    state.items = list(kept.values())
    for item in state.items:
        item.parts = _distinct(state, item.parts)


def _merge(state: State, first: Item, copy: Item) -> None:
    differ = any(
        first.attributes.get(name) not in (None, value)
        for name, value in copy.attributes.items()
        if value is not None
    )
    state.find("duplicate", copy, severity="flag" if differ else "info")
    for name, value in copy.attributes.items():
        if first.attributes.get(name) is None:
            first.attributes[name] = value
    first.parts += copy.parts
    sure = [c for c in (first.confidence, copy.confidence) if c is not None]
    first.confidence = max(sure, default=None)


def _distinct(state: State, parts: list[Item]) -> list[Item]:
    kept: dict[object, Item] = {}
    for number, part in enumerate(parts):
        key = (part.relation, part.spans) if part.spans else number
        if kept.setdefault(key, part) is not part:
            state.find("duplicate", part, severity="info")
    return list(kept.values())
