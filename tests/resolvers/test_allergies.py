"""Answers about allergies: statements among the items, statements that the note does not make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.cascade import resolve
from clinie.models import Completion
from clinie.prompts import Window
from clinie.tasks import load

NKDA = "PMH: gout. NKDA."
LISTED = "Allergies: penicillin (hives), latex. Takes aspirin."
BOTH = "Allergies: NKDA. Later: penicillin (rash), latex (itching)."


def ask(note: str, answer: str):
    return resolve(load("allergies"), Window(note), Completion(answer))


def items(found):
    return [
        (item.text, item.attributes["assertion"], [part.text for part in item.parts])
        for item in found.items
    ]


def codes(found):
    return [finding.code for finding in found.findings if finding.severity != "info"]


def stated(found):
    return [(statement.name, statement.value) for statement in found.labels]


TRUE = [("no_known_allergies", "true")]


@pytest.mark.parametrize(
    "answer",
    [
        '{"items": [{"text": "penicillin", "assertion": "present", "reaction": ["hives"]}, {"text": "latex"}]}',
        '- "penicillin" (present); reaction: "hives"\n- "latex" (present)',
        'penicillin" (present); reaction: "hives"\n- "latex" (present)\n',
        'Allergies: <allergen assertion="present">penicillin</allergen> (<reaction>hives</reaction>), <allergen>latex</allergen>. Takes aspirin.',
        "| Allergen | Reaction |\n|---|---|\n| penicillin | hives |\n| latex | |",
        "Allergen: penicillin\nReaction: hives\n\nAllergen: latex",
    ],
)
def test_the_three_grammars_say_the_same(answer):
    found = ask(LISTED, answer)
    assert items(found) == [("penicillin", "present", ["hives"]), ("latex", "present", [])]
    assert codes(found) == []
    assert stated(found) == []


@pytest.mark.parametrize(
    "answer",
    [
        '{"items": [], "no_known_allergies": true}',
        '{"items": ["NKDA"]}',
        '{"items": [{"text": "NKDA", "assertion": "present", "start": 11}]}',
        '{"items": [{"text": "No known drug allergies", "assertion": "absent"}]}',
        '{"items": [{"text": "drug allergies", "assertion": "absent"}]}',
        '{"items": [{"text": "None"}]}',
        '{"nkda": "yes"}',
        '- "NKDA"',
        'NKDA" (present)\n',
        "- no_known_allergies: true",
        "no_known_allergies: true",
        "No known drug allergies.",
        "- None",
        "None",
        'none"',
        "Allergies: none",
        "- No known allergies",
        "<allergen>NKDA</allergen>",
        '- "known allergies" (absent)',
    ],
)
def test_no_known_allergies_in_many_words_is_the_statement(answer):
    found = ask(NKDA, answer)
    assert stated(found) == TRUE
    assert found.items == ()
    assert codes(found) == []


@pytest.mark.parametrize(
    "answer",
    ['{"items": []}', '{"no_known_allergies": false, "items": []}', "no_known_allergies: false"],
)
def test_an_empty_list_states_nothing(answer):
    found = ask(NKDA, answer)
    assert stated(found) == []
    assert found.items == ()


@pytest.mark.parametrize("answer", ['{"no_known_allergies": true}', "- NKDA", "None"])
@pytest.mark.parametrize("note", [LISTED, "Takes aspirin.", "Mother: no known drug allergies."])
def test_a_statement_without_words_in_the_note_is_dropped(note, answer):
    found = ask(note, answer)
    assert stated(found) == []
    assert "unsupported_statement" in codes(found)


def test_a_statement_with_words_in_the_note_is_kept():
    found = ask(NKDA, '{"no_known_allergies": true}')
    assert stated(found) == TRUE
    assert codes(found) == []


def test_a_drug_beside_the_statement_is_a_contradiction():
    found = ask(
        BOTH, '- "penicillin" (present); reaction: "rash"\n- "latex"\nno_known_allergies: true'
    )
    assert stated(found) == TRUE
    assert [item.text for item in found.items] == ["penicillin", "latex"]
    flagged = [f for f in found.findings if f.code == "allergy_contradiction"]
    assert [(f.item, f.severity) for f in flagged] == [
        ("penicillin", "flag"),
        ("no_known_allergies", "flag"),
    ]
    assert [BOTH[f.start : f.end] for f in flagged] == ["penicillin", "NKDA"]


@pytest.mark.parametrize(
    "answer",
    [
        '- "latex"\nno_known_allergies: true',
        '- "penicillin" (absent)\nno_known_allergies: true',
        '- "penicillin" (family)\nno_known_allergies: true',
        '- "penicillin"',
    ],
)
def test_what_is_no_contradiction(answer):
    assert "allergy_contradiction" not in codes(ask(BOTH, answer))


def test_the_statement_counts_once():
    found = ask(NKDA, '{"items": ["NKDA", "no known allergies"], "no_known_allergies": true}')
    assert stated(found) == TRUE


@pytest.mark.parametrize(
    "said",
    [
        "penicillin allergy",
        "allergy to penicillin",
        "penicillin-allergic",
        "Allergic to penicillin",
    ],
)
def test_words_of_allergy_are_no_part_of_the_substance(said):
    found = ask("Known penicillin allergy.", f'- "{said}"')
    assert items(found) == [("penicillin", "present", [])]
    assert codes(found) == []


def test_a_stated_offset_moves_with_the_words():
    note = "Penicillin is given. She has an allergy to penicillin."
    answer = f'{{"items": [{{"text": "allergy to penicillin", "start": {note.index("allergy")}}}]}}'
    found = ask(note, answer)
    assert [note[a:b] for item in found.items for a, b in item.spans] == ["penicillin"]
    assert found.items[0].spans[0][0] == note.rindex("penicillin")
    assert found.findings == ()


@pytest.mark.parametrize("said", ["seasonal allergies", "multiple drug allergies", "allergy"])
def test_an_allergy_without_a_substance_is_dropped(said):
    note = f"She has {said}. Also allergic to latex."
    found = ask(note, f'- "{said}" (present)\n- "latex" (present)')
    assert items(found) == [("latex", "present", [])]
    assert codes(found) == ["names_nothing"]


def test_a_reaction_that_the_note_denies_to_have_is_not_invented():
    found = ask(LISTED, '- "penicillin"; reaction: "anaphylaxis"')
    assert items(found) == [("penicillin", "present", [])]
    assert codes(found) == ["ungrounded"]


@pytest.mark.parametrize("said", ["unknown", "allergy", "Unknown reaction", "intolerance"])
def test_what_is_no_reaction_is_dropped(said):
    note = f"Allergies: penicillin ({said}), latex (rash)."
    found = ask(note, f'- "penicillin"; reaction: "{said}"\n- "latex"; reaction: "rash"')
    assert items(found) == [("penicillin", "present", []), ("latex", "present", ["rash"])]
    assert codes(found) == ["names_nothing"]


PIECES = [
    "NKDA", "none", "penicillin allergy", '- "', '"', "\n", "(absent)", "; reaction: ", '{"items": [', "]}",
    '{"text": "latex"}', '"no_known_allergies": true', "<allergen>", "</allergen>", "no_known_allergies",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=10).map("".join))
def test_any_answer_resolves(answer):
    found = ask(BOTH, answer)
    assert "resolver_error" not in [finding.code for finding in found.findings]
    for item in found.items:
        assert all(0 <= a < b <= len(BOTH) for a, b in item.spans)
    assert len(found.labels) <= 1
