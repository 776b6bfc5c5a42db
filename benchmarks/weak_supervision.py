"""Weak supervision on real corpora: what selection of pseudo-labels gains, and its bounds.

In each setting a teacher (keywords, or the rules of a task) labels training texts or abstains. A
student is trained on all its labels, and on those that the cut statistic keeps; how many to keep is
chosen on a validation part with gold. A seed draws four fifths of the training documents. Keywords
and the strength of the penalty were settled on training parts; settings and students where
selection does not help are shown too.

Then the expansion check of weak-to-strong generalization, on the setting of two large classes whose
teacher abstains: neighbours replace a problem by another of its organ system and a drug by another
of its class, which changes nothing about whether a sentence names a disease.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from clinie.datasets import corpora
from clinie.datasets.abstracts import TaggedText, ebm_nlp
from clinie.tasks import load
from clinie.text.sentences import sentences
from clinie.training.weak.cut_statistic import cut_statistic, kept
from clinie.training.weak.embedding import LatentSpace
from clinie.training.weak.expansion import expansion_check
from clinie.training.weak.label_models import MajorityVote
from clinie.training.weak.neighbours import Substitution, typed_groups
from clinie.training.weak.students import LogisticRegression
from clinie.training.weak.votes import ABSTAIN, Ints, cast

SEEDS = range(5)
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
STRENGTH = 10.0
ABSTRACTS = 700
CHECKED = 800
CLASSES = ("none", "named")

SECTIONS = {
    "FAM/SOCHX": "family and social history",
    "GENHX": "history of present illness",
    "PASTMEDICALHX": "past medical history",
    "CC": "chief complaint",
    "PASTSURGICAL": "past surgical history",
    "ALLERGY": "allergies",
    "ROS": "review of systems",
    "MEDICATIONS": "medications",
}
"""The kinds of sections that MTS-Dialog has at least fifty of in its training part."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the document it is from, the right class, and what rules say that saw all of it."""

    text: str
    document: str = ""
    gold: int = 0
    ruled: str | None = None


Function = Callable[[Text], str | None]


@dataclass(frozen=True, eq=False)
class Setting:
    """A teacher on a corpus: parts ``train``, ``validation`` and ``test``."""

    name: str
    classes: tuple[str, ...]
    functions: dict[str, Function]
    parts: dict[str, list[Text]]

    def teacher(self, items: Sequence[Text]) -> Ints:
        votes = cast(items, self.functions, self.classes)
        return MajorityVote().fit(votes).predict(votes)

    def texts(self, part: str) -> list[str]:
        return [item.text for item in self.parts[part]]

    def gold(self, part: str) -> Ints:
        return np.array([item.gold for item in self.parts[part]])

    @cached_property
    def space(self) -> LatentSpace:
        return LatentSpace(100).fit(self.texts("train"))

    @cached_property
    def said(self) -> Ints:
        """The teacher's labels of the training texts."""
        return self.teacher(self.parts["train"])

    @cached_property
    def latent(self) -> dict[str, Any]:
        return {part: self.space.transform(self.texts(part)) for part in self.parts}

    @cached_property
    def sparse(self) -> dict[str, Any]:
        return {part: self.space.tf_idf_.transform(self.texts(part)) for part in self.parts}

    def draw(self, seed: int) -> Ints:
        """Return the labelled training texts of four fifths of the documents."""
        documents = np.array([item.document for item in self.parts["train"]])
        known = np.unique(documents)
        drawn = np.random.default_rng(seed).choice(known, int(0.8 * len(known)), replace=False)
        return np.flatnonzero(np.isin(documents, drawn) & (self.said != ABSTAIN))


def part_of(document: str) -> str:
    """Return ``validation`` for one training document in five."""
    return "validation" if corpora.split_of(f"weak {document}") == "test" else "train"


