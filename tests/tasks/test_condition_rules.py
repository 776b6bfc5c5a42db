"""The rules of the conditions task: which words are a mention, of what label, and how sure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.tasks.conditions.rules import extract

LABELS = {"problem", "test", "procedure"}


def found(text: str, label: str | None = None) -> list[str]:
    """Return the mentions of a text, of one label or of all."""
    return [item["text"] for item in extract(text) if label in (None, item["label"])]


def the(text: str, mention: str) -> dict[str, Any]:
    """Return the one item whose words are `mention`."""
    [item] = [item for item in extract(text) if item["text"] == mention]
    return item


WHOLE = {
    "problem": [
        "acute left lower lobe pneumonia",
        "severe chest pain",
        "stage 3 chronic kidney disease",
        "3 cm right renal mass",
        "worsening shortness of breath",
        "new-onset atrial fibrillation",
        "swelling of the right knee",
        "pain in the left shoulder",
        "cancer of the colon",
        "COPD stage III",
        "diabetes mellitus type 2",
        "heart failure with preserved ejection fraction",
        "left and right leg swelling",
        "hepatic and renal failure",
        "acute on chronic systolic heart failure",
        "moderate to severe aortic stenosis",
        "bilateral lower extremity edema",
        "1+ pitting edema of the bilateral lower extremities",
        "grade 2/6 systolic ejection murmur",
        "comminuted fracture of the left distal radius",
        "tenderness to palpation over the medial joint line",
        "decreased range of motion of the right shoulder",
        "elevated creatinine",
        "low blood pressure",
        "blood pressure elevation",
        "reduced ejection fraction",
        "positive Murphy sign",
        "poorly controlled hypertension",
        "mild right upper quadrant tenderness",
        "nonobstructive coronary artery disease",
        "Takayasu's disease",
        "E. coli urinary tract infection",
        "diabetic foot ulcer",
        "infected sacral decubitus ulcer",
        "recurrent falls",
        "suicidal or homicidal ideation",
        "swelling of both wrists",
        "swollen joints",
        "non-displaced rib fracture",
        "portal hypertensive gastropathy",
        "harsh III/VI systolic murmur",
        "70% stenosis of the left internal carotid artery",
        "dyspnoea",
        "oedema of the legs",
        "iron deficiency anaemia",
        "oesophageal varices",
    ],
    "test": [
        "CT of the chest with contrast",
        "CT abdomen and pelvis without contrast",
        "chest x-ray",
        "MRI of the brain without contrast",
        "x-ray of the right knee",
        "X-rays of the lumbar spine",
        "transthoracic echocardiogram",
        "hemoglobin A1c",
        "white blood cell count",
        "comprehensive metabolic panel",
        "serum potassium",
        "vitamin D level",
        "urine culture",
        "lower extremity Doppler",
        "renal ultrasound",
        "straight leg raise",
        "Glasgow Coma Scale",
        "screening colonoscopy",
        "left heart catheterization",
        "hepatitis C antibody test",
        "EMG of the bilateral upper extremities",
    ],
    "procedure": [
        "left total knee arthroplasty",
        "laparoscopic cholecystectomy",
        "resection of the sigmoid colon",
        "right inguinal hernia repair",
        "colon cancer resection",
        "coronary artery bypass graft",
        "incision and drainage",
        "PICC line placement",
        "open reduction and internal fixation of the left ankle",
        "bilateral tubal ligation",
        "mechanical ventilation",
        "external beam radiation therapy",
        "physical therapy",
        "blood transfusion",
        "right carotid endarterectomy",
        "cataract surgery",
        "splint",
        "amputation of the right great toe",
    ],
}


@pytest.mark.parametrize(("label", "mention"), [(k, m) for k, v in WHOLE.items() for m in v])
def test_a_noun_phrase_is_one_mention(label: str, mention: str) -> None:
    text = f"We noted the {mention} again."
    assert [(item["label"], item["text"]) for item in extract(text)] == [(label, mention)]


ABBREVIATIONS = {
    "problem": "HTN DM2 CHF COPD SOB UTI GERD CAD CKD DVT AKI TIA BPH OSA ESRD NSTEMI JVD",
    "test": "CBC BMP EKG CXR TSH INR LFTs MRI BNP EEG PFTs UA BP HR BMI LVEF",
    "procedure": "CABG PCI TKA ORIF ERCP TURP CPAP ICD ECMO CPR LVAD",
}


@pytest.mark.parametrize(
    ("label", "short"), [(k, s) for k, v in ABBREVIATIONS.items() for s in v.split()]
)
def test_abbreviations(label: str, short: str) -> None:
    assert the(f"Known {short} in this patient.", short)["label"] == label


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("She has fever, chills and night sweats.", ["fever", "chills", "night sweats"]),
        ("He reports chronic nausea and vomiting.", ["chronic nausea", "vomiting"]),
        ("Complains of nausea/vomiting.", ["nausea", "vomiting"]),
        ("Complains of N/V.", ["N/V"]),
        ("congestive heart failure (CHF)", ["congestive heart failure", "CHF"]),
        ("Ecchymosis and swelling of the ankle.", ["Ecchymosis", "swelling of the ankle"]),
        ("No murmurs, rubs, or gallops.", ["murmurs", "rubs", "gallops"]),
        ("Get a CBC, BMP and chest x-ray.", ["CBC", "BMP", "chest x-ray"]),
        ("Pain in the back and right knee swelling.", ["Pain in the back", "right knee swelling"]),
        ("Echocardiogram showed mild mitral regurgitation.",
         ["Echocardiogram", "mild mitral regurgitation"]),
        ("1. HTN\n2. DM2\n3. Gout", ["HTN", "DM2", "Gout"]),
        ("- asthma\n- eczema", ["asthma", "eczema"]),
        ("PMH: HTN IHD COPD", ["HTN", "IHD", "COPD"]),
        ("BP 120/80      HR 72", ["BP", "HR"]),
        ("ESRD 2/2 diabetic nephropathy", ["ESRD", "diabetic nephropathy"]),
    ],
)  # fmt: skip
def test_each_member_of_a_list_is_a_mention(text: str, mentions: list[str]) -> None:
    assert found(text) == mentions


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("No significant pleural effusion.", "pleural effusion"),
        ("Possible pneumonia.", "pneumonia"),
        ("History of stroke.", "stroke"),
        ("His severe back pain returned.", "severe back pain"),
        ("Some associated dizziness.", "dizziness"),
        ("Images demonstrated arthritis.", "arthritis"),
        ("Chest pain radiating to the left arm.", "Chest pain"),
        ("Pain due to the fall.", "Pain"),
        ("Edema since Monday.", "Edema"),
        ("Hemoglobin A1c was 8.2% last week.", "Hemoglobin A1c"),
        ("Repeat chest x-ray tomorrow.", "chest x-ray"),
    ],
)
def test_words_that_stay_out(text: str, mention: str) -> None:
    assert found(text) == [mention]


@pytest.mark.parametrize(
    "text",
    [
        "NAD. PERRLA. WNL.",
        "Regular rate and rhythm. Lungs clear to auscultation bilaterally.",
        "Abdomen soft, nontender, nondistended. Afebrile.",
        "Unremarkable. Within normal limits. Normocephalic.",
        "He takes pain medication and saw the diabetes educator.",
        "Got a flu shot at the cancer center.",
        "Referred to the stroke clinic.",
        "Aspirin 81 mg, metoprolol 25 mg and Lasix were refilled.",
        "potassium chloride 20 mEq daily",
        "Take magnesium 400 mg twice a day.",
        "The symptoms are a problem; no other issue or condition.",
        "Smoker, drinks alcohol, had a motor vehicle accident.",
        "The diagnosis and prognosis were discussed.",
        "All of us met at the er to say hi.",
        "He could not bear weight on it.",
        "See you in 2 weeks.",
        "Abdomen non-tender, non-distended.",
        "97% RA, comfortable.",
        "Illicit culprits conduct their transit.",
        "The pulmonary physician reviewed the cardiac history.",
    ],
)
def test_no_mention(text: str) -> None:
    assert found(text) == []


def test_titles_of_sections_are_no_mentions() -> None:
    note = "ALLERGIES\nSulfa.\n\nPHYSICAL EXAM\nCardiovascular: no edema.\n\nPROCEDURES\nNone."
    assert found(note) == ["edema"]


def test_a_line_that_names_a_problem_is_a_mention() -> None:
    note = "ASSESSMENT AND PLAN\n\nHypertension.\nStable.\n\nGout:\nBetter."
    assert found(note) == ["Hypertension", "Gout"]


def test_the_name_before_a_result_is_a_test() -> None:
    note = "LABS\nHemoglobin: 11.2\nNa 140, K 4.2, Cr 1.1, glucose 110\n"
    assert found(note, "test") == ["Hemoglobin", "Na", "K", "Cr", "glucose"]


@pytest.mark.parametrize("text", ["ALL SYSTEMS REVIEWED.", "PT SEEN AND EXAMINED.", "MS SMITH."])
def test_capital_letters_make_no_acronym(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "mention", "assertion"),
    [
        ("She has asthma.", "asthma", "present"),
        ("Denies chest pain.", "chest pain", "absent"),
        ("No evidence of fracture.", "fracture", "absent"),
        ("Possible pneumonia.", "pneumonia", "possible"),
        ("Return if fever develops.", "fever", "hypothetical"),
        ("Mother had breast cancer.", "breast cancer", "family"),
    ],
)
def test_assertion(text: str, mention: str, assertion: str) -> None:
    assert the(text, mention)["assertion"] == assertion


def test_relative_only_for_family() -> None:
    assert the("Mother had breast cancer.", "breast cancer")["relative"] == "Mother"
    assert "relative" not in the("She has asthma.", "asthma")


def test_what_is_over_is_historical() -> None:
    text = "Status post appendectomy. She has asthma."
    assert the(text, "appendectomy")["temporality"] == "historical"
    assert the(text, "asthma")["temporality"] == "current"


def test_confidence_is_ordinal() -> None:
    text = "She has community-acquired pneumonia, cough, fibrolipomatosis and MS."
    several, one, guess, doubtful = (item["confidence"] for item in extract(text))
    assert several > one > guess > doubtful


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("perichondritis", "problem"),
        ("hyperoxaluria", "problem"),
        ("angiofibroma", "problem"),
        ("acropathy", "problem"),
        ("cardialgia", "problem"),
        ("ganglionectomy", "procedure"),
        ("otoplasty", "procedure"),
        ("sialoscopy", "test"),
    ],
)
def test_an_unknown_word_is_guessed_by_its_ending(word: str, label: str) -> None:
    item = the(f"There was {word} noted.", word)
    assert (item["label"], item["confidence"]) == (label, 0.5)


def test_a_wrapped_line_does_not_cut_a_mention() -> None:
    text = "The patient was admitted with acute respiratory\nfailure and was given oxygen."
    assert found(text, "problem") == ["acute respiratory\nfailure"]


PHRASES = """no|chest|pain|acute|left|and|,|.|
|of the|knee|MRI|3 cm|stage 2|ALL|potassium|4.1|20 mEq|repair|İ|é|😀|- |HPI:|disease|hepatic|renal
|failure|non-|level"""
WORDS = st.sampled_from(PHRASES.split("|"))


@given(st.one_of(st.text(), st.lists(WORDS, max_size=25).map(" ".join)))
def test_total_grounded_and_without_overlap(text: str) -> None:
    reached = 0
    for item in extract(text):
        end = item["start"] + len(item["text"])
        assert text[item["start"] : end] == item["text"]
        assert reached <= item["start"] < end
        assert item["label"] in LABELS
        assert 0 < item["confidence"] < 1
        reached = end


def test_same_text_same_answer() -> None:
    text = "Left knee pain, no fever. CT of the chest. CABG 2010."
    assert extract(text) == extract(text)


@pytest.mark.parametrize(
    ("text", "mention", "assertion"),
    [
        ("Influenza PCR: negative.", "Influenza PCR", "present"),
        ("Stress test was declined.", "Stress test", "absent"),
        ("CT head not done.", "CT head", "absent"),
        ("PLAN:\nChest x-ray in 6 weeks.", "Chest x-ray", "hypothetical"),
        ("PLAN:\nPotassium 4.1, recheck.", "Potassium", "present"),
        ("PLAN:\nPhysical therapy.", "Physical therapy", "hypothetical"),
        ("ASSESSMENT:\nEchocardiogram shows LVH.", "Echocardiogram", "present"),
    ],
)
def test_tests_and_procedures_are_acts(text, mention, assertion):
    found = {item["text"]: item["assertion"] for item in extract(text)}
    assert found[mention] == assertion


def test_what_a_relative_does_not_have_is_absent_in_the_relative():
    (item,) = extract("No family history of stroke.")
    assert (item["assertion"], item["relative"]) == ("absent", "family")


@pytest.mark.parametrize(
    ("text", "mention", "label", "assertion"),
    [
        ("SBP <100 overnight.", "SBP", "test", "present"),
        ("SBP in the 90s.", "SBP", "test", "present"),
        ("PSA 4.2.", "PSA", "test", "present"),
        ("PsA on methotrexate.", "PsA", "problem", "present"),
        ("Mammogram due.", "Mammogram", "test", "hypothetical"),
        ("Pap smear declined.", "Pap smear", "test", "absent"),
        ("Hemoglobin declined to 8.", "Hemoglobin", "test", "present"),
        ("No prior echocardiogram.", "echocardiogram", "test", "absent"),
        ("No abd pain.", "abd pain", "problem", "absent"),
        ("No N/V/D.", "N/V/D", "problem", "absent"),
        ("Denies he has ever been diagnosed with gout.", "gout", "problem", "absent"),
        ("Has never been diagnosed with gout.", "gout", "problem", "absent"),
        ("Was diagnosed with gout.", "gout", "problem", "present"),
        ("A 2 to 3 mm nodule.", "2 to 3 mm nodule", "problem", "present"),
        ("Chest pain: N  Dyspnoea: Y", "Chest pain", "problem", "absent"),
        ("Chest pain: N  Dyspnoea: Y", "Dyspnoea", "problem", "present"),
        ("COVID -ve, influenza +ve.", "COVID", "problem", "absent"),
        ("COVID -ve, influenza +ve.", "influenza", "problem", "present"),
        ("HIV negative.", "HIV", "problem", "absent"),
        ("Positive blood cultures.", "Positive blood cultures", "problem", "present"),
        ("Positive Murphy's sign.", "Positive Murphy's sign", "problem", "present"),
        ("Nobody in the family was diagnosed with lupus.", "lupus", "problem", "absent"),
        ("He has not been treated for diabetes.", "diabetes", "problem", "present"),
        ("Nor did she report any back pain.", "back pain", "problem", "absent"),
    ],
)
def test_everyday_shorthand(text: str, mention: str, label: str, assertion: str) -> None:
    item = the(text, mention)
    assert (item["label"], item["assertion"]) == (label, assertion)


@pytest.mark.parametrize(
    "text",
    [
        "NPH 10 units qAM.",
        "Insulin NPH at night.",
        "Tetanus up to date.",
        "Raised in Oklahoma.",
        "Warfarin 5 mg Sat/Sun.",
        "ROS: MS: all well.",
    ],
)
def test_look_alikes_are_no_mention(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "relatives"),
    [
        ("Two sons with asthma.", {"asthma": "sons"}),
        ("Her father also has diabetes.", {"diabetes": "father"}),
        ("Gout in the patient's mother.", {"Gout": "mother"}),
        ("He has a brother with epilepsy.", {"epilepsy": "brother"}),
        ("Grew up with a sister who had lupus.", {"lupus": "sister"}),
        ("Lives with her husband, who has dementia.", {"dementia": "husband"}),
        (
            "FH: diabetes - mother, hypertension - both parents, stroke - father at 60.",
            {"diabetes": "mother", "hypertension": "both parents", "stroke": "father"},
        ),
        ("Family history: Father age 79, history of gout.", {"gout": "Father"}),
        ("As far as heart disease there is none in the family.", {"heart disease": "family"}),
        ("Stroke: father. Asthma: none.", {"Stroke": "father", "Asthma": None}),
        ("Family history of bipolar disorder in his sister.", {"bipolar disorder": "sister"}),
        (
            "FHx: melanoma (mat aunt), glaucoma (father).",
            {"melanoma": "mat aunt", "glaucoma": "father"},
        ),
        ("Her mother reports fever. Informant: mother.", {"fever": None}),
    ],
)
def test_whose_it_is(text: str, relatives: dict[str, str | None]) -> None:
    assert {item["text"]: item.get("relative") for item in extract(text)} == relatives
