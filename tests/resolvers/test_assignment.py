from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers.assignment import Claims
from clinie.resolvers.index import Candidate


def place(number: int) -> Candidate:
    return Candidate(0, ((number, number + 1),), "exact")


def test_an_earlier_mention_moves_for_a_later_one():
    claims = Claims()
    assert claims.claim(0, [place(1), place(2)])
    assert claims.claim(1, [place(2), place(3)])
    assert claims.claim(2, [place(1)])
    assert {m: c.spans[0][0] for m, c in claims.held.items()} == {0: 2, 1: 3, 2: 1}


def test_a_mention_stays_without_when_nobody_can_move():
    claims = Claims()
    assert claims.claim(0, [place(1)])
    assert not claims.claim(1, [place(1)])
    assert not claims.claim(2, [])
    assert list(claims.held) == [0]


@given(st.lists(st.lists(st.integers(0, 4), max_size=3, unique=True), max_size=5))
def test_as_many_are_placed_as_any_assignment_places(wishes):
    claims = Claims()
    for mention, places in enumerate(wishes):
        claims.claim(mention, [place(p) for p in places])
    held = [claims.held[m].spans for m in claims.held]
    assert len(held) == len(set(held))
    assert all(c.spans[0][0] in wishes[m] for m, c in claims.held.items())
    best = 0
    for choice in product(*[[None, *places] for places in wishes]):
        taken = [c for c in choice if c is not None]
        if len(taken) == len(set(taken)):
            best = max(best, len(taken))
    assert len(held) == best
