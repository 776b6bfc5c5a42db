import numpy as np
import pytest

from clinie.models.tagger.classifiers import softmax
from clinie.training.tagger.linear import Example, cross_fit, fit, folds_of, temperature_of

pytest.importorskip("torch")


def examples(count: int = 300) -> list[Example]:
    random = np.random.default_rng(0)
    found = []
    for n in range(count):
        label = "yes" if n % 3 else "no"
        cue = label if random.random() < 0.9 else "maybe"
        words = [f"word {w}" for w in random.integers(20, size=5)]
        found.append(Example((f"cue {cue}", *words), label, f"document {n // 10}"))
    return found


def test_fit_finds_the_cue_and_repeats_itself() -> None:
    classifier = fit(examples(), ("no", "yes"), buckets=1 << 10)
    assert classifier.predict(["cue no"]) == "no"
    assert classifier.predict(["cue yes"]) == "yes"
    again = fit(examples(), ("no", "yes"), buckets=1 << 10)
    assert np.array_equal(again.weights, classifier.weights)


def test_weight_decides_between_contradicting_examples() -> None:
    pair = [Example(("a",), "no", "1", 1.0), Example(("a",), "yes", "2", 3.0)]
    found = fit(pair, ("no", "yes"), buckets=8, penalty=1e-6).probabilities(["a"])
    assert found[1] == pytest.approx(0.75, abs=0.02)


def test_fit_refuses_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="no examples"):
        fit([], ("no", "yes"))
    with pytest.raises(ValueError, match="without features"):
        fit([Example((), "no", "1")], ("no", "yes"))
    with pytest.raises(KeyError):
        fit([Example(("a",), "perhaps", "1")], ("no", "yes"))


def test_folds_keep_a_document_together() -> None:
    given = examples()
    folds = folds_of(given)
    by_group: dict[str, set[int]] = {}
    for example, fold in zip(given, folds.tolist(), strict=True):
        by_group.setdefault(example.group, set()).add(fold)
    assert all(len(found) == 1 for found in by_group.values())
    assert set(folds.tolist()) == set(range(5))


def test_cross_fit_gives_every_example_logits_of_a_classifier_that_did_not_see_it() -> None:
    given = examples()
    seen: list[set[str]] = []

    def train(part):
        seen.append({example.group for example in part})
        return fit(part, ("no", "yes"), buckets=1 << 10)

    found = dict(cross_fit(given, train))
    assert set(found) == set(range(len(given)))
    assert len(seen) == 5
    assert set.intersection(*seen) == set()
    right = sum(("no", "yes")[int(found[i].argmax())] == e.label for i, e in enumerate(given))
    assert right / len(given) > 0.9


def test_temperature_undoes_an_overconfident_scale() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(4000, 3)).astype(np.float32)
    labels = np.array(
        [random.choice(3, p=row / row.sum()) for row in softmax(logits).astype(float)]
    )
    assert temperature_of(logits * 2.5, labels) == pytest.approx(2.5, rel=0.1)
