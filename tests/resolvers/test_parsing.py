"""Answers as models write them, read into items."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.resolvers.items import Answer, Question, State
from clinie.resolvers.labels import map_labels
from clinie.resolvers.parsing import parse
from clinie.schema import DocumentLabelSpec, LabelSpec, RelationSpec, TaskSchema

PARTS = ("dosage", "route", "frequency", "duration", "reason")
MEDICATIONS = TaskSchema(
    (
        LabelSpec("medication", "", {"status": ("neither", "active", "discontinued")}),
        *(LabelSpec(name) for name in PARTS),
    ),
    tuple(RelationSpec(name, "medication", name) for name in PARTS),
)
_CLOSED = {
    "assertion": ("present", "absent", "possible", "conditional", "hypothetical", "family"),
    "temporality": ("current", "historical"),
    "relative": (),
}
CONDITIONS = TaskSchema(tuple(LabelSpec(n, "", _CLOSED) for n in ("problem", "test", "procedure")))
ALLERGIES = TaskSchema(
    (
        LabelSpec("allergen", "", {"assertion": ("present", "absent")}),
        LabelSpec("reaction"),
    ),
    (RelationSpec("reaction", "allergen", "reaction"),),
    (DocumentLabelSpec("no_known_allergies", values=("true",)),),
)
MEASUREMENTS = TaskSchema(
    tuple(LabelSpec(name) for name in ("measurement", "value", "unit", "date")),
    tuple(RelationSpec(name, "measurement", name) for name in ("value", "unit", "date")),
)
PICO = TaskSchema(
    tuple(LabelSpec(n) for n in ("participants", "intervention", "comparator", "outcome")),
    document_labels=(DocumentLabelSpec("arm", span="intervention"),),
)


def run(text: str, schema: TaskSchema, *, note: str = "A note.", truncated: bool = False) -> State:
    state = State(Question(note, schema), Answer(text, truncated))
    parse(state)
    map_labels(state)
    return state


def show(state: State) -> list[str]:
    """One line per item: ``Lasix/medication active dosage=40 mg``; defaults are left out."""
    lines = []
    for item in state.items:
        spec = state.question.schema.label(item.label or "")
        assert spec is not None
        defaults = [values[0] for values in spec.attributes.values() if values]
        said = [v for v in item.attributes.values() if v and v not in defaults]
        parts = [f"{part.relation}={part.text}" for part in item.parts]
        main = item.label == state.question.schema.labels[0].name
        lines.append(" ".join([item.text if main else f"{item.text}/{item.label}", *said, *parts]))
    return lines


def codes(state: State, *severities: str) -> list[str]:
    return [f.code for f in state.findings if not severities or f.severity in severities]


LASIX = ["Lasix active dosage=40 mg route=IV"]
BOTH = ["Lasix active dosage=40 mg", "Coumadin discontinued"]

MEDICATION_ANSWERS = {
    # bullets, canonical and near it
    "canonical": ('- "Lasix" (active); dosage: "40 mg"; route: "IV"', LASIX),
    "two bullets": ('- "Lasix" (active); dosage: "40 mg"\n- "Coumadin" (discontinued)', BOTH),
    "primed": ('- "Lasix" (active); dosage: "40 mg"\n- "Coumadin" (discontinued)\n', BOTH),
    "prefix not echoed": ('Lasix" (active); dosage: "40 mg"\n- "Coumadin" (discontinued)', BOTH),
    "stars": ('* "Lasix" (active); dosage: "40 mg"\n* "Coumadin" (discontinued)', BOTH),
    "dots": ("• Lasix (active); dosage: 40 mg\n• Coumadin (discontinued)", BOTH),
    "numbers": ("1. Lasix (active); dosage: 40 mg\n2. Coumadin (discontinued)", BOTH),
    "numbers with brackets": ("1) Lasix (active); dosage: 40 mg\n2) Coumadin (discontinued)", BOTH),
    "numbers in brackets": ("(1) Lasix (active), dosage: 40 mg\n(2) Coumadin (stopped)", BOTH),
    "letters": ("a) Lasix (active); dosage: 40 mg\nb) Coumadin (discontinued)", BOTH),
    "no blank after the dash": ('-"Lasix" (active); dosage: "40 mg"', BOTH[:1]),
    "dash glued to a word": ("-Lasix (active); dosage: 40 mg", BOTH[:1]),
    "en dash bullet": ("– Lasix (active); dosage: 40 mg", BOTH[:1]),
    "check boxes": (
        "- [x] Lasix (active)\n- [ ] Coumadin (discontinued)",
        ["Lasix active", "Coumadin discontinued"],
    ),
    "quoted lines": ('"Lasix" (active); dosage: "40 mg"\n"Coumadin" (discontinued)', BOTH),
    "crlf": ('- "Lasix" (active); dosage: "40 mg"\r\n- "Coumadin" (discontinued)\r\n', BOTH),
    "blank lines between": ("- Lasix (active); dosage: 40 mg\n\n\n- Coumadin (stopped)", BOTH),
    "indented all alike": ("   - Lasix (active); dosage: 40 mg\n   - Coumadin (stopped)", BOTH),
    "smart quotes": ("- “Lasix” (active); dosage: “40 mg”; route: “IV”", LASIX),
    "single quotes": ("- 'Lasix' (active); dosage: '40 mg'; route: 'IV'", LASIX),
    "guillemets": ("- «Lasix» (active); dosage: «40 mg»; route: «IV»", LASIX),
    "back ticks": ("- `Lasix` (active); dosage: `40 mg`; route: `IV`", LASIX),
    "bold head": ("- **Lasix** (active); dosage: 40 mg; route: IV", LASIX),
    "bold keys": ("- **Lasix** (active); **dosage:** 40 mg; **route**: IV", LASIX),
    "commas for semicolons": ('- "Lasix" (active), dosage: "40 mg", route: "IV"', LASIX),
    "commas without quotes": ("- Lasix (active), dosage: 40 mg, route: IV", LASIX),
    "bars": ("- Lasix | active | dosage: 40 mg | route: IV", LASIX),
    "dashes between fields": ("- Lasix (active) - dosage: 40 mg - route: IV", LASIX),
    "equals signs": ("- Lasix (active); dosage=40 mg; route=IV", LASIX),
    "status as a field": ("- Lasix; status: active; dosage: 40 mg; route: IV", LASIX),
    "status last": (
        "- Lasix; dosage: 40 mg; route: IV (active)",
        ["Lasix dosage=40 mg route=IV (active)"],
    ),
    "status after a colon": ("- Lasix: active; dosage: 40 mg; route: IV", LASIX),
    "status after a dash": ("- Lasix - active; dosage: 40 mg; route: IV", LASIX),
    "status after a long dash": ("- Lasix — active; dosage: 40 mg; route: IV", LASIX),
    "status after an arrow": ("- Lasix -> active; dosage: 40 mg; route: IV", LASIX),
    "status in square brackets": ("- Lasix [active]; dosage: 40 mg; route: IV", LASIX),
    "all in parentheses": ("- Lasix (active, dosage: 40 mg, route: IV)", LASIX),
    "head as a field": ("- medication: Lasix; status: active; dosage: 40 mg; route: IV", LASIX),
    "name as a field": ("- Name: Lasix, Status: Active, Dosage: 40 mg, Route: IV", LASIX),
    "drug as a field": ('- Drug: "Lasix"; Status: "Active"; Dose: "40 mg"; Route: "IV"', LASIX),
    "upper case": ("- LASIX (ACTIVE); DOSAGE: 40 MG", ["LASIX active dosage=40 MG"]),
    "synonyms": (
        "- Lasix (currently taking); strength: 40 mg; freq: BID; indication: edema",
        ["Lasix active dosage=40 mg frequency=BID reason=edema"],
    ),
    "none values": ('- "Lasix" (active); dosage: "40 mg"; route: none; duration: "N/A"', BOTH[:1]),
    "not specified": ("- Lasix (active); dosage: 40 mg; route: not specified", BOTH[:1]),
    "dash as none": ("- Lasix (active); dosage: 40 mg; route: -", BOTH[:1]),
    "several values": (
        '- "prednisone" (active); dosage: "40 mg", "20 mg"',
        ["prednisone active dosage=40 mg dosage=20 mg"],
    ),
    "several values with and": (
        '- "prednisone"; dosage: "40 mg" and "20 mg"; route: "PO"',
        ["prednisone dosage=40 mg dosage=20 mg route=PO"],
    ),
    "listed values": (
        '- "prednisone"; dosage: ["40 mg", "20 mg"]',
        ["prednisone dosage=40 mg dosage=20 mg"],
    ),
    "repeated key": (
        "- prednisone; dosage: 40 mg; dosage: 20 mg",
        ["prednisone dosage=40 mg dosage=20 mg"],
    ),
    "quotes within quotes": ('- "the "water pill"" (active)', ['the "water pill" active']),
    "escaped quotes": ('- "the \\"water pill\\"" (active)', ['the "water pill" active']),
    "apostrophe": ("- St. John's wort (active)", ["St. John's wort active"]),
    "apostrophe in single quotes": ("- 'St. John's wort' (active)", ["St. John's wort active"]),
    "semicolon within quotes": ('- "aspirin; buffered" (active)', ["aspirin; buffered active"]),
    "colon within quotes": ('- "insulin: long acting" (active)', ["insulin: long acting active"]),
    "bracket within quotes": ('- "Lasix (furosemide)" (active)', ["Lasix (furosemide) active"]),
    "comma in a dose": ('- "heparin"; dosage: "5,000 units"', ["heparin dosage=5,000 units"]),
    "comma in a reason": (
        "- Lasix; reason: edema, dyspnea; route: IV",
        ["Lasix reason=edema, dyspnea route=IV"],
    ),
    "slash in a head": ("- amoxicillin/clavulanate (active)", ["amoxicillin/clavulanate active"]),
    "unknown value": ("- Lasix (purple)", ["Lasix"]),
    "nested fields": ("- Lasix\n  - status: active\n  - dosage: 40 mg\n  - route: IV", LASIX),
    "fields as bullets of their own": (
        "- Lasix\n- status: active\n- dosage: 40 mg\n- Coumadin\n- status: discontinued",
        BOTH,
    ),
    "table": (
        (
            "| # | Medication | Status | Dosage |\n|---|---|---|---|\n| 1 | Lasix | active | 40 mg |\n"
            "| 2 | Coumadin | discontinued | |"
        ),
        BOTH,
    ),
    "aligned table": (
        "Here:\n\n| Drug | Status |\n| :--- | ---: |\n| **Lasix** | active |\n\nDone.",
        ["Lasix active"],
    ),
    "nested with tabs": ("- Lasix\n\t- status: active\n\t- dosage: 40 mg\n\t- route: IV", LASIX),
    "nested stars": (
        "* **Lasix**\n    * **Status:** Active\n    * **Dosage:** 40 mg",
        ["Lasix active dosage=40 mg"],
    ),
    "nested under numbers": (
        (
            "1. **Lasix**\n   - Dosage: 40 mg\n   - Status: active\n2. Coumadin\n"
            "   - Status: discontinued"
        ),
        BOTH,
    ),
    "nested with none": ("- Lasix (active)\n  - dosage: 40 mg\n  - reason: none", BOTH[:1]),
    "lines under numbers": (
        "1. Lasix\n   Status: active\n   Dosage: 40 mg\n2. Coumadin\n   Status: discontinued",
        BOTH,
    ),
    "blocks": (
        (
            "Medication: Lasix\nDosage: 40 mg\nStatus: active\n\nMedication: Coumadin\n"
            "Status: discontinued"
        ),
        BOTH,
    ),
    "heading": ("Medications:\n- Lasix (active); dosage: 40 mg\n- Coumadin (stopped)", BOTH),
    "markdown heading": (
        "## Medications\n\n- Lasix (active); dosage: 40 mg\n- Coumadin (stopped)",
        BOTH,
    ),
    "bold heading": (
        "**Medications:**\n- Lasix (active); dosage: 40 mg\n- Coumadin (stopped)",
        BOTH,
    ),
    "inline list": ("Medications: Lasix, Coumadin, aspirin", ["Lasix", "Coumadin", "aspirin"]),
    "lead in": ("Here are the medications mentioned:\n\n- Lasix (active); dosage: 40 mg", BOTH[:1]),
    "trailing prose": (
        "- Lasix (active); dosage: 40 mg\n\nLet me know if you need more.",
        BOTH[:1],
    ),
    "answer label": ("Answer:\n- Lasix (active); dosage: 40 mg", BOTH[:1]),
    "next note": (
        '- "Lasix" (active); dosage: "40 mg"\n\nNote:\nOther man.\n- "aspirin"',
        BOTH[:1],
    ),
    "next input": ("- Lasix (active); dosage: 40 mg\nInput: other\n- aspirin (active)", BOTH[:1]),
    "special token": ("- Lasix (active); dosage: 40 mg\n<|end|>\n- aspirin", BOTH[:1]),
    "rule": ("- Lasix (active); dosage: 40 mg\n---\nAnother patient.", BOTH[:1]),
    "none": ("none", []),
    "none bullet": ("- None", []),
    "quoted none": ('- "none"', []),
    "none with a stop": ("None.", []),
    "no medications": ("No medications mentioned.", []),
    "no medications in the note": ("There are no medications mentioned in this note.", []),
    "none then items": ("- none\n- aspirin (active)", []),
    "items then none": ("- Lasix (active); dosage: 40 mg\n- none", BOTH[:1]),
    "fenced bullets": ("```\n- Lasix (active); dosage: 40 mg\n```", BOTH[:1]),
    "reasoning": ("<think>- aspirin maybe</think>\n- Lasix (active); dosage: 40 mg", BOTH[:1]),
    "emoji bullet text": ("- Lasix 💊 (active)", ["Lasix 💊 active"]),
    "accents": ('- "lévothyroxine" (active)', ["lévothyroxine active"]),
    # JSON
    "json": (
        '{"items": [{"text": "Lasix", "status": "active", "dosage": "40 mg", "route": "IV"}]}',
        LASIX,
    ),
    "json objects for parts": (
        (
            '{"items": [{"text": "Lasix", "status": "active", "dosage": '
            '[{"text": "40 mg", "start": 6}], "route": {"text": "IV"}}]}'
        ),
        LASIX,
    ),
    "json labels": (
        (
            '{"items": [{"text": "Lasix", "label": "medication", "status": "active", '
            '"dosage": "40 mg", "route": "IV"}]}'
        ),
        LASIX,
    ),
    "bare list": (
        '[{"text": "Lasix", "status": "active", "dosage": "40 mg", "route": "IV"}]',
        LASIX,
    ),
    "list of strings": ('["Lasix", "Coumadin"]', ["Lasix", "Coumadin"]),
    "keyed by label": (
        '{"medications": [{"name": "Lasix", "status": "active", "dose": "40 mg", "route": "IV"}]}',
        LASIX,
    ),
    "keyed by anything": (
        '{"drugs_found": [{"drug": "Lasix", "status": "active"}]}',
        ["Lasix active"],
    ),
    "label as head": (
        '[{"medication": "Lasix", "status": "active", "dosage": "40 mg", "route": "IV"}]',
        LASIX,
    ),
    "keyed by mention": (
        '{"Lasix": {"status": "active", "dosage": "40 mg", "route": "IV"}}',
        LASIX,
    ),
    "one object": (
        '{"text": "Lasix", "status": "active", "dosage": "40 mg", "route": "IV"}',
        LASIX,
    ),
    "json lines": (
        (
            '{"text": "Lasix", "status": "active", "dosage": "40 mg"}\n'
            '{"text": "Coumadin", "status": "discontinued"}'
        ),
        BOTH,
    ),
    "fenced json": (
        '```json\n{"items": [{"text": "Lasix", "status": "active"}]}\n```',
        ["Lasix active"],
    ),
    "fence without a name": ('```\n[{"text": "Lasix"}]\n```', ["Lasix"]),
    "prose around json": (
        'Sure! Here it is:\n{"items": [{"text": "Lasix"}]}\nAnything else?',
        ["Lasix"],
    ),
    "json after a colon": ('The answer is: {"items": [{"text": "Lasix"}]}', ["Lasix"]),
    "json in a tag": ('<answer>{"items": [{"text": "Lasix"}]}</answer>', ["Lasix"]),
    "langextract form": (
        (
            '{"extractions": [{"extraction_class": "medication", "extraction_text": '
            '"Lasix", "attributes": {"status": "active", "dosage": "40 mg"}}]}'
        ),
        BOTH[:1],
    ),
    "nested attributes": (
        (
            '[{"text": "Lasix", "attributes": {"status": "active"}, "relations": '
            '{"dosage": "40 mg", "route": "IV"}}]'
        ),
        LASIX,
    ),
    "null fields": (
        '[{"text": "Lasix", "status": "active", "dosage": null, "route": ""}]',
        ["Lasix active"],
    ),
    "empty list": ('{"items": []}', []),
    "empty object": ("{}", []),
    "bare empty list": ("[]", []),
    "list of none": ('{"items": ["none"]}', []),
    "number as dose": ('[{"text": "Lasix", "dosage": 40}]', ["Lasix dosage=40"]),
    "unicode escapes": ('[{"text": "l\\u00e9vothyroxine"}]', ["lévothyroxine"]),
    "trailing commas": ('{"items": [{"text": "Lasix", "status": "active",},]}', ["Lasix active"]),
    "single quoted json": ("{'items': [{'text': 'Lasix', 'status': 'active'}]}", ["Lasix active"]),
    "python literals": (
        "[{'text': 'Lasix', 'dosage': None, 'status': 'active'}]",
        ["Lasix active"],
    ),
    "apostrophe in single quoted json": ("[{'text': 'St. John's wort'}]", ["St. John's wort"]),
    "quotes inside json": (
        '[{"text": "the "water pill"", "status": "active"}]',
        ['the "water pill" active'],
    ),
    "smart quoted json": ("{“items”: [{“text”: “Lasix”}]}", ["Lasix"]),
    "bare keys": ("{items: [{text: Lasix, status: active}]}", ["Lasix active"]),
    "missing comma": ('[{"text": "Lasix"} {"text": "Coumadin"}]', ["Lasix", "Coumadin"]),
    "comments": (
        '[{"text": "Lasix"}, // the water pill\n{"text": "Coumadin"}]',
        ["Lasix", "Coumadin"],
    ),
    "unclosed array": ('{"items": [{"text": "Lasix"}, {"text": "Coumadin"}', ["Lasix", "Coumadin"]),
    "cut in an object": ('{"items": [{"text": "Lasix"}, {"text": "Coumadin", "dosa', ["Lasix"]),
    "cut in a string": ('{"items": ["Lasix", "Couma', ["Lasix"]),
    "cut after a colon": ('{"items": [{"text": "Lasix"}, {"text": ', ["Lasix"]),
    "cut in a part": (
        '{"items": [{"text": "Lasix"}, {"text": "Coumadin", "dosage": ["5 mg", ',
        ["Lasix"],
    ),
    # tagged text
    "tags": (
        (
            '<medication status="active">Lasix</medication> <dosage>40 mg</dosage> '
            "<route>IV</route> given."
        ),
        LASIX,
    ),
    "tags over two sentences": (
        (
            '<medication status="active">Lasix</medication> <dosage>40 mg'
            '</dosage>. <medication status="discontinued">Coumadin'
            "</medication> held."
        ),
        BOTH,
    ),
    "part before its head": (
        "Gave <dosage>40 mg</dosage> of <medication>Lasix</medication>.",
        ["Lasix dosage=40 mg"],
    ),
    "span classes": (
        '<span class="medication">Lasix</span> <span class="dosage">40 mg</span>',
        ["Lasix dosage=40 mg"],
    ),
    "entity types": ('<entity type="medication">Lasix</entity> given', ["Lasix"]),
    "single quoted attributes": (
        "<medication status='active'>Lasix</medication>",
        ["Lasix active"],
    ),
    "relations as attributes": (
        '<medication status="active" dosage="40 mg" route="IV">Lasix</medication>',
        LASIX,
    ),
    "links": ("[Lasix](medication) [40 mg](dosage) given", ["Lasix dosage=40 mg"]),
    "upper case tags": ("<MEDICATION>Lasix</MEDICATION>", ["Lasix"]),
    "tag synonyms": ("<drug>Lasix</drug> <dose>40 mg</dose>", ["Lasix dosage=40 mg"]),
    "entities": ("<medication>A&amp;D ointment</medication> if &lt;5", ["A&D ointment"]),
    "less than in the text": ("BP <90, <medication>Lasix</medication> held", ["Lasix"]),
    "list of tags": (
        "<medication>Lasix</medication>\n<medication>Coumadin</medication>",
        ["Lasix", "Coumadin"],
    ),
}


@pytest.mark.parametrize("name", MEDICATION_ANSWERS)
def test_medication_answer(name: str) -> None:
    answer, expected = MEDICATION_ANSWERS[name]
    assert show(run(answer, MEDICATIONS)) == expected


FEVER = ["fever absent"]
CONDITION_ANSWERS = {
    "canonical": (
        '- "fever" (problem, absent, current)\n- "ECG" (test, present, current)',
        ["fever absent", "ECG/test"],
    ),
    "relative": (
        '- "stroke" (problem, family, historical); relative: "Father"',
        ["stroke family historical Father"],
    ),
    "relative in the brackets": (
        "- stroke (problem, family, historical, father)",
        ["stroke family historical father"],
    ),
    "label first": ("- problem: fever (absent)", FEVER),
    "label in brackets first": ("- [problem] fever (absent)", ["[problem] fever absent"]),
    "several brackets": ("- fever (problem) (absent)", FEVER),
    "bars": ("- fever | problem | absent | current", FEVER),
    "fields": ("- fever; label: problem; assertion: absent; temporality: current", FEVER),
    "negated": ("- fever (problem, negated)", FEVER),
    "not present": ("- fever (not present)", FEVER),
    "ruled out": ("- MI (problem, ruled out)", ["MI absent"]),
    "suspected": ("- MI (suspected)", ["MI possible"]),
    "past": ("- MI (problem, present, past)", ["MI historical"]),
    "order of values": ("- fever (current, absent, problem)", FEVER),
    "headings": (
        "Problems:\n- fever (absent)\nTests:\n- ECG\nProcedures:\n- CABG (historical)",
        ["fever absent", "ECG/test", "CABG/procedure historical"],
    ),
    "headings with none": (
        "Problems:\n- fever (absent)\nTests:\n- none\nProcedures:\n- CABG",
        ["fever absent", "CABG/procedure"],
    ),
    "nested under headings": (
        "- Problems:\n  - fever (absent)\n- Tests:\n  - ECG",
        ["fever absent", "ECG/test"],
    ),
    "inline headings": (
        "Problems: fever, cough\nTests: ECG, CT",
        ["fever", "cough", "ECG/test", "CT/test"],
    ),
    "json by label": (
        '{"problem": [{"text": "fever", "assertion": "absent"}], "test": ["ECG"]}',
        ["fever absent", "ECG/test"],
    ),
    "json plural labels": (
        '{"problems": ["fever"], "tests": [], "procedures": ["CABG"]}',
        ["fever", "CABG/procedure"],
    ),
    "json label fields": (
        '[{"text": "ECG", "label": "test"}, {"text": "fever", "type": "Problem", "negated": true}]',
        ["ECG/test", "fever absent"],
    ),
    "json negated false": ('[{"text": "fever", "negated": false}]', ["fever"]),
    "json label as head": (
        '[{"problem": "fever", "assertion": "absent"}, {"test": "ECG"}]',
        ["fever absent", "ECG/test"],
    ),
    "diagnosis": ('{"diagnoses": ["gout"], "labs": ["CBC"]}', ["gout", "CBC/test"]),
    "unknown label": ('[{"text": "plumber", "label": "occupation"}]', []),
    "unknown group": ('{"problems": ["gout"], "occupations": ["plumber"]}', ["gout"]),
    "tags": (
        'No <problem assertion="absent">fever</problem>, <test>ECG</test> done.',
        ["fever absent", "ECG/test"],
    ),
    "link with a value": ("No [fever](problem, absent) today", ["fever absent"]),
    "no findings": ("No problems, tests or procedures found.", []),
    "no such finding is an item": (
        "- no fracture identified (problem)",
        ["no fracture identified"],
    ),
    "comma inside a head": ("- pain, left knee (problem, present)", ["pain, left knee"]),
    "brackets inside a head": (
        "- COPD (chronic) with cough (problem)",
        ["COPD (chronic) with cough"],
    ),
}


@pytest.mark.parametrize("name", CONDITION_ANSWERS)
def test_condition_answer(name: str) -> None:
    answer, expected = CONDITION_ANSWERS[name]
    assert show(run(answer, CONDITIONS)) == expected


OTHER_ANSWERS = {
    "reaction": ("- penicillin (present); reaction: rash", ALLERGIES, ["penicillin reaction=rash"]),
    "allergy json": (
        '{"allergies": [{"substance": "latex", "reaction": ["hives", "itch"]}]}',
        ALLERGIES,
        ["latex reaction=hives reaction=itch"],
    ),
    "value fields": (
        '[{"measurement": "Hgb", "value": "9.1", "unit": "g/dL"}]',
        MEASUREMENTS,
        ["Hgb value=9.1 unit=g/dL"],
    ),
    "value bullets": (
        "- Hgb; value: 9.1; unit: g/dL; date: 3/4",
        MEASUREMENTS,
        ["Hgb value=9.1 unit=g/dL date=3/4"],
    ),
    "pico groups": (
        '{"participants": ["adults"], "comparator": ["placebo"]}',
        PICO,
        ["adults", "placebo/comparator"],
    ),
    "orphan part": ('{"items": [{"dosage": "40 mg"}]}', MEDICATIONS, ["40 mg/dosage"]),
}


@pytest.mark.parametrize("name", OTHER_ANSWERS)
def test_other_task_answer(name: str) -> None:
    answer, schema, expected = OTHER_ANSWERS[name]
    assert show(run(answer, schema)) == expected


@pytest.mark.parametrize(
    ("answer", "schema", "labels"),
    [
        ('{"items": [], "no_known_allergies": true}', ALLERGIES, [("no_known_allergies", "true")]),
        ('{"items": [], "no_known_allergies": false}', ALLERGIES, []),
        ("- No known allergies", ALLERGIES, [("no_known_allergies", "true")]),
        ("no_known_allergies: yes", ALLERGIES, [("no_known_allergies", "true")]),
        ("no_known_allergies: no", ALLERGIES, []),
        ('{"arm": ["drug", "placebo"]}', PICO, [("arm", "drug"), ("arm", "placebo")]),
        ("- arm: placebo", PICO, [("arm", "placebo")]),
    ],
)
def test_document_labels(answer: str, schema: TaskSchema, labels: list[tuple[str, str]]) -> None:
    assert [(s.name, s.value) for s in run(answer, schema).labels] == labels


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"items": [{"text": "Lasix", "status": "active"}]}', []),
        ('{"items": []}', []),
        ("none", []),
        ("- Lasix (active)", []),
        ('<medication status="active">Lasix</medication>', []),
        ('{"items": [{"text": "Lasix",}]}', [("repaired_json", "info")]),
        ('{"items": [{"text": "Lasix"}', [("truncated", "flag")]),
        ('{"items": ["Lasix", "Cou', [("truncated", "reject"), ("truncated", "flag")]),
        ('- Lasix (active)\n- "Couma', [("truncated", "reject"), ("truncated", "flag")]),
        ("Well, the patient seems to be doing fine today.", [("malformed", "reject")]),
        ("42", [("malformed", "reject")]),
        ("...", [("malformed", "reject")]),
        ('{"items": [42]}', [("malformed", "reject")]),
        ("Here you go:\n- Lasix (active)", [("chatter", "info")]),
        ('{"items": ["Lasix"]} Hope this helps!', [("chatter", "info")]),
        ("- none\n- aspirin", [("chatter", "info")]),
        ("- Lasix (purple)", [("outside_label_set", "flag")]),
        ('[{"text": "Lasix", "colour": "white"}]', [("outside_label_set", "info")]),
        ("[" * 5000, [("malformed", "reject")]),
        ("<think>endless", [("malformed", "reject")]),
    ],
)
def test_findings(answer: str, expected: list[tuple[str, str]]) -> None:
    findings = [(f.code, f.severity) for f in run(answer, MEDICATIONS).findings]
    assert findings == expected


def test_cut_off_bullets_lose_only_the_half_written_one() -> None:
    text = '- "Lasix" (active)\n- "Coumadin" (discontinued); dosage: "2.5'
    state = run(text, MEDICATIONS, truncated=True)
    assert show(state) == ["Lasix active"]
    assert [(f.code, f.item) for f in state.findings if f.severity == "reject"] == [
        ("truncated", "Coumadin")
    ]


def test_cut_off_after_a_whole_line_loses_nothing() -> None:
    state = run('- "Lasix" (active)\n', MEDICATIONS, truncated=True)
    assert show(state) == ["Lasix active"]
    assert codes(state) == ["truncated"]


def test_start_and_confidence_are_read_with_care() -> None:
    fields = [
        ({"start": 3, "confidence": 0.5}, (3, 0.5)),
        ({"start": "3", "confidence": "97%"}, (3, 0.97)),
        ({"start": -1, "confidence": 7}, (None, None)),
        ({"start": True, "confidence": True}, (None, None)),
        ({"start": 1.5, "confidence": "high"}, (None, None)),
        ({"start": 10**4000, "confidence": float("nan")}, (None, None)),
        ({"start": None, "confidence": float("inf")}, (None, None)),
    ]
    for given_fields, expected in fields:
        (item,) = run(json.dumps([{"text": "Lasix", **given_fields}]), MEDICATIONS).items
        assert (item.start, item.confidence) == expected


def test_parts_keep_their_own_hints() -> None:
    (item,) = run(
        '[{"text": "Lasix", "dosage": {"text": "40 mg", "start": 6, "confidence": 0.9}}]',
        MEDICATIONS,
    ).items
    assert [(p.text, p.start, p.confidence, p.label) for p in item.parts] == [
        ("40 mg", 6, 0.9, "dosage")
    ]


@pytest.mark.parametrize(
    ("note", "starts"),
    [
        ("He took Lasix, then Lasix.", [8, 20]),
        ("He  took\nLasix, then Lasix.", [9, 21]),
        ("Seen. He took Lasix, then Lasix. Home.", [14, 26]),
        ("Something else.", [None, None]),
    ],
)
def test_tags_know_where_they_stand(note: str, starts: list[int | None]) -> None:
    answer = "He took <medication>Lasix</medication>, then <medication>Lasix</medication>."
    assert [item.start for item in run(answer, MEDICATIONS, note=note).items] == starts


def test_lone_surrogates_do_not_reach_a_record() -> None:
    state = run('[{"text": "La\\ud800six", "colour\\udfff": "x"}]', MEDICATIONS)
    for words in [*show(state), *(f.item or "" for f in state.findings)]:
        words.encode("utf-8")
    assert show(state) == ["La�six"]


FRAGMENTS = st.sampled_from(
    [
        '- "',
        "- ",
        "Lasix",
        '"',
        "'",
        "“",
        " (active)",
        "; ",
        "dosage: ",
        "40 mg",
        "\n",
        "{",
        "}",
        "[",
        "]",
        '"items": ',
        '"text": ',
        ",",
        ":",
        "<medication>",
        "</medication>",
        "<dosage ",
        ">",
        "none",
        "Input:",
        "```json\n",
        "\\",
        "\\u12",
        "\x00",
        "\ud800",
        "#",
        "//",
        "|",
        "**",
        "medication: ",
        "<think>",
        "[x](dosage)",
        "1. ",
        "\t",
        "e9999",
        "-",
        "  - ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=40).map("".join)), st.booleans())
def test_any_text_can_be_read(text: str, truncated: bool) -> None:
    for schema in (MEDICATIONS, CONDITIONS, ALLERGIES):
        state = run(text, schema, truncated=truncated)
        for item in state.items:
            item.text.encode("utf-8")
            assert schema.label(item.label or "") is not None
        if text.strip() and not state.items and not state.labels:
            assert truncated or state.findings or len(text) < 2000


VALID = [answer for answer, _ in MEDICATION_ANSWERS.values()]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.data())
def test_damaged_answers_can_be_read(answer: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(answer)))
    to = data.draw(st.integers(at, min(len(answer), at + 5)))
    patch = data.draw(st.one_of(st.just(""), FRAGMENTS, st.text(max_size=3)))
    run(answer[:at] + patch + answer[to:], MEDICATIONS, truncated=data.draw(st.booleans()))


@pytest.mark.parametrize("cut", range(0, 140, 3))
def test_json_cut_anywhere_keeps_only_whole_items(cut: int) -> None:
    whole = json.dumps(
        {
            "items": [
                {"text": name, "status": "active", "dosage": "40 mg"}
                for name in ("Lasix", "aspirin")
            ]
        }
    )
    shown = show(run(whole[:cut], MEDICATIONS, truncated=True))
    assert shown in (
        [],
        ["Lasix active dosage=40 mg"],
        ["Lasix active dosage=40 mg", "aspirin active dosage=40 mg"],
    )


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        '{"a":',
        '["',
        '"',
        "['a",
        "- ",
        '- "a" ',
        "(",
        "<medication>",
        "<",
        "<dosage ",
        " ",
        "\n",
        "a: b, ",
        "\\",
        "`",
        "- a; ",
        "a (",
        "x",
        "[x](",
        "{'a': ",
        "'",
        "“",
        ", ",
        "- [ ",
        "no ",
        "\\ud800",
        'dosage: "',
        "#\n",
        "&",
        "</medication>",
        "|",
    ],
)
def test_long_hostile_answers_are_read_in_linear_time(piece: str) -> None:
    """A quadratic step would run for hours here; the suite's own time limit would show it."""
    for start in ("", "[", '- "', '{"items": ["', "<medication>"):
        run(start + piece * (50_000 // len(piece)), MEDICATIONS)
