"""Assertion: every value, scopes and what closes them, sections, informants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.assertion import Assertion, ContextReader

# The mention stands in [[ ]]. "historical" is short for present and historical, "family: x" and
# "absent: x" name the relative; all others are current.
CASES = [
    ("No [[fever]].", "absent"),
    ("Denies fever, chills, or [[night sweats]].", "absent"),
    (
        "Denies fever, chills, nausea, vomiting, dysuria, rash, joint pain, or [[visual change]].",
        "absent",
    ),
    ("He has no fever but reports [[cough]].", "present"),
    ("No chest pain; [[dyspnea]] on arrival.", "present"),
    ("No fever, however [[chills]] overnight.", "present"),
    ("No abdominal pain except mild [[cramping]].", "present"),
    ("Patient without [[edema]].", "absent"),
    ("Negative for [[pneumonia]].", "absent"),
    ("Urine culture grew gram negative [[rods]].", "present"),
    ("No increase in [[pain]].", "present"),
    ("No change in [[right pleural effusion]].", "present"),
    ("Not only [[nausea]] but vomiting.", "present"),
    ("No improvement in [[wheezing]] after nebulizer.", "present"),
    ("[[Pulmonary embolism]] was ruled out.", "absent"),
    ("[[Troponin]] negative.", "absent"),
    ("[[Pneumonia]] cannot be excluded.", "possible"),
    ("Cannot rule out [[appendicitis]].", "possible"),
    ("Rule out [[MI]].", "possible"),
    ("Ruled out for [[MI]].", "absent"),
    ("Possible [[pneumonia]].", "possible"),
    ("Likely viral [[gastroenteritis]].", "possible"),
    ("[[Cellulitis]] is unlikely.", "possible"),
    ("Concern for [[sepsis]].", "possible"),
    ("? [[PE]]", "possible"),
    ("?[[PE]]", "possible"),
    ("[[Fracture]]?", "possible"),
    ("CT: pneumonia vs [[atelectasis]].", "possible"),
    ("[[Pneumonia]] vs atelectasis on film.", "possible"),
    ("Suspected [[stroke]] without hemorrhage.", "possible"),
    ("Suspected stroke without [[hemorrhage]].", "absent"),
    ("Return if [[fever]] develops.", "hypothetical"),
    ("Call if you develop worsening [[redness]].", "hypothetical"),
    ("Monitor for [[bleeding]].", "hypothetical"),
    ("Risk of [[infection]] was discussed.", "hypothetical"),
    ("Tylenol as needed for [[pain]].", "hypothetical"),
    ("Oxycodone prn [[pain]].", "hypothetical"),
    ("If she develops [[rash]] stop the drug.", "hypothetical"),
    ("Should he develop [[fever]], call.", "hypothetical"),
    ("[[Chest pain]] on exertion.", "conditional"),
    ("[[Dyspnea]] when climbing stairs.", "conditional"),
    ("Denies [[chest pain]] on exertion.", "absent"),
    ("Exertional [[angina]] for weeks.", "conditional"),
    ("Mother had [[breast cancer]].", "family: Mother"),
    ("Father with [[MI]] at 50.", "family: Father"),
    ("[[Colon cancer]] in her maternal grandmother.", "family: maternal grandmother"),
    ("Family history of [[diabetes]].", "family: family"),
    ("No family history of [[stroke]].", "absent: family"),
    ("FH: [[CAD]], DM", "family: family"),
    ("Mother denies [[fever]].", "absent"),
    ("Mother reports [[cough]] for two days.", "present"),
    ("Per his wife, [[confusion]] overnight.", "present"),
    ("Accompanied by her daughter, has [[cough]].", "present"),
    ("Lives with mother. [[Cough]] for a week.", "present"),
    ("Mother died of [[lung cancer]]. Patient has asthma.", "family: Mother"),
    ("Mother had asthma and the patient has [[eczema]].", "present"),
    ("Family History:\n- Mother: [[diabetes]]\n- Father: healthy", "family: Mother"),
    ("Family History:\n- Mother: diabetes\n- Father: [[hypertension]]", "family: Father"),
    ("Brother has no [[diabetes]].", "absent: Brother"),
    ("History of [[MI]].", "historical"),
    ("History of [[diabetes]].", "present"),
    ("H/o [[stroke]] in 2010.", "historical"),
    ("S/p [[appendectomy]].", "historical"),
    ("Status post [[cholecystectomy]] 3 years ago.", "historical"),
    ("[[Appendectomy]] 20 years ago.", "historical"),
    ("[[Pneumonia]] in 2012.", "historical"),
    ("Previous [[DVT]].", "historical"),
    ("No history of [[seizures]].", "absent"),
    ("History of MI presents with [[chest pain]].", "present"),
    ("3 day history of [[cough]].", "present"),
    ("HISTORY OF PRESENT ILLNESS: [[Cough]] for 3 days.", "present"),
    ("PAST MEDICAL HISTORY:\n1. [[Appendicitis]]\n2. Hypertension", "historical"),
    ("PAST MEDICAL HISTORY:\n1. Appendicitis\n2. [[Hypertension]]", "present"),
    ("PSH: [[cholecystectomy]]", "historical"),
    ("Allergies: penicillin causes [[hives]].", "conditional"),
    ("Denies:\n- fever\n- [[chills]]", "absent"),
    ("Denies:\n- fever\n- chills\n\nReports [[cough]].", "present"),
    ("Positive for:\n- [[fever]]\nNegative for:\n- chills", "present"),
    ("Positive for:\n- fever\nNegative for:\n- [[chills]]", "absent"),
    ("(-) [[fever]] (+) cough", "absent"),
    ("(-) fever (+) [[cough]]", "present"),
    ("fever (-), [[cough]] (+)", "present"),
    ("[[fever]] (-), cough (+)", "absent"),
    ("+[[cough]], -fever", "present"),
    ("+cough, -[[fever]]", "absent"),
    ("[[Chest pain]]: no", "absent"),
    ("Chest pain: no, [[cough]]: yes, fever: no", "present"),
    ("Chest pain: no, cough: yes, [[fever]]: no", "absent"),
    ("[ ] [[fever]] [x] cough", "absent"),
    ("[ ] fever [x] [[cough]]", "present"),
    ("Lungs: no [[wheezes]].", "absent"),
    ("Does not deny [[alcohol abuse]].", "present"),
    ("Not without [[pain]].", "present"),
    ("The patient's [[headache]] has resolved.", "historical"),
    ("[[Nausea]], vomiting and diarrhea were denied.", "absent"),
    ("[[Pain]] in leg, pulses absent.", "present"),
    ("No [[pleural effusion]] is seen.", "absent"),
    ("No fever, [[cough]] present.", "present"),
    ("No evidence of [[DVT]].", "absent"),
    ("No acute [[fracture]].", "absent"),
    ("Neither [[fever]] nor chills.", "absent"),
    ("Neither fever nor [[chills]].", "absent"),
    ("Lungs clear without wheeze, she has [[edema]].", "present"),
    ("Patient is not [[tachycardic]].", "absent"),
    ("Non-[[tender]] abdomen.", "absent"),
    ("Symptom-free. [[Cough]] gone.", "present"),
    ("Will get a [[chest x-ray]].", "hypothetical"),
    ("[[MRI]] is scheduled.", "hypothetical"),
    ("Schedule [[colonoscopy]].", "hypothetical"),
    ("Start heparin for [[DVT prophylaxis]].", "present"),
    ("Evaluate for [[PE]].", "possible"),
    ("Childhood [[asthma]].", "historical"),
    ("Patient has [[asthma]].", "present"),
    ("The [[rash]] may be due to amoxicillin.", "present"),
    ("The rash may be due to [[drug reaction]].", "possible"),
    ("COPD exacerbation without improvement in [[dyspnea]].", "present"),
    ("Daughter noticed [[jaundice]].", "present"),
    ("Her sister, who has [[lupus]], visited.", "family: sister"),
    ("He denies fever and complains of [[headache]].", "present"),
    ("Denies fever; has [[headache]].", "present"),
    ("No nausea, vomiting, has [[diarrhea]].", "present"),
    ("No nausea, with severe [[diarrhea]].", "present"),
    (
        "Patient denies any chest pain, palpitations, orthopnea, PND, or [[leg swelling]].",
        "absent",
    ),
    ("She has never had a [[seizure]].", "absent"),
    ("The patient no longer has [[diplopia]].", "absent"),
    ("No evidence of [[metastasis]], although nodules persist.", "absent"),
    ("There is no [[pneumothorax]] or effusion.", "absent"),
    ("Abdomen soft, without [[guarding]] or rebound.", "absent"),
    ("He is free of [[pain]].", "absent"),
    ("Absence of [[bowel sounds]] noted.", "absent"),
    ("[[Murmur]] is absent.", "absent"),
    ("[[Clubbing]], cyanosis or edema not seen.", "absent"),
    ("Chest X-ray fails to show [[infiltrate]].", "absent"),
    ("No vomiting, though [[nausea]] persists.", "present"),
    ("Without fever. [[Cough]] productive.", "present"),
    ("No rash which is why the [[itch]] puzzles us.", "present"),
    ("Denies drug use apart from [[cannabis dependence]].", "present"),
    ("No dyspnea, the patient has [[orthopnea]].", "present"),
    ("No pain, and she has [[swelling]].", "present"),
    ("No weakness; [[numbness]] of the left hand.", "present"),
    ("Non-[[Hodgkin lymphoma]] in the neck.", "present"),
    ("Non-small cell [[lung cancer]].", "present"),
    ("No relief of [[pain]] from morphine.", "present"),
    ("No significant change in [[cardiomegaly]].", "present"),
    ("No improvement in [[rash]].", "present"),
    ("Not responding to treatment, [[sepsis]] worsening.", "present"),
    ("Her [[hypertension]] is not well controlled.", "present"),
    ("HER2 negative [[breast cancer]].", "present"),
    ("With or without [[aura]].", "present"),
    ("CT head without contrast shows [[hemorrhage]].", "present"),
    ("[[Rash]] has not resolved.", "present"),
    ("Cannot deny [[alcohol use]].", "present"),
    ("Probable [[osteomyelitis]] of the foot.", "possible"),
    ("Questionable [[infiltrate]] at the base.", "possible"),
    ("Findings suspicious for [[malignancy]].", "possible"),
    ("[[Meningitis]] has not been ruled out.", "possible"),
    ("r/o [[PE]]", "possible"),
    ("Differential includes [[gout]].", "possible"),
    ("Presumed [[UTI]].", "possible"),
    ("He may have [[sleep apnea]].", "possible"),
    ("[[Malignancy]] remains a possibility.", "possible"),
    ("Suspected UTI, with [[flank pain]].", "present"),
    ("Watch for [[hypoglycemia]].", "hypothetical"),
    ("Return to ED for [[worsening headache]].", "hypothetical"),
    ("Heparin to prevent [[DVT]].", "hypothetical"),
    ("In case of [[anaphylaxis]] use the pen.", "hypothetical"),
    ("Seek help if [[vision loss]] occurs.", "hypothetical"),
    ("At risk for [[falls]].", "hypothetical"),
    ("Would be grateful if you could treat his [[eczema]].", "present"),
    ("[[Dyspnea]] with exertion.", "conditional"),
    ("[[Abdominal pain]] after meals.", "conditional"),
    ("Allergic to penicillin ([[rash]]).", "conditional"),
    ("Paternal uncle had [[gout]].", "family: Paternal uncle"),
    ("Both parents have [[diabetes]].", "family: Both parents"),
    ("Sister with [[celiac disease]], patient well.", "family: Sister"),
    ("[[Asthma]] in his brother.", "family: brother"),
    ("Strong family history of [[breast cancer]].", "family: family"),
    ("Wife noted [[jaundice]].", "present"),
    ("According to his son, [[confusion]] began today.", "present"),
    ("Mother of two with [[migraine]].", "present"),
    ("Lives with her daughter, has [[dementia]].", "present"),
    ("FH: mother MI\n\nAlert, [[cranky]] child.", "present"),
    ("Prior [[stroke]] in 2015.", "historical"),
    ("Remote [[hepatitis]].", "historical"),
    ("[[Tonsillectomy]] as a child.", "historical"),
    ("History of [[COPD]], now with cough.", "present"),
    ("No prior history of [[syncope]].", "absent"),
    ("[[Jaundice]] resolved.", "historical"),
    ("Two week history of [[diarrhea]].", "present"),
    ("PMH: [[pneumonia]]\n\nNow has cough.", "historical"),
    ("PMH: pneumonia\n\nNow has a [[cough]].", "present"),
    ("Pt c/o [[nausea]].", "present"),
    ("Negative for:\n* fever\n* [[rash]]", "absent"),
    ("Monitor for:\n- [[bleeding]]\n- fever", "hypothetical"),
]


def read(marked: str) -> Assertion:
    start, end = marked.index("[["), marked.index("]]") - 2
    return ContextReader(marked.replace("[[", "").replace("]]", "")).read(start, end)


@pytest.mark.parametrize(("marked", "expected"), CASES)
def test_assertion_of_a_mention(marked: str, expected: str) -> None:
    found = read(marked)
    value, _, relative = expected.partition(": ")
    temporality = "historical" if value == "historical" else "current"
    value = "present" if value == "historical" else value
    assert (found.assertion, found.temporality, found.relative or "") == (
        value,
        temporality,
        relative,
    )


def test_every_value_is_in_the_table() -> None:
    values = {expected.partition(": ")[0] for _, expected in CASES}
    assert values == {
        "present",
        "absent",
        "possible",
        "conditional",
        "hypothetical",
        "family",
        "historical",
    }
    assert len(CASES) >= 120


def test_a_cue_has_offsets() -> None:
    text = "Seen today. She denies any cough."
    cue = ContextReader(text).read(27, 32).cue
    assert cue is not None
    assert text[slice(*cue)] == "denies any"


def test_a_section_that_decides_is_its_own_cue() -> None:
    text = "PSH: appendectomy"
    cue = ContextReader(text).read(5, 17).cue
    assert cue is not None
    assert text[slice(*cue)] == "PSH:"


def test_confidence_falls_with_the_distance_of_the_cue() -> None:
    near = read("Denies [[fever]].")
    far = read("Denies cough, chills, nausea, vomiting, diarrhea, rash, edema or [[fever]].")
    assert near.assertion == far.assertion == "absent"
    assert near.confidence > far.confidence


def test_a_sentence_with_a_cue_that_does_not_reach_is_less_sure_than_one_without() -> None:
    plain = read("She has a [[cough]].")
    beside_a_cue = read("No fever, but she has a [[cough]].")
    assert plain.assertion == beside_a_cue.assertion == "present"
    assert plain.confidence > beside_a_cue.confidence


def test_a_list_ends_its_lead_in_at_a_blank_line_without_bullet() -> None:
    text = "Denies:\n- fever\n\nCough for a week."
    assert ContextReader(text).read(text.index("Cough"), text.index(" for")).assertion == "present"


def test_windows_line_ends_change_nothing() -> None:
    text = "Denies:\r\n- fever\r\n- chills\r\n"
    at = text.index("chills")
    assert ContextReader(text).read(at, at + 6).assertion == "absent"


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_a_blank_note_reads_as_present(text: str) -> None:
    assert ContextReader(text).read(0, 0).assertion == "present"


@pytest.mark.parametrize("unit", ["no:\n", "- no:\n", "- no fever\n", "no fever, ", "but no "])
def test_long_notes_of_any_layout_can_be_read(unit: str) -> None:
    text = unit * 5_000
    assert ContextReader(text).read(len(text) - 3, len(text) - 1).assertion in {"present", "absent"}


@given(st.text(max_size=200), st.data())
def test_any_text_and_any_place_can_be_read(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = ContextReader(text).read(start, end)
    assert 0 < found.confidence < 1
    assert (found.relative is None) or found.assertion in {
        "family",
        "absent",
    }


@given(st.lists(st.sampled_from(["fever", "cough", "rash", "nausea", "chest pain"]), min_size=1))
def test_a_denial_reaches_every_member_of_a_list(findings: list[str]) -> None:
    text = "Denies " + ", ".join(findings) + "."
    reader = ContextReader(text)
    at = len("Denies ")
    for finding in findings:
        assert reader.read(at, at + len(finding)).assertion == "absent"
        at += len(finding) + 2