def sections() -> Setting:
    """Kinds of sections of MTS-Dialog, by keywords."""
    kinds = list(SECTIONS)

    def read(*splits: str) -> Iterator[Text]:
        for split in splits:
            for document in corpora.mts_dialog(split):
                if (kind := document.metadata["section"]) in SECTIONS:
                    yield Text(document.text, document.id, kinds.index(kind))

    train = list(read("train"))
    parts = {
        "train": [item for item in train if part_of(item.document) == "train"],
        "validation": [item for item in train if part_of(item.document) == "validation"]
        + list(read("validation")),
        "test": list(read("test1", "test2")),
    }
    return Setting(
        "kind of section, MTS-Dialog, keywords", tuple(kinds), keywords("sections"), parts
    )


def keywords(setting: str) -> dict[str, Function]:
    """Return the keyword functions of a setting: each votes for one class or abstains."""
    lines = Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return {
        name: _keyword(kind, re.compile(pattern, re.IGNORECASE))
        for of, name, kind, pattern in rows
        if of == setting
    }


def _keyword(kind: str, pattern: re.Pattern[str]) -> Function:
    return lambda item: kind if pattern.search(item.text) else None


def trial_sentences(tag: str, label: str, name: str) -> Setting:
    """Sentences of EBM-NLP that name an element, by the rules of the task pico."""
    test = list(_sentences(ebm_nlp("test"), tag, label))
    train = list(_sentences(islice(ebm_nlp("train"), ABSTRACTS), tag, label))
    parts = {
        part: [item for item in train if part_of(item.document) == part]
        for part in ("train", "validation")
    }
    title = f"sentences with {name}, EBM-NLP, rules"
    return Setting(title, CLASSES, {"rules": _ruled}, {**parts, "test": test})


def _sentences(abstracts: Iterator[TaggedText], tag: str, label: str) -> Iterator[Text]:
    for abstract in abstracts:
        text, id = abstract.document.text, abstract.document.id
        marked = zip(abstract.tokens, abstract.tags, strict=True)
        right = [start for (start, _), said in marked if said == tag]
        found = _found("pico", label, text)
        for start, end in sentences(text):
            gold, said = (any(start <= p < end for p in places) for places in (right, found))
            yield Text(text[start:end], id, int(gold), CLASSES[said])


def _ruled(item: Text) -> str | None:
    return item.ruled


def _found(task: str, label: str, text: str) -> list[int]:
    """Return where the rules of a task find a label."""
    rules = load(task).rules
    assert rules is not None
    said = rules(text)
    items = said["items"] if isinstance(said, Mapping) else said
    return [item["start"] for item in items if item["label"] == label]


