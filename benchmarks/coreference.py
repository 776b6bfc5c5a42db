"""The coreference rules on MACCROBAT (test documents) and GAP (validation).

Words: of the words of the annotated antecedent, the share that ours holds (R); of the words of
ours, the share that the annotated one or its annotated modifiers hold (P); counted over all
anaphors, one without an answer counting in R only. An antecedent is compared with the earlier
mention of its chain that it shares most with.

MACCROBAT links are of mixed kinds: only the row "pronoun or definite" is what our conventions
call an anaphor; an abbreviation behind its long form and a repeated name are none, so the rules
leave them out by design. Its spans are bare heads ("mass") where ours hold the whole noun phrase
("3 cm right renal mass"); "found" counts antecedents that share a word with theirs.

GAP is general English with the two names given, each to be chosen or not; it says how well persons
are told apart, which clinical notes ask for less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.rows import interval
from benchmarks.timing import per_thousand_words
from clinie.datasets import corpora
from clinie.datasets.coreference import KINDS, Ambiguous, Identity, gap, identities
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import Score, bootstrap, f1_interval, total
from clinie.schema import Span
from clinie.tasks.coreference.rules import Link, extract, links
from clinie.text.folding import fold_word
from clinie.text.tokens import tokenize

ROWS = {
    "pronoun or definite": ("anaphor",),
    "abbreviation": ("abbreviation",),
    "repetition": ("repetition",),
    "other": ("other",),
    "all links": KINDS,
}


class Words(NamedTuple):
    """Words of theirs in ours, of how many; of ours in theirs; antecedents found, of how many."""

    shared: int = 0
    gold: int = 0
    right: int = 0
    ours: int = 0
    found: int = 0
    anaphors: int = 0


def words(text: str) -> Counter[str]:
    """Return the folded words of a mention, marks left out."""
    return Counter(fold_word(token) for _, _, token in tokenize(text) if token[0].isalnum())


def modifiers(item: CorpusItem) -> dict[str, str]:
    """Return the words that modify each span, by its id."""
    spans = {span.id: span.text for span in item.spans}
    found: dict[str, str] = {}
    for link in item.relations:
        if link.label == "MODIFY":
            found[link.tail] = f"{found.get(link.tail, '')} {spans[link.head]}"
    return found


def compare(item: CorpusItem, identity: Identity, ours: Sequence[Link]) -> Words:
    """Compare what the rules say of one later mention with its links."""
    later, text = identity.later, item.document.text
    modified = modifiers(item)
    found = next((x for x in ours if x.start < later.end and later.start < x.end), None)
    said: Counter[str] = Counter()
    for start, end in found.antecedents if found else ():
        said += words(text[start:end])
    gold: Counter[str] = Counter()
    around: Counter[str] = Counter()
    for chain in identity.linked:
        full = [span for span in chain if span.label != "Coreference"] or list(chain[:1])
        best = max(full, key=lambda span: _f1(words(span.text), said)) if said else chain[0]
        gold += words(best.text)
        around += words(f"{best.text} {modified.get(best.id, '')}")
    shared = (gold & said).total()
    return Words(shared, gold.total(), (around & said).total(), said.total(), int(shared > 0), 1)


def _f1(one: Counter[str], other: Counter[str]) -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def summed(pages: Sequence[Words]) -> Words:
    """Add counts up."""
    return Words(*(sum(column) for column in zip(*pages, strict=True)))


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def line(name: str, pages: Sequence[Words], documents: str) -> None:
    """Print word recall, word precision and antecedents found, with intervals over documents."""
    whole = summed(pages)
    cells = []
    figures: tuple[Callable[[Words], float], ...] = (
        lambda w: share(w.shared, w.gold),
        lambda w: share(w.right, w.ours),
        lambda w: share(w.found, w.anaphors),
    )
    for figure in figures:
        found = bootstrap(pages, lambda sample, figure=figure: figure(summed(sample)))
        cells.append(f"{figure(whole):.3f} {interval(*found)}")
    print(f"{name:<22}{'  '.join(cells)}  {whole.anaphors:>5} in {documents}")


def maccrobat(split: str = "test") -> None:
    """Print the words metric by kind of link."""
    pages: dict[str, list[Words]] = {name: [] for name in ROWS}
    marked = []
    for item, found in identities(split):
        text = item.document.text
        ours = links(text)
        compared = [(identity.kind, compare(item, identity, ours)) for identity in found]
        for name, kinds in ROWS.items():
            chosen = [counts for kind, counts in compared if kind in kinds]
            pages[name].append(summed([Words(), *chosen]))
        gold = [identity.later for identity in found]
        marked.append((sum(any(_meet(x, span) for span in gold) for x in ours), len(ours)))
    for name, counts in pages.items():
        line(name, counts, f"{len(counts)} documents")
    right, said = (sum(column) for column in zip(*marked, strict=True))
    print(f"of our {said} anaphors MACCROBAT links {right}; it marks few pronouns, so no precision")


def _meet(link: Link, span: Span) -> bool:
    return link.start < span.end and span.start < link.end


def choice(item: Ambiguous, found: Sequence[Link]) -> tuple[str | None, Link | None]:
    """Return which of the two names the rules choose, by place or by the name's last word."""
    link = next((x for x in found if x.start == item.pronoun.start), None)
    if link is None:
        return None, None
    text = item.document.text
    start, end = link.antecedents[-1]
    names = {"first": item.first, "second": item.second}
    for name, span in names.items():
        if start < span.end and span.start < end:
            return name, link
    last = text[start:end].split()[-1]
    for name, span in names.items():
        if last in span.text.split():
            return name, link
    return None, link


