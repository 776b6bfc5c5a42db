"""The medication rules on sentences written for the purpose."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.tasks.medications.rules import extract


def found(text: str) -> dict[str, dict[str, Any]]:
    """Return the items by their words."""
    return {item["text"]: item for item in extract(text)}


def parts(text: str, drug: str, relation: str) -> list[str]:
    return [part["text"] for part in found(text)[drug].get(relation, [])]


STATUS = [
    ("The patient is not on a statin currently.", {"statin": "neither"}),
    ("No improvement on carbidopa, which was started in May.", {"carbidopa": "active"}),
    ("Insulin, metformin, and gliclazide.", {"Insulin": "active", "metformin": "active"}),
    ("Metformin, insulin.", {"insulin": "active"}),
    ("Do not stop aspirin.", {"aspirin": "active"}),
    ("Apixaban was not held.", {"Apixaban": "active"}),
    ("There is no need to stop warfarin.", {"warfarin": "active"}),
    ("He wants to stop the atorvastatin.", {"atorvastatin": "active"}),
    ("She would like to come off citalopram.", {"citalopram": "active"}),
    ("He has not been getting his rivastigmine.", {"rivastigmine": "neither"}),
    ("Used to be on lithium.", {"lithium": "discontinued"}),
    ("Trialled nortriptyline with no benefit.", {"nortriptyline": "discontinued"}),
    ("Prescribed cephalexin but never filled.", {"cephalexin": "neither"}),
    (
        "Continue ticagrelor but stop warfarin.",
        {"ticagrelor": "active", "warfarin": "discontinued"},
    ),
    ("On Cipro, then changed to Bactrim.", {"Cipro": "discontinued", "Bactrim": "active"}),
    ("Enalapril 5 mg -> valsartan 80 mg.", {"Enalapril": "discontinued", "valsartan": "active"}),
    ("Prednisolone 20 mg -> 10 mg daily.", {"Prednisolone": "active"}),
    (
        "Denies blood thinners (warfarin, apixaban).",
        {"blood thinners": "neither", "warfarin": "neither", "apixaban": "neither"},
    ),
    ("Avoid NSAIDs such as naproxen.", {"NSAIDs": "neither", "naproxen": "neither"}),
    ("Stopped aspirin given a GI bleed.", {"aspirin": "discontinued"}),
    ("Held lisinopril due to increased potassium.", {"lisinopril": "discontinued"}),
    ("No antibiotics given.", {"antibiotics": "neither"}),
    ("Antibiotics were never started.", {"Antibiotics": "neither"}),
    ("No changes to lisinopril.", {"lisinopril": "active"}),
    ("Metoprolol held, then restarted at 25 mg.", {"Metoprolol": "active"}),
    ("Metoprolol held, to be restarted by the GP.", {"Metoprolol": "discontinued"}),
    ("Initially held apixaban, resumed on day 2.", {"apixaban": "active"}),
    (
        "Continue ramipril, hold digoxin, stop naproxen, start edoxaban.",
        {
            "ramipril": "active",
            "digoxin": "discontinued",
            "naproxen": "discontinued",
            "edoxaban": "active",
        },
    ),
    ("On bisoprolol, d/c diltiazem.", {"bisoprolol": "active", "diltiazem": "discontinued"}),
    ("Digoxin, stopped; sotalol continued.", {"Digoxin": "discontinued", "sotalol": "active"}),
    (
        "Ticagrelor was replaced by clopidogrel.",
        {"Ticagrelor": "discontinued", "clopidogrel": "active"},
    ),
    ("Candesartan withheld (AKI).", {"Candesartan": "discontinued"}),
    ("Eplerenone paused until Friday.", {"Eplerenone": "discontinued"}),
    ("Rivaroxaban vs warfarin discussed.", {"Rivaroxaban": "neither", "warfarin": "neither"}),
    ("Capecitabine 1500 mg BID 14 days on, 7 days off.", {"Capecitabine": "active"}),
    ("He refused insulin tonight.", {"insulin": "neither"}),
    ("PRN lorazepam given for agitation.", {"lorazepam": "active"}),
    (
        "STOP taking these medications:\n  diclofenac 50 mg\n  celecoxib\nSTART:\n  esomeprazole\n",
        {"diclofenac": "discontinued", "celecoxib": "discontinued", "esomeprazole": "active"},
    ),
    (
        "HOME MEDS (held on admission):\n- losartan 50 mg\n- chlorthalidone 25 mg, restarted\n",
        {"losartan": "discontinued", "chlorthalidone": "active"},
    ),
    (
        "Medications stopped:\n- Etoricoxib 60 mg\n\nTakes ranolazine.\n",
        {"Etoricoxib": "discontinued", "ranolazine": "active"},
    ),
    ("To avoid:\n- clarithromycin\n", {"clarithromycin": "neither"}),
    (
        "Medications started and stopped:\n- mirtazapine\n",
        {"mirtazapine": "active"},
    ),
    ("Lasix 40 mg IV given.", {"Lasix": "active"}),
    ("Coumadin held.", {"Coumadin": "discontinued"}),
    ("Continue lisinopril 10 mg daily.", {"lisinopril": "active"}),
    ("She no longer takes metformin.", {"metformin": "discontinued"}),
    ("Simvastatin no longer needed.", {"Simvastatin": "discontinued"}),
    ("He is off apixaban.", {"apixaban": "discontinued"}),
    ("Atenolol was d/c'd.", {"Atenolol": "discontinued"}),
    ("Weaned off prednisone.", {"prednisone": "discontinued"}),
    ("Completed a course of doxycycline.", {"doxycycline": "discontinued"}),
    (
        "Switched from lisinopril to losartan 50 mg daily.",
        {"lisinopril": "discontinued", "losartan": "active"},
    ),
    (
        "Amlodipine was changed to diltiazem.",
        {"Amlodipine": "discontinued", "diltiazem": "active"},
    ),
    (
        "Lasix stopped, torsemide 20 mg daily started.",
        {"Lasix": "discontinued", "torsemide": "active"},
    ),
    (
        "Stop aspirin, Plavix and ibuprofen; continue metoprolol.",
        {
            "aspirin": "discontinued",
            "Plavix": "discontinued",
            "ibuprofen": "discontinued",
            "metoprolol": "active",
        },
    ),
    (
        "Home: cinacalcet 30 mg daily, carvedilol 12.5 mg BID, lanthanum stopped.",
        {"cinacalcet": "active", "carvedilol": "active", "lanthanum": "discontinued"},
    ),
    (
        "Aspirin 81 mg and clopidogrel 75 mg were held.",
        {"Aspirin": "discontinued", "clopidogrel": "discontinued"},
    ),
    ("Ramipril 5 mg (stopped), bisoprolol.", {"Ramipril": "discontinued", "bisoprolol": "active"}),
    ("Terlipressin was given for 3 days and stopped.", {"Terlipressin": "discontinued"}),
    ("Discontinue the use of ibuprofen.", {"ibuprofen": "discontinued"}),
    ("Previous: leflunomide, adalimumab.", {"leflunomide": "discontinued"}),
    ("Allergies: penicillin", {"penicillin": "neither"}),
    ("He has an aspirin allergy.", {"aspirin": "neither"}),
    ("He is allergic to codeine.", {"codeine": "neither"}),
    ("She is not on warfarin.", {"warfarin": "neither"}),
    ("Avoid NSAIDs.", {"NSAIDs": "neither"}),
    ("Denies taking ibuprofen.", {"ibuprofen": "neither"}),
    ("She has never taken tamoxifen.", {"tamoxifen": "neither"}),
    ("Would consider adding spironolactone.", {"spironolactone": "neither"}),
    ("Does not want to start insulin glargine.", {"insulin glargine": "neither"}),
    ("Varenicline offered, declined.", {"Varenicline": "neither"}),
    ("Statin therapy: atorvastatin was refused.", {"atorvastatin": "neither"}),
    ("Ibuprofen to be avoided.", {"Ibuprofen": "neither"}),
    ("His mother takes warfarin.", {"warfarin": "neither"}),
    ("Did not start sertraline.", {"sertraline": "neither"}),
    ("Prednisolone 30 mg daily for 5 days then stop.", {"Prednisolone": "active"}),
]

NO_MENTION = [
    "Potassium 4.1, sodium 140.",
    "The lithium level was 0.8.",
    "Insulin-dependent diabetes for 12 years.",
    "Penicillin-resistant pneumococcus.",
    "He drinks no more than two beers.",
    "O2 sats 97%.",
    "",
]

RELATIONS = [
    ("Lasix 40 mg IV given.", "Lasix", "dosage", ["40 mg"]),
    ("Lasix 40 mg IV given.", "Lasix", "route", ["IV"]),
    ("Take 40 mg of Lasix and 25 mg of metoprolol.", "Lasix", "dosage", ["40 mg"]),
    ("Take 40 mg of Lasix and 25 mg of metoprolol.", "metoprolol", "dosage", ["25 mg"]),
    ("A 10 day course of amoxicillin 500 mg TID.", "amoxicillin", "duration", ["10 day"]),
    ("A 10 day course of amoxicillin 500 mg TID.", "amoxicillin", "frequency", ["TID"]),
    ("Low-dose aspirin was continued.", "aspirin", "dosage", ["Low-dose"]),
    ("Oral vancomycin was started.", "vancomycin", "route", ["Oral"]),
    ("IV vancomycin and cefepime.", "cefepime", "route", ["IV"]),
    ("Takes aspirin and clopidogrel daily.", "aspirin", "frequency", ["daily"]),
    ("Takes aspirin and clopidogrel daily.", "clopidogrel", "frequency", ["daily"]),
    (
        "Lisinopril 10 mg and amlodipine 5 mg, both once daily.",
        "Lisinopril",
        "frequency",
        ["once daily"],
    ),
    ("Amlodipine 5 mg daily, lisinopril 10 mg nightly.", "Amlodipine", "frequency", ["daily"]),
    ("Amlodipine 5 mg daily, lisinopril 10 mg nightly.", "lisinopril", "frequency", ["nightly"]),
    ("metformin and oral glipizide", "glipizide", "route", ["oral"]),
    ("metformin | 500 mg | PO | BID\n", "metformin", "frequency", ["BID"]),
    ("lisinopril\t10 mg\tPO\tdaily\n", "lisinopril", "route", ["PO"]),
    ("Furosemide 40 mg\n  Sig: take 1 tab by mouth daily", "Furosemide", "frequency", ["daily"]),
    ("He takes furosemide. 40 mg daily.", "furosemide", "dosage", ["40 mg"]),
    (
        "Prednisone 40 mg daily x 3 days, then 20 mg daily x3 days.",
        "Prednisone",
        "dosage",
        ["40 mg", "20 mg"],
    ),
    ("Vancomycin 125 mg QID;\nthen taper: 125 mg BID.", "Vancomycin", "frequency", ["QID", "BID"]),
    ("Percocet 5/325 mg 1-2 tabs q4h prn pain.", "Percocet", "dosage", ["5/325 mg", "1-2 tabs"]),
    ("Tylenol 500 mg prn pain or fever.", "Tylenol", "reason", ["pain", "fever"]),
    ("Metoprolol 25 mg BID for rate control.", "Metoprolol", "reason", ["rate control"]),
    ("HCTZ 25 qd, simvastatin 20 qhs.", "HCTZ", "dosage", ["25"]),
    ("HCTZ 25 qd, simvastatin 20 qhs.", "simvastatin", "dosage", ["20"]),
    ("Apixaban 2.5 bd.", "Apixaban", "dosage", ["2.5"]),
    ("Losartan was held for kidney injury.", "Losartan", "reason", []),
    ("BP 96/50 on norepinephrine.", "norepinephrine", "dosage", []),
    ("Takes metformin. Weight is checked weekly.", "metformin", "frequency", []),
    (
        "Salbutamol 100 micrograms inhaler: 2 puffs as needed.",
        "Salbutamol",
        "dosage",
        ["100 micrograms", "2 puffs"],
    ),
    (
        "Drug | Dose | Freq | Indication\nlevetiracetam | 750 mg | BID | seizures\n",
        "levetiracetam",
        "reason",
        ["seizures"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), STATUS)
def test_status(text: str, expected: dict[str, str]) -> None:
    items = found(text)
    assert {drug: items[drug]["status"] for drug in expected} == expected


@pytest.mark.parametrize("text", NO_MENTION)
def test_no_mention(text: str) -> None:
    assert extract(text) == []


@pytest.mark.parametrize(("text", "drug", "relation", "expected"), RELATIONS)
def test_relation(text: str, drug: str, relation: str, expected: list[str]) -> None:
    assert parts(text, drug, relation) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Takes metoprolol succinate 50 mg daily.", "metoprolol succinate"),
        ("Toprol XL 25 mg daily", "Toprol XL"),
        ("Started on xyzumab 10 mg weekly.", "xyzumab"),
        ("takes predinsone 10 mg daily", "predinsone"),
        ("atorva 80 mg on", "atorva"),
        ("antibiotics were given", "antibiotics"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert [item["text"] for item in extract(text)] == [name]


def test_status_of_the_same_drug_by_place() -> None:
    text = "Warfarin was stopped in May. She restarted warfarin in June."
    assert [item["status"] for item in extract(text)] == ["discontinued", "active"]


def test_confidence_is_ordinal() -> None:
    dosed = found("He takes lisinopril 10 mg daily.")["lisinopril"]["confidence"]
    bare = found("He takes lisinopril.")["lisinopril"]["confidence"]
    guessed = found("He takes xyzumab.")["xyzumab"]["confidence"]
    assert dosed > bare > guessed


def test_shared_parts_are_less_sure() -> None:
    items = found("Takes aspirin and clopidogrel daily.")
    near, shared = (items[d]["frequency"][0]["confidence"] for d in ("clopidogrel", "aspirin"))
    assert near > shared


def test_canonical_keys_and_order() -> None:
    items = extract("Aspirin 81 mg daily. Lasix 40 mg IV.")
    assert [item["start"] for item in items] == [0, 21]
    assert list(items[0]) == [
        "text",
        "label",
        "start",
        "status",
        "confidence",
        "dosage",
        "frequency",
    ]
    assert items[0]["label"] == "medication"


FRAGMENTS = st.sampled_from(
    ["aspirin", "Lasix ", "warfarin", " and ", ", ", "40 mg", " PO", " daily", "stopped ", "not on ", "\n", "|",
     "Allergies: ", "for pain", "(", ")", ". ", "20", " prn ", "mother ", "İ", "- ", "then ", "of "]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join)))
def test_total_deterministic_and_grounded(text: str) -> None:
    items = extract(text)
    assert items == extract(text)
    for item in items:
        attached = [part for values in item.values() if isinstance(values, list) for part in values]
        for claim in [item, *attached]:
            start = claim["start"]
            assert text[start : start + len(claim["text"])] == claim["text"] != ""
            assert 0 < claim["confidence"] < 1
        assert item["status"] in {"active", "discontinued", "neither"}


@pytest.mark.proof
def test_time_on_one_long_line() -> None:
    extract("Aspirin.")
    begin = time.perf_counter()
    extract("the patient is well and walks a mile " * 2000)
    assert time.perf_counter() - begin < 3


@pytest.mark.proof
def test_time_on_a_long_note() -> None:
    note = "Continue lisinopril 10 mg PO daily for hypertension. BP 120/80, potassium 4.1.\n" * 250
    extract(note[:100])
    begin = time.perf_counter()
    assert len(extract(note)) == 250
    assert time.perf_counter() - begin < 3


@pytest.mark.parametrize(
    ("text", "drug", "relation", "expected"),
    [
        (
            "Load with levetiracetam 1 g IV and continue 500 mg BID.",
            "levetiracetam",
            "frequency",
            ["BID"],
        ),
        (
            "Insulin sliding scale: 150-200 give 2 units, 201-250 give 4 units.",
            "Insulin",
            "dosage",
            ["sliding scale", "2 units", "4 units"],
        ),
        ("Prednisone taper 40 mg daily.", "Prednisone", "dosage", ["40 mg"]),
        ("Timolol 0.5% i gtt OS BID.", "Timolol", "dosage", ["0.5%", "i gtt"]),
        ("Timolol 0.5% i gtt OS BID.", "Timolol", "route", ["OS"]),
        ("Doxycycline 100 mg bd PO 5/7.", "Doxycycline", "duration", ["5/7"]),
        (
            "Tylenol 650 mg PRN temp > 38.5 or mild pain.",
            "Tylenol",
            "reason",
            ["temp", "mild pain"],
        ),
        ("Lasix 80 mg BID, strict I/Os, daily weights.", "Lasix", "frequency", ["BID"]),
        ("Heparin infusion, q4h neuro checks.", "Heparin", "frequency", []),
        ("Paracetamol 1 g QDS PRN headache.", "Paracetamol", "frequency", ["QDS PRN"]),
        (
            "Advair 250/50 one puff BID, Flonase 1 spray each nostril daily.",
            "Advair",
            "frequency",
            ["BID"],
        ),
        ("Hold apixaban for the gastroscopy.", "apixaban", "reason", []),
        ("Metformin 500 -> 1000 mg BID.", "Metformin", "dosage", ["500", "1000 mg"]),
        ("Morphine x2 overnight.", "Morphine", "frequency", ["x2"]),
        ("Methadone 40mg daily (supervised).", "Methadone", "reason", []),
        (
            "Salbutamol 100mcg/dose inhaler two puffs QDS.",
            "Salbutamol",
            "dosage",
            ["100mcg/dose", "two puffs"],
        ),
        ("Was on warfarin for atrial fibrillation.", "warfarin", "reason", ["atrial fibrillation"]),
    ],
)
def test_parts_of_daily_practice(text: str, drug: str, relation: str, expected: list[str]) -> None:
    assert parts(text, drug, relation) == expected


@pytest.mark.parametrize("text", ["No illicit drugs.", "Takes street drugs at parties."])
def test_street_drugs_are_no_medication(text: str) -> None:
    assert found(text) == {}