def diseases(teacher: str) -> Setting:
    """Sentences of BC5CDR that name a disease, by keywords or by the rules of a task."""

    def read(split: str) -> list[Text]:
        return [
            Text(
                item.document.text,
                item.document.id,
                int(bool(item.spans)),
                None
                if teacher == "keywords"
                else CLASSES[bool(_found("conditions", "problem", item.document.text))],
            )
            for item in corpora.bioc_iob("bc5cdr-disease", split)
        ]

    functions: dict[str, Function] = {"rules": _ruled}
    if teacher == "keywords":
        functions = keywords("diseases")
    parts = {"train": read("train"), "validation": read("devel")[:1500], "test": read("test")}
    title = f"sentences with a disease, BC5CDR, {teacher}"
    return Setting(title, CLASSES, functions, parts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed: how good labels and students are, with all labels and with those selected."""

    seed: int
    share: float
    labels: tuple[float, float]
    student: tuple[float, float]
    model: LogisticRegression


def trial(setting: Setting, features: dict[str, Any], seed: int) -> Outcome:
    """Train on all labels and on the selected ones; the share is chosen on validation."""
    items = setting.draw(seed)
    said, gold = setting.said[items], setting.gold("train")[items]
    scores = cut_statistic(setting.latent["train"][items], said)
    best: tuple[float, float, LogisticRegression, float] | None = None
    for share in SHARES:
        chosen = kept(scores, said, share, floor=20)
        model = LogisticRegression(STRENGTH).fit(features["train"][items[chosen]], said[chosen])
        validation = model.score(features["validation"], setting.gold("validation"))
        right = float((said[chosen] == gold[chosen]).mean())
        if best is None or validation >= best[0]:
            best = (validation, share, model, right)
    assert best is not None
    _, share, chosen_model, right = best  # the last model was trained on all labels
    test = features["test"], setting.gold("test")
    return Outcome(
        seed,
        share,
        (float((said == gold).mean()), right),
        (model.score(*test), chosen_model.score(*test)),
        chosen_model,
    )


def report(setting: Setting) -> list[Outcome]:
    """Print a setting and return the outcomes of the student on the latent space."""
    test = setting.texts("test")
    said, gold = setting.teacher(setting.parts["test"]), setting.gold("test")
    covered = said != ABSTAIN
    print(f"\n{setting.name}")
    print(
        f"  {len(setting.parts['train'])} texts to train on, "
        f"{len(setting.parts['validation'])} to choose on, {len(test)} to test on; "
        f"teacher: coverage {covered.mean():.3f}, accuracy {(said == gold)[covered].mean():.3f}"
    )
    for name, features in (("TF-IDF", setting.sparse), ("SVD", setting.latent)):
        outcomes = [trial(setting, features, seed) for seed in SEEDS]
        wins = sum(o.student[1] > o.student[0] for o in outcomes)
        print(f"  student on {name}: selection wins in {wins} of {len(outcomes)} seeds")
        print("    seed  kept   label accuracy     student: all, selected   covered uncovered")
        for o in outcomes:
            right = o.model.predict(features["test"]) == gold
            print(
                f"    {o.seed:>4}{o.share:>6.1f}   {o.labels[0]:.3f} -> {o.labels[1]:.3f}"
                f"     {o.student[0]:.3f} -> {o.student[1]:.3f}"
                f"            {_mean(right[covered])}   {_mean(right[~covered])}"
            )
    return outcomes


def _mean(mask: np.ndarray[Any, Any]) -> str:
    return f"{mask.mean():.3f}" if mask.size else "    -"


def expansion(setting: Setting, outcomes: Sequence[Outcome]) -> None:
    """Print the expansion check of every class that has covered texts, for every seed."""
    oracle = Substitution(typed_groups())

    @cache
    def teacher(text: str) -> int:
        return int(setting.teacher([Text(text)])[0])

    print(f"\nExpansion check: {setting.name}, student on SVD, q = 0.1")
    print("  seed class               n cov  alpha  c      bound error | n unc  c      bound error")
    held = applied = 0
    for outcome in outcomes:
        others = [o.model for o in outcomes if o is not outcome]
        checks = expansion_check(
            setting.texts("test")[:CHECKED],
            setting.gold("test")[:CHECKED],
            teacher=teacher,
            student=outcome.model,
            others=others,
            features=setting.space.transform,
            oracle=oracle,
            classes=setting.classes,
            seed=outcome.seed,
        )
        for check in checks:
            bounded = not np.isnan([check.correction_bound, check.coverage_bound]).all()
            applied += bounded
            held += bounded and check.holds
            print(
                f"  {outcome.seed:>4} {check.name:18}{check.covered:>6}  {check.alpha:.2f}"
                f"  {check.correction:6.2f} {check.correction_bound:6.2f}"
                f" {check.covered_error:5.2f}"
                f" |{check.uncovered:>6} {check.coverage:6.2f} {check.coverage_bound:6.2f}"
                f" {check.uncovered_error:5.2f}  {check.why_not}"
            )
    print(f"  a bound applies in {applied} rows (nan: it does not); it holds in {held} of them")


def main() -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    report(sections())
    by_words = diseases("keywords")
    expansion(by_words, report(by_words))
    report(trial_sentences("O", "outcome", "an outcome"))
    report(trial_sentences("P", "participants", "participants"))
    report(diseases("rules"))


if __name__ == "__main__":
    main()
