"""The rules of the acronyms task: which letters are a short form, and what they stand for."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import Inventory, Sense, shipped

extract = AcronymRules(shipped())


def found(text: str) -> list[str]:
    """Return the short forms of a text."""
    return [item["text"] for item in extract(text)]


def senses(text: str, short: str) -> list[str | None]:
    """Return what the occurrences of a short form are said to mean."""
    return [item["sense"] for item in extract(text) if item["text"] == short]


FOUND = [
    ("CHF, CAD and COPD.", ["CHF", "CAD", "COPD"]),
    ("Pt c/o SOB, h/o MIs x2, s/p CABGx3.", ["Pt", "c/o", "SOB", "h/o", "MI", "s/p", "CABG"]),
    ("d/c'd home on POD2; CKD3a.", ["d/c", "POD", "CKD"]),
    ("34F w/ T2DM, HbA1c 8.1", ["F", "w/", "T2DM", "HbA1c"]),
    ("71M with AF", ["M", "AF"]),
    ("45-y/o man, 20yo woman, 64 y.o. male", ["y/o", "yo", "y.o."]),
    ("HTN/DM/CAD. SOB/CP. PT/OT. PT/INR.", ["HTN", "DM", "CAD", "SOB", "CP", "PT", "OT", "PT", "INR"]),
    ("N/V, I/Os, U&Es, LFTs", ["N/V", "I/O", "U&E", "LFT"]),
    ("C.O.P.D. and chf", ["C.O.P.D.", "chf"]),
    ("O2 sat 93% RA", ["O2", "sat", "RA"]),
    ("PET-CT, C. diff, lap chole", ["PET-CT", "C. diff", "lap chole"]),
    ("G2P1 @ 33w4d by LMP", ["G", "P", "LMP"]),
    ("post-CABG, CT-guided, anti-TNF", ["CABG", "CT", "TNF"]),
    ("BP120/80 HR88", ["BP", "HR"]),
    ("K+ 4.1, Na+ 138", ["K", "Na"]),
    ("Known ESRD.Pt on HD", ["ESRD", "Pt", "HD"]),
    ("PMH:\r\nHTN\r\n\r\nPE:\r\nRRR", ["PMH", "HTN", "PE", "RRR"]),
    ("| Test | 1/2 |\n|---|---|\n| Hgb | 11 |\n| WBC | 9 |", ["Hgb", "WBC"]),
    ("BP\t120/80\nHR\t88", ["BP", "HR"]),
    ("naïve pt with CHF…", ["pt", "CHF"]),
    ("HTN—stable; “CAD”", ["HTN", "CAD"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_short_forms(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Metoprolol 25 mg PO BID prn, 5 mL qhs, 2 puffs q6h.",
        "Seen by Dr. Smith, MD, and Mr Jones on Mon, Tues and in Jan at 9 AM.",
        "e.g. approx. 5 vs 6, i.e. more, etc.",
        "Fracture of L5, C5-6, T12; stage pT3 N0, stage IV, III/VI murmur.",
        "ST elevation in II, aVF and V2; QRS wide, PR interval long.",
        "BRCA1 and KRAS mutation, JAK2 negative.",
        "He was taken to it or as us; all cats fit.",
        "less, labs, hrs, Ross",
        "cre\u0300me br\u00fblee, T-cell, J. R. Smith, T/Gel, vitamin K 2.5, vit. K",
        "10 mg/hr, 24 hrs, 5 cm, 30 ml",
        "immuno-electrophoresis and cardio-respiratory",
        "I said NO and he is OK, NEVER better.",
        "X-ray of the hand",
        "",
        " \r\n\t",
        "2/2, #3, 120/80",
    ],
)
def test_what_is_none(text):
    assert found(text) == []


IN_CONTEXT = [
    ("MS 2 mg IV given for pain.", "MS", "morphine sulfate"),
    ("MS with optic neuritis, relapsing, on interferon.", "MS", "multiple sclerosis"),
    ("MS with rheumatic mitral valve, diastolic murmur.", "MS", "mitral stenosis"),
    ("Acute MS changes, confused, lethargic.", "MS", "mental status"),
    ("PT 12.3, INR 1.1, platelets 200", "PT", "prothrombin time"),
    ("PT/OT consult for gait and strengthening.", "PT", "physical therapy"),
    ("DP and PT pulses palpable", "PT", "posterior tibial"),
    ("Sat 94% RA", "RA", "room air"),
    ("Spo2 98 on RA", "RA", "room air"),
    ("RA on methotrexate, swollen joints, RF high", "RA", "rheumatoid arthritis"),
    ("RA and RV dilated on echo, RA pressure 15", "RA", "right atrium"),
    ("CP on exertion, ECG normal, troponin negative", "CP", "chest pain"),
    ("CP with spastic diplegia, baclofen, born premature", "CP", "cerebral palsy"),
    ("CTPA: segmental PE, started heparin", "PE", "pulmonary embolism"),
    ("PE: heart regular, no edema", "PE", "physical examination"),
    ("right PE tapped, exudate, thoracentesis", "PE", "pleural effusion"),
    ("OD: paracetamol, suicide attempt, NAC started", "OD", "overdose"),
    ("VA OD 20/40, OS 20/20, IOP 14", "OD", "right eye"),
    ("VA OD 20/40, OS 20/20, IOP 14", "VA", "visual acuity"),
    ("DC home tomorrow with follow-up", "DC", "discharge"),
    ("DC foley, DC heparin", "DC", "discontinue"),
    ("DC cardioversion at 200 joules", "DC", "direct current"),
    ("No CVA tenderness, flank nontender", "CVA", "costovertebral angle"),
    ("h/o CVA with residual hemiparesis and aphasia", "CVA", "cerebrovascular accident"),
    ("BPD with self-harm, DBT, impulsivity", "BPD", "borderline personality disorder"),
    ("ex-preterm infant with BPD on home oxygen, NICU", "BPD", "bronchopulmonary dysplasia"),
    ("AS with systolic murmur, valve area 0.8, TAVR planned", "AS", "aortic stenosis"),
    ("AS with uveitis, HLA positive, sacroiliitis", "AS", "ankylosing spondylitis"),
    ("Taken to the OR for washout under anesthesia", "OR", "operating room"),
    ("hemodialysis MWF via fistula; ESRD on HD", "HD", "hemodialysis"),
    ("HD #3, transferred to ward", "HD", "hospital day"),
    ("Smokes 1 PPD, tobacco since 1990", "PPD", "packs per day"),
    ("PPD placed, 10 mm induration, tuberculosis exposure", "PPD", "purified protein derivative"),
    ("metoprolol ER 50 mg daily", "ER", "extended release"),
    ("ER/PR positive, HER2 negative breast carcinoma", "ER", "estrogen receptor"),
    ("T 38.2 BP 120/80 HR 88 R 18", "T", "temperature"),
    ("T 38.2 BP 120/80 HR 88 R 18", "R", "respiratory rate"),
    ("pain in the R knee", "R", "right"),
    ("MR on echo, moderate, holosystolic murmur", "MR", "mitral regurgitation"),
    ("MR angiography of the brain with gadolinium", "MR", "magnetic resonance"),
    ("RTA, pedestrian hit by car, tib fracture", "RTA", "road traffic accident"),
    ("PD with tremor and rigidity on levodopa", "PD", "parkinson disease"),
    ("PD peritonitis, cloudy effluent, ESRD", "PD", "peritoneal dialysis"),
]


@pytest.mark.parametrize(("text", "short", "sense"), IN_CONTEXT)
def test_the_context_decides(text, short, sense):
    assert senses(text, short)[0] == sense


@pytest.mark.parametrize("text", ["MS today.", "Known BPD.", "CTX.", "Seen for LAD."])
def test_without_context_it_abstains(text):
    (item,) = extract(text)
    assert item["sense"] is None
    assert item["confidence"] < 0.5


def test_a_definition_decides_everywhere():
    text = "Confounded healing factor (CHF) was high. CHF fell. Deep brain stimulators (DBSs); DBS off."
    assert senses(text, "CHF") == ["confounded healing factor"] * 2
    assert senses(text, "DBS")[-1] == "deep brain stimulator"
    assert senses("Mitral stenosis (MS). MS is severe.", "MS") == ["mitral stenosis"] * 2


def test_a_word_in_a_note_in_capitals_is_no_short_form():
    text = "SPECIMEN RECEIVED AS ABOVE. IT IS ALL SUBMITTED OR DISCARDED. SEVERE AS IS KNOWN."
    assert found(text) == ["AS"]
    assert senses(text, "AS") == ["aortic stenosis"]
    assert senses("PATIENT STATES PT HELPED. PT REPORTS NO FEVER.", "PT")[-1] == "patient"


def test_short_forms_that_no_inventory_lists():
    (item,) = extract("She was started on the ZQX protocol.")
    assert (item["text"], item["sense"]) == ("ZQX", None)
    assert item["confidence"] < 0.4
    assert found("SKIN: warm. No RASH today, and ZZZ was removed. THE FINDINGS ARE STABLE.") == []


def test_confidence_is_ordinal():
    def confidence(text: str) -> float:
        return extract(text)[0]["confidence"]

    defined = confidence("ZQX (zonal quantitative x-ray) was normal")
    only = confidence("CHF")
    wide = confidence("MS 2 mg IV given")
    left_open = confidence("MS today")
    unlisted = confidence("ZQX today")
    assert min(defined, only, wide) > left_open > unlisted


def test_occurrences_speak_for_each_other():
    text = "MS with optic neuritis and oligoclonal bands.\n\nHer MS is stable."
    assert senses(text, "MS") == ["multiple sclerosis"] * 2


def test_own_inventory():
    own = AcronymRules(
        Inventory(
            [
                Sense(("ZQX",), "zonal quantitative x-ray", 1, ("<chest",)),
                Sense(("ZQX",), "zero quality exam", 1, ("<poor",)),
            ]
        )
    )
    assert [i["sense"] for i in own("A poor ZQX. A chest ZQX.")] == [
        "zero quality exam",
        "zonal quantitative x-ray",
    ]


@given(st.text(max_size=300) | st.lists(st.sampled_from(
    ["MS", "pt", "C.O.P.D.", "c/o", " ", "\r\n", "34F", "(", ")", "multiple sclerosis", "é", "\u0300",
     "POD2", "'s", "d/c'd", "PT/INR", "G2P1", "ZQX", ":", "-", "İ", "ﬁ", "1.2", "w/", "🙂"]), max_size=40
).map("".join))  # fmt: skip
def test_offsets_are_right_and_do_not_overlap(text):
    last = 0
    for item in extract(text):
        start, end = item["start"], item["start"] + len(item["text"])
        assert text[start:end] == item["text"]
        assert last <= start < end
        assert item["label"] == "acronym"
        assert item["sense"] is None or item["sense"] == item["sense"].lower()
        assert 0 < item["confidence"] < 1
        last = end


@given(st.integers(0, 5))
def test_the_same_every_time(seed):
    text = "MS and MS with RA, PT. " * (seed + 1)
    assert extract(text) == extract(text)


HOSTILE: list[tuple[str, Any]] = [
    ("letters", "A" * 200_000),
    ("words", "MS " * 20_000),
    ("slashes", "a/" * 100_000),
    ("points", "A." * 100_000),
    ("brackets", "(" * 200_000),
    ("definitions", "a b (AB) " * 8_000),
    ("quotes", "d/c'" * 50_000),
    ("digits", "1" * 200_000),
    ("lines", "PE:\n" * 15_000),
]


@pytest.mark.proof
@pytest.mark.parametrize("text", [text for _, text in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_hostile_text_takes_linear_time(text):
    start = time.perf_counter()
    extract(text[: len(text) // 4])
    quarter = time.perf_counter() - start
    start = time.perf_counter()
    extract(text)
    assert time.perf_counter() - start < 10 * quarter + 0.5


@pytest.mark.parametrize(
    ("text", "short", "sense"),
    [
        ("Patient complains of mild blurred vision (OU).", "OU", "both eyes"),
        ("Redness of sclera (OS)", "OS", "left eye"),
        ("Irritation all day (AD)", "AD", None),
        ("Vague anxiety (VA)", "VA", None),
        ("Deep brain stimulation (DBS)", "DBS", "deep brain stimulation"),
        ("Congestive heart failure (CHF)", "CHF", "congestive heart failure"),
        ("Daily home oxygen (DHO). DHO kept.", "DHO", "daily home oxygen"),
    ],
)
def test_what_stands_before_a_bracket_is_not_always_a_definition(text, short, sense):
    assert set(senses(text, short)) == {sense}


@pytest.mark.parametrize(
    ("text", "short", "expected"),
    [
        ("RR 18, 98% OA", "OA", ["on air"]),
        ("Pain in the knee from OA", "OA", ["osteoarthritis"]),
        ("Urine: nitrite neg, LE 2+", "LE", ["leukocyte esterase"]),
        ("2+ LE edema", "LE", ["lower extremity"]),
        ('Eye discharge "rheum" noted', "rheum", []),
        ("Followed by rheum.", "rheum", ["rheumatology"]),
    ],
)
def test_readings_that_the_neighbours_decide(text, short, expected):
    assert senses(text, short) == expected


def test_many_definitions_of_one_short_form_take_linear_time():
    start = time.perf_counter()
    extract("vague anxiety (VA) " * 1000 + "visual acuity (VA) " * 1000)
    assert time.perf_counter() - start < 8