def ambiguous(split: str = "validation") -> None:
    """Print F1 of choosing the right name, by gender of the pronoun, and the words metric."""
    scores: dict[str, list[Score]] = {"all": [], "masculine": [], "feminine": []}
    counts = []
    right = 0
    for item in gap(split):
        text = item.document.text
        given = [(item.first.start, item.first.end), (item.second.start, item.second.end)]
        chosen, link = choice(item, links(text, given))
        score = Score()
        for name in ("first", "second"):
            gold, ours = item.answer == name, chosen == name
            score += Score(int(gold and ours), int(ours and not gold), int(gold and not ours))
        gender = "masculine" if item.pronoun.text.lower() in ("he", "him", "his") else "feminine"
        scores["all"].append(score)
        scores[gender].append(score)
        right += chosen == item.answer
        if item.answer:
            named = words((item.first if item.answer == "first" else item.second).text)
            said = words(" ".join(text[a:b] for a, b in link.antecedents)) if link else Counter()
            shared = (named & said).total()
            counts.append(Words(shared, named.total(), shared, said.total(), int(shared > 0), 1))
    for name, pages in scores.items():
        whole = total(pages)
        print(
            f"GAP, {name:<17}P {whole.precision:.3f}  R {whole.recall:.3f}"
            f"  F1 {whole.f1:.3f} {interval(*f1_interval(pages))}  {len(pages):>5} pronouns"
        )
    print(f"GAP, first, second or neither right: {share(right, len(scores['all'])):.3f}")
    line("GAP, words", counts, f"{len(counts)} texts")


def speed() -> None:
    """Print the time per 1,000 words of a clinic note."""
    notes = [document.text for document in corpora.aci_bench("train")][:30]
    spent = per_thousand_words(extract, notes)
    print(f"milliseconds per 1,000 words of ACI-Bench: {spent:.1f}")


def main() -> None:
    if corpora.root() is None:
        print("no corpora: set CLINIE_DATA to the folder that holds them")
        return
    print("MACCROBAT, test       R of words            P of words            found")
    maccrobat()
    ambiguous()
    speed()


if __name__ == "__main__":
    main()
