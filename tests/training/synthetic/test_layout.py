from hypothesis import given
from hypothesis import strategies as st

from clinie.training.synthetic.builder import Draft, Mark
from clinie.training.synthetic.layout import apply_edits

TEXT = "take 40 mg daily"
MARK = Mark("medications@1", "dosage", 5, 10, {})


def edited(*edits):
    draft = apply_edits(Draft(TEXT, (MARK,), ()), edits)
    mark = draft.marks[0]
    return draft.text, draft.text[mark.start : mark.end]


def test_edits_before_inside_and_behind_a_mark():
    assert edited((0, 4, "TAKES"), (7, 8, ""), (10, 11, "  ")) == ("TAKES 40mg  daily", "40mg")


def test_an_edit_over_the_end_of_a_mark_is_left_out():
    assert edited((4, 7, "x")) == (TEXT, "40 mg")
    assert edited((9, 12, "x")) == (TEXT, "40 mg")


def test_insertions_at_the_ends_of_a_mark_stay_outside():
    assert edited((5, 5, "<")) == ("take <40 mg daily", "40 mg")
    assert edited((10, 10, ">")) == ("take 40 mg> daily", "40 mg")


@given(st.sets(st.integers(0, len(TEXT) - 1)), st.sampled_from(["", "\n", "--"]))
def test_what_an_edit_does_not_touch_stays_what_it_was(places, new):
    text, marked = edited(*((p, p + 1, new) for p in sorted(places)))
    assert marked == "".join(new if p in places else TEXT[p] for p in range(5, 10))
    assert text == "".join(new if p in places else c for p, c in enumerate(TEXT))
