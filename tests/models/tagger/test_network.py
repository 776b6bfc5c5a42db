from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from clinie.models.tagger import network
from clinie.models.tagger.network import Encoded, Encoder, Member, still_going

PASSAGES = [
    ["He", "takes", "aspirin"],
    ["No"],
    ["T4", ",", "40", "mg", "\n", "daily"],
    ["Stop", "it"],
]


@pytest.fixture
def encoder(random_weights) -> Encoder:
    tensors, described = random_weights()
    return Encoder([Member.of(tensors, name) for name in described["members"]])


def by_passage(encoded: Encoded) -> dict[int, np.ndarray]:
    return {
        place: encoded.states[:length, row]
        for row, (place, length) in enumerate(zip(encoded.order, encoded.lengths, strict=True))
    }


def step_by_step(encoder: Encoder, words: list[str]) -> np.ndarray:
    """Return the states of a passage as the equations of an LSTM give them."""
    found = np.zeros((len(words), 2, len(encoder.members), 8))
    for number, member in enumerate(encoder.members):
        for way in (0, 1):
            h = c = np.zeros(8)
            for place in range(len(words))[:: -1 if way else 1]:
                z = member.vector(words[place]) @ member.inputs[way] + member.bias[way]
                entered, kept, shown, cell = np.split(z + h @ member.recurrent[way], 4)
                c = sigmoid(kept) * c + sigmoid(entered) * np.tanh(cell)
                h = sigmoid(shown) * np.tanh(c)
                found[place, way, number] = h
    return found


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_states_are_those_of_the_equations(encoder) -> None:
    for place, states in by_passage(encoder.encode(PASSAGES)).items():
        assert states == pytest.approx(step_by_step(encoder, PASSAGES[place]), abs=1e-5)


def test_a_passage_does_not_depend_on_its_neighbours(encoder) -> None:
    together = by_passage(encoder.encode(PASSAGES))
    for place, words in enumerate(PASSAGES):
        alone = encoder.encode([words]).states[:, 0]
        assert together[place] == pytest.approx(alone, abs=1e-6)


def test_nothing_is_left_behind_the_end_of_a_passage(encoder) -> None:
    encoded = encoder.encode(PASSAGES)
    assert encoded.lengths.tolist() == [6, 3, 2, 1]
    for row, length in enumerate(encoded.lengths):
        assert not encoded.states[length:, row].any()


def test_gates_far_from_zero_do_not_overflow(random_weights) -> None:
    tensors, _ = random_weights()
    tensors = {**tensors, "m0.bias": tensors["m0.bias"] * np.float16(5000)}
    states = Encoder([Member.of(tensors, "m0")]).encode(PASSAGES).states
    assert np.isfinite(states).all()


def test_words_beyond_those_kept_change_nothing(encoder, monkeypatch) -> None:
    right = by_passage(encoder.encode(PASSAGES))
    monkeypatch.setattr(network, "_KEPT", 4)
    small = Encoder(encoder.members)
    for _ in range(2):  # the second time, the table is full
        assert by_passage(small.encode(PASSAGES)) == {
            place: pytest.approx(states, abs=1e-6) for place, states in right.items()
        }
        assert len(small._known.rows) == len({word for words in PASSAGES for word in words})
        alone = small.encode(PASSAGES[:1]).states[:, 0]
        assert alone == pytest.approx(right[0], abs=1e-6)


def test_several_threads_may_read(encoder, monkeypatch) -> None:
    monkeypatch.setattr(network, "_KEPT", 20)
    shared = Encoder(encoder.members)
    texts = [[[f"word{n}x{m}" for m in range(9)]] for n in range(24)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(shared.encode, texts * 4))
    for text, encoded in zip(texts * 4, found, strict=True):
        assert encoded.states == pytest.approx(encoder.encode(text).states, abs=1e-6)


def test_passages_still_going() -> None:
    assert still_going(np.array([4, 4, 2, 1])) == [4, 3, 2, 2]
    assert still_going(np.array([1])) == [1]


def test_products_stay_small_enough_for_one_thread(encoder) -> None:
    hidden, wide = encoder.members[0].recurrent.shape[1:]
    assert encoder.together >= 1
    assert encoder.together * hidden * wide < 2**19
