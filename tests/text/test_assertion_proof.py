"""The promise on the negation test kit: F1 of at least 0.93 on the part nobody looked at."""

from __future__ import annotations

import pytest

from clinie.datasets import corpora
from clinie.datasets.scoring import by_value
from clinie.text.assertion import ContextReader

pytestmark = pytest.mark.proof


def test_negation_on_the_negex_test_part():
    if corpora.root() is None:
        pytest.skip("no corpora: set CLINIE_DATA")
    pairs = []
    for item in corpora.negex("test"):
        reader = ContextReader(item.document.text)
        for span in item.spans:
            said = reader.read(span.start, span.end).assertion == "absent"
            pairs.append((span.attributes["negation"] == "Negated", said))
    assert len(pairs) > 600
    assert by_value(pairs)[True].f1 >= 0.93
