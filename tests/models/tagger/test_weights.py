import pickle

import numpy as np
import pytest

from clinie.errors import ModelError
from clinie.models.tagger.tagger import Tagger
from clinie.models.tagger.weights import load, save

TENSORS = {
    "table": np.arange(6, dtype=np.int8).reshape(2, 3),
    "bias": np.array([0.5, -1.5], np.float16),
    "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
}
SAID = {"heads": {"ä": {"labels": ["a", "b"], "calibration": {"a": [[0.1], [0.2]]}}}}


def test_what_was_written_is_read(tmp_path) -> None:
    path = tmp_path / "some.safetensors"
    save(path, TENSORS, SAID)
    tensors, said = load(path)
    assert said == SAID
    assert tensors.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        assert tensors[name].dtype == array.dtype
        assert (tensors[name] == array).all()


def test_the_same_content_gives_the_same_bytes(tmp_path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    save(one, TENSORS, {"a": 1, "b": 2})
    save(other, dict(reversed(TENSORS.items())), {"b": 2, "a": 1})
    assert one.read_bytes() == other.read_bytes()


def _truncated(path) -> None:
    save(path, TENSORS, SAID)
    path.write_bytes(path.read_bytes()[:-3])


def _head_only(path) -> None:
    path.write_bytes(b"\x00\x01")


def _pickle(path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1.0] * 100}))


def _other_format(path) -> None:
    save(path, TENSORS, SAID, form="clinie.student/1")


def _folder(path) -> None:
    path.mkdir()


def _missing(path) -> None:
    pass


@pytest.mark.parametrize(
    "spoil", [_truncated, _head_only, _pickle, _other_format, _folder, _missing]
)
def test_what_cannot_be_used_is_named_in_one_line(tmp_path, spoil) -> None:
    path = tmp_path / "bad.safetensors"
    spoil(path)
    with pytest.raises(ModelError) as caught:
        load(path)
    line = str(caught.value)
    assert str(path) in line
    assert "\n" not in line


def test_a_tensor_that_is_missing_is_named(random_weights) -> None:
    tensors, said = random_weights()
    for name in ("m1.recurrent", "m0.conditions.transitions"):
        with pytest.raises(ModelError, match=name):
            Tagger({n: t for n, t in tensors.items() if n != name}, said)
    with pytest.raises(ModelError, match="heads"):
        Tagger(tensors, {"members": said["members"]})
