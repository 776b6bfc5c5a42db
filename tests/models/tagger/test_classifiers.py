import numpy as np
import pytest

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier, buckets_of, softmax


def some(buckets: int = 64, classes: int = 3, seed: int = 0) -> LinearClassifier:
    random = np.random.default_rng(seed)
    names = tuple(f"class {n}" for n in range(classes))
    return LinearClassifier.quantized(
        names, random.normal(size=(buckets, classes)), random.normal(size=classes)
    )


def test_buckets_are_stable_and_within_the_count() -> None:
    assert buckets_of(["no", "ñ", "no"], 1 << 15) == buckets_of(["no", "ñ"], 1 << 15)
    assert buckets_of(["no"], 1 << 15) == [10271]
    assert all(0 <= b < 8 for b in buckets_of(map(str, range(100)), 8))


def test_probabilities_sum_to_one_and_agree_with_the_real_weights() -> None:
    random = np.random.default_rng(1)
    weights, bias = random.normal(size=(1 << 10, 4)), random.normal(size=4)
    classifier = LinearClassifier.quantized("abcd", weights, bias)
    features = [f"word {n}" for n in range(40)]
    exact = softmax(weights[buckets_of(features, 1 << 10)].sum(axis=0) + bias)
    found = classifier.probabilities(features)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - exact).max() < 0.05
    assert classifier.predict(features) == "abcd"[int(exact.argmax())]


def test_no_features_leave_the_bias() -> None:
    classifier = some()
    assert classifier.logits([]) == pytest.approx(classifier.bias)


def test_a_feature_given_twice_counts_once() -> None:
    assert some().logits(["a", "a"]) == pytest.approx(some().logits(["a"]))


def test_extreme_logits_do_not_overflow() -> None:
    found = softmax(np.array([1e4, -1e4, 0], dtype=np.float32))
    assert found == pytest.approx([1, 0, 0])


def test_temperature_softens_and_keeps_the_choice() -> None:
    hot = some().tempered(4)
    features = ["a", "b", "c"]
    assert hot.predict(features) == some().predict(features)
    assert hot.probabilities(features).max() < some().probabilities(features).max()


def test_state_round_trip() -> None:
    classifier = some()
    tensors = classifier.state("assertion")
    assert set(tensors) == {f"assertion.{x}" for x in ("classes", "weights", "scale", "bias")}
    again = LinearClassifier.from_state("assertion", tensors)
    assert again.classes == classifier.classes
    assert np.array_equal(again.logits(["x", "y"]), classifier.logits(["x", "y"]))


def test_missing_or_misfitting_tensors_are_an_error() -> None:
    tensors = some().state("a")
    with pytest.raises(ModelError, match=r"a\.scale"):
        LinearClassifier.from_state("a", {k: v for k, v in tensors.items() if k != "a.scale"})
    with pytest.raises(ModelError, match="do not fit"):
        LinearClassifier.from_state("a", {**tensors, "a.weights": tensors["a.weights"][:63]})


@pytest.mark.parametrize(("buckets", "classes"), [(63, 3), (0, 3), (64, 2)])
def test_shapes_are_checked(buckets: int, classes: int) -> None:
    with pytest.raises(ValueError, match=r"power of two|per class"):
        LinearClassifier.quantized("abc", np.zeros((buckets, classes)), np.zeros(classes))
