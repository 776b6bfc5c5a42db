"""Recorded answers about 55 randomised trials: read, found in the article, checked against gold.

An item is right when all its numbers are: a number that the gold leaves blank is not reported, and
so is one that was not answered or was dropped by a check. An answer without content (`no_answer`)
is wrong even where the gold is blank. *plain* is a parser of ``name: value`` lines that takes every
number as it comes; *read* is the resolver without its checks; *checked* is the resolver.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from benchmarks.rows import interval
from clinie.cascade import resolve
from clinie.datasets.scoring import bootstrap
from clinie.datasets.trials import ARMS, FIELDS, Trial, recorded_answers, trials
from clinie.models import Completion
from clinie.prompts import Window
from clinie.resolvers import Program, Resolution
from clinie.resolvers.steps.arithmetic import Wanted, derive
from clinie.resolvers.steps.passages import Passages
from clinie.tasks.trial_results import task
from clinie.tasks.trial_results.rules import extract
from clinie.text.numerals import number, numerals

KIND = {"binary_outcomes": "binary", "continuous_outcomes": "continuous"}
NAMES = {kind: [f"{arm}_{name}" for arm in ARMS for name in FIELDS[kind]] for kind in FIELDS}
TARGETS = {
    ("binary", "gpt4"): 39, ("binary", "gpt35"): 24, ("binary", "mistral7B"): 14,
    ("binary", "gemma7B"): 4, ("continuous", "gpt4"): 110,
}  # fmt: skip
"""Items that a plain parser was reported to get right, of 69 and 223."""
UNCHECKED = replace(
    task,
    program=Program(
        task.name, tuple(s for s in task.program.steps if s.__name__ != "ground_results")
    ),
)
NOT_ANSWERED = frozenset({"no_answer", "refusal", "resolver_error"})
FLAGS = frozenset({"derived_number", "unrelated_number"})
Numbers = dict[str, Decimal]


@dataclass(frozen=True)
class Result:
    """One answer to a question about numbers, as the three readers see it."""

    trial: Trial
    split: str
    model: str
    kind: str
    plain: Numbers | None
    read: Numbers
    checked: Numbers
    codes: frozenset[str]
    flagged: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def gold(self) -> Numbers:
        names = NAMES[self.kind]
        return {n: Decimal(self.trial.gold[n]) for n in names if n in self.trial.gold}

    def right(self, said: Numbers | None) -> bool:
        """Tell whether all numbers of the item are, and something was answered."""
        answered = said is self.plain or not self.codes & NOT_ANSWERED
        return said == self.gold and answered


def main() -> None:
    everything = {t.document.id: (t, split) for split in ("dev", "test") for t in trials(split)}
    results, choices, exceptions, neither = _resolve_all(everything)
    print(f"recorded answers about trials: {len(results) + len(choices)}, exceptions: {exceptions}")
    print(
        f"accepted numbers that neither stand in the article nor show their arithmetic: {neither}"
    )
    _exact(results)
    _fields(results)
    _types(choices)
    _checks(results)
    _gold([t for t, _ in everything.values()])
    _rules(everything.values())


def _resolve_all(
    everything: dict[str, tuple[Trial, str]],
) -> tuple[list[Result], list[tuple[str, str, bool]], int, int]:
    """Resolve every answer; count the exceptions, and the numbers accepted without a reason."""
    results: list[Result] = []
    choices = []
    exceptions = neither = 0
    for answer in recorded_answers():
        trial, split = everything[answer.question]
        window, completion = Window(trial.document.text), Completion(answer.text)
        try:
            found = resolve(task, window, completion, trial.document.metadata)
            read = resolve(UNCHECKED, window, completion, trial.document.metadata)
        except Exception:
            exceptions += 1
            continue
        codes = frozenset(finding.code for finding in found.findings)
        exceptions += "resolver_error" in codes
        if answer.task == "outcome_type":
            said = next((s.value for s in found.labels if s.name == "outcome_type"), None)
            choices.append((answer.model, trial.trial, said == trial.outcome_type))
            continue
        kind = KIND[answer.task]
        neither += _unexplained(found)
        said = (_plain(answer.text, kind), _numbers(read, kind), _numbers(found, kind))
        results.append(Result(trial, split, answer.model, kind, *said, codes, _flagged(found)))
    return results, choices, exceptions, neither


def _plain(text: str, kind: str) -> Numbers | None:
    """Read ``name: value`` lines below a line of an arm, the first value of each."""
    said: dict[str, Decimal | None] = {}
    arm = ""
    for line in text.split("\n"):
        heading = re.match(r"\s*(intervention|comparator)\s*:", line)
        arm = heading.group(1) if heading else arm
        entry = re.match(r"\s+(\w+)\s*:\s*([-−]?[\d,]*\.?\d+)?", line)
        if entry and arm and entry.group(1) in FIELDS[kind]:
            value = (entry.group(2) or "").replace(",", "").replace("−", "-")
            said.setdefault(f"{arm}_{entry.group(1)}", Decimal(value) if value else None)
    return {name: value for name, value in said.items() if value is not None} if said else None


def _numbers(found: Resolution, kind: str) -> Numbers:
    said = {s.name: numerals(s.value) for s in found.labels if s.name in NAMES[kind]}
    return {name: values[0].value for name, values in said.items() if values}


def _flagged(found: Resolution) -> frozenset[str]:
    places = {(f.start, f.end) for f in found.findings if f.code in FLAGS}
    return frozenset(s.name for s in found.labels if s.item and s.item.spans[0] in places)


def _unexplained(found: Resolution) -> int:
    """Count numbers that are not the ones at their span, without an arithmetic for it."""
    explained = {(f.start, f.end) for f in found.findings if f.code == "derived_number"}
    return sum(
        number(s.item.text) != Decimal(s.value) and s.item.spans[0] not in explained
        for s in found.labels
        if s.item
    )


def _by_trial(rows: Iterable[tuple[str, bool]]) -> list[list[bool]]:
    groups: dict[str, list[bool]] = {}
    for trial, row in rows:
        groups.setdefault(trial, []).append(row)
    return list(groups.values())


def _share(groups: Sequence[Sequence[bool]]) -> float:
    every = sum(map(len, groups))
    return sum(map(sum, groups)) / every if every else 0.0


def _interval(rows: Iterable[tuple[str, bool]]) -> str:
    """Return a share with its interval over trials."""
    groups = _by_trial(rows)
    if not groups:
        return f"{'-':>21}"
    return f"{_share(groups):>7.3f} {interval(*bootstrap(groups, _share))}"


def _models(results: Iterable[Result]) -> list[str]:
    return sorted({result.model for result in results})


def _exact(results: Sequence[Result]) -> None:
    for kind in FIELDS:
        print(f"\nitems with every number right, {kind} outcomes (95 % over trials)")
        print(f"{'':12}{'n':>5}{'target':>8}{'plain':>7}{'read':>6}{'checked':>9}{'share':>9}{'':17}"
              f"{'test: n':>8}{'plain':>7}{'read':>6}{'checked':>9}")  # fmt: skip
        for model in _models(results):
            own = [r for r in results if r.model == model and r.kind == kind]
            test = [r for r in own if r.split == "test"]
            target = TARGETS.get((kind, model)) or "-"
            plain, read, checked = _counts(own)
            share = _interval((r.trial.trial, r.right(r.checked)) for r in own)
            line = f"{model:12}{len(own):>5}{target:>8}{plain:>7}{read:>6}{checked:>9}  {share}"
            plain, read, checked = _counts(test)
            print(f"{line}{len(test):>8}{plain:>7}{read:>6}{checked:>9}")


def _counts(results: Sequence[Result]) -> list[int]:
    return [sum(r.right(said(r)) for r in results) for said in READERS]


READERS: tuple[Callable[[Result], Numbers | None], ...] = (
    lambda r: r.plain,
    lambda r: r.read,
    lambda r: r.checked,
)


def _fields(results: Sequence[Result]) -> None:
    print("\nsingle numbers right, blank ones included: read / checked (all trials)")
    fields = [(kind, name) for kind in FIELDS for name in FIELDS[kind]]
    print(f"{'':12}" + "".join(f"{name.replace('standard_', ''):>16}" for _, name in fields))
    for model in _models(results):
        cells = []
        for kind, name in fields:
            own = [r for r in results if r.model == model and r.kind == kind]
            shares = []
            for said in (lambda r: r.read, lambda r: r.checked):
                pairs = [
                    said(r).get(f"{arm}_{name}") == r.gold.get(f"{arm}_{name}")
                    and not r.codes & NOT_ANSWERED
                    for r in own
                    for arm in ARMS
                ]
                shares.append(_share([pairs]))
            cells.append(f"{shares[0]:.3f}/{shares[1]:.3f}")
        print(f"{model:12}" + "".join(f"{cell:>16}" for cell in cells))


def _types(choices: Sequence[tuple[str, str, bool]]) -> None:
    print("\ntype of outcome right (95 % over trials)")
    for model in sorted({model for model, _, _ in choices}):
        rows = [(trial, right) for name, trial, right in choices if name == model]
        print(f"{model:12}{len(rows):>5}  {_interval(rows)}")


def _checks(results: Sequence[Result]) -> None:
    """Print how right accepted numbers are before and after the checks."""
    for split in ("all", "test"):
        own = [r for r in results if split in ("all", r.split)]
        print(f"\nnumbers answered, {split} trials, before and after the checks (95 % over trials)")
        print(f"{'':12}{'said':>6}{'right':>11}{'':17}{'dropped':>8}{'wrong':>6}{'flagged':>8}"
              f"{'wrong':>6}{'accepted':>9}{'right':>11}{'':16}{'caught':>7}")  # fmt: skip
        for model in _models(own):
            _check_row(model, [r for r in own if r.model == model])
        _check_row("all models", own)


def _check_row(model: str, own: Sequence[Result]) -> None:
    """Print one row; `caught` is the share of wrong numbers that were dropped or flagged."""
    before, after = [], []
    states: Counter[tuple[str, bool]] = Counter()
    for r in own:
        for name, value in r.read.items():
            right = value == r.gold.get(name)
            state = "flagged" if name in r.flagged else "kept"
            state = state if name in r.checked else "dropped"
            states[state, right] += 1
            before.append((r.trial.trial, right))
            if state == "kept":
                after.append((r.trial.trial, r.checked[name] == r.gold.get(name)))
    counts = ""
    for state in ("dropped", "flagged"):
        wrong = states[state, False]
        counts += f"{states[state, True] + wrong:>8}{wrong:>6}"
    wrong = sum(count for (_, right), count in states.items() if not right)
    caught = 1 - states["kept", False] / wrong if wrong else 0.0
    print(f"{model:12}{len(before):>6}    {_interval(before)}{counts}{len(after):>9}"
          f"    {_interval(after)}{caught:>7.3f}")  # fmt: skip


def _gold(everything: Sequence[Trial]) -> None:
    """Print which gold numbers the articles print, and how often a wrong number would pass."""
    rng = random.Random(0)
    prints: list[tuple[str, bool]] = []
    explained: list[tuple[str, bool]] = []
    found: list[tuple[str, bool]] = []
    derived: list[tuple[str, bool]] = []
    for trial in everything:
        metadata = trial.document.metadata
        article = Passages(
            trial.document.text, metadata["outcome"], {arm: metadata[arm] for arm in ARMS}
        )
        values = {n.value for n in article.numerals}
        for name, said in trial.gold.items():
            arm, _, what = name.partition("_")
            size = trial.gold.get(f"{arm}_group_size")
            value = Decimal(said)
            prints.append((trial.trial, value in values))
            if value not in values:
                wanted = Wanted(value, what, Decimal(size) if size else None)
                explained.append((trial.trial, derive(wanted, article) is not None))
            for changed in _changed(value, rng):
                found.append((trial.trial, changed in values))
                if changed not in values:
                    wanted = Wanted(changed, what, Decimal(size) if size else None)
                    derived.append((trial.trial, derive(wanted, article) is not None))
    flagged = [(trial, not printed) for trial, printed in prints]
    print("\ngold numbers (95 % over trials)")
    print(f"not printed in abstract and results{_interval(flagged)}  of {len(prints)}")
    print(f"  of these explained by arithmetic {_interval(explained)}  of {len(explained)}")
    print(f"changed by up to 30 %: printed     {_interval(found)}  of {len(found)}")
    print(f"  others explained by chance       {_interval(derived)}  of {len(derived)}")


def _changed(value: Decimal, rng: random.Random, times: int = 4) -> Iterator[Decimal]:
    for _ in range(times):
        unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
        changed = (value * Decimal(rng.uniform(0.7, 1.3))).quantize(unit)
        yield changed if changed != value else value + unit


def _rules(everything: Iterable[tuple[Trial, str]]) -> None:
    """Print what the rules answer to the questions, through the same resolver."""
    import json

    print("\nthe rules, given the question (95 % over trials)")
    print(f"{'':22}{'n':>5}{'answered':>10}{'all right':>11}{'':18}{'numbers':>9}{'precision':>11}")
    rows = list(everything)
    for kind in FIELDS:
        for split in ("dev", "test"):
            own = [t for t, part in rows if part == split and t.outcome_type == kind]
            answered, right, single = 0, [], []
            for trial in own:
                said = json.dumps(extract(trial.document.text, trial.document.metadata))
                found = resolve(
                    task, Window(trial.document.text), Completion(said), trial.document.metadata
                )
                numbers = _numbers(found, kind)
                gold = {n: Decimal(trial.gold[n]) for n in NAMES[kind] if n in trial.gold}
                answered += bool(numbers)
                right.append((trial.trial, bool(numbers) and numbers == gold))
                single += [
                    (trial.trial, value == gold.get(name)) for name, value in numbers.items()
                ]
            print(f"{kind + ', ' + split:22}{len(own):>5}{answered:>10}    {_interval(right)}"
                  f"{len(single):>9}    {_interval(single)}")  # fmt: skip


if __name__ == "__main__":
    main()
