"""The rules of the coreference task: what takes up what, and what takes up nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.tasks.coreference.rules import extract, links


def found(text: str) -> list[tuple[str, list[str]]]:
    """Return the anaphors of a text, each with its antecedents."""
    return [(item["text"], [part["text"] for part in item["antecedent"]]) for item in extract(text)]


def of(text: str, anaphor: str) -> list[str]:
    """Return the antecedents of the last anaphor of these words."""
    return [antecedents for words, antecedents in found(text) if words == anaphor][-1]


TAKEN_UP = [
    # it, its
    ("A 3 cm right renal mass was seen on CT. It was excised.", "It", ["3 cm right renal mass"]),
    ("He takes lisinopril 10 mg daily and tolerates it well.", "it", ["lisinopril"]),
    ("Started amoxicillin for otitis media. It was stopped after two days.", "It", ["amoxicillin"]),
    ("Biopsy of the nodule was done. It showed granulomas.", "It", ["Biopsy of the nodule"]),
    ("He takes Tylenol for back pain, but it does not help.", "it", ["Tylenol"]),
    ("He takes Tylenol for back pain, but it is constant.", "it", ["back pain"]),
    ("The Foley catheter was changed because it was leaking.", "it", ["Foley catheter"]),
    ("There is a stent in the right coronary artery and its lumen is patent.", "its",
     ["stent in the right coronary artery"]),
    ("She noticed a lump in the left breast and had it removed.", "it", ["lump in the left breast"]),
    ("His warfarin was held. It's to be restarted on Monday.", "It", ["warfarin"]),
    ("Regarding her depression, she feels that it is well managed.", "it", ["depression"]),
    # this, that
    ("Hypertension.\n• Medical Reasoning: This is uncontrolled.", "This", ["Hypertension"]),
    ("An MRI of the brain was obtained. This showed no infarct.", "This", ["MRI of the brain"]),
    ("She had pneumonia and was given azithromycin for this.", "this", ["pneumonia"]),
    ("She was on Advair but got oral thrush with that.", "that", ["Advair"]),
    # they, these, those
    ("Two skin tags were removed. They were benign.", "They", ["skin tags"]),
    ("He has nausea, vomiting and diarrhea. These symptoms began on Monday.", "These symptoms",
     ["nausea", "vomiting", "diarrhea"]),
    ("He is on Advair and Allegra. He takes these regularly.", "these", ["Advair", "Allegra"]),
    ("Blood sugars are checked at home, and they run below 130.", "they", ["Blood sugars"]),
    ("Sutures were placed. Remove them in 10 days.", "them", ["Sutures"]),
    ("Her parents are worried. They asked for a second opinion.", "They", ["parents"]),
    # definite mentions
    ("CT showed a large prepontine mass. The lesion compresses the pons.", "The lesion",
     ["large prepontine mass"]),
    ("Severe right shoulder pain for a week. The pain is worse at night.", "The pain",
     ["Severe right shoulder pain"]),
    ("He was given ciprofloxacin. This antibiotic caused a rash.", "This antibiotic",
     ["ciprofloxacin"]),
    ("She underwent a left total knee arthroplasty. The surgery went well.", "The surgery",
     ["left total knee arthroplasty"]),
    ("A chest x-ray was taken. The film shows no effusion.", "The film", ["chest x-ray"]),
    ("A 2 cm sessile polyp was found. The polyp was removed.", "The polyp", ["2 cm sessile polyp"]),
    ("His right knee is swollen. The knee is warm.", "The knee", ["right knee"]),
    ("Fracture of the left distal radius. The fracture was reduced.", "The fracture",
     ["Fracture of the left distal radius"]),
    ("A flu shot was given on Friday. The vaccine was tolerated.", "The vaccine", ["flu shot"]),
    ("He is on warfarin and metoprolol. Both drugs were held.", "Both drugs",
     ["warfarin", "metoprolol"]),
    ("Options are sumatriptan and propranolol. She prefers the latter.", "the latter",
     ["propranolol"]),
    ("Options are sumatriptan and propranolol. She prefers the former.", "the former",
     ["sumatriptan"]),
    # persons
    ("Mr. Dorn was seen today. He feels well.", "He", ["Mr. Dorn"]),
    ("Anna Roth is a 54-year-old woman. She has asthma.", "She", ["Anna Roth"]),
    ("A 54-year-old man came in. He has asthma.", "He", ["54-year-old man"]),
    ("Mrs. Dorn came with her husband. He drove the car.", "He", ["husband"]),
    ("Mr. Dorn lives with his wife. The patient says that he sleeps well.", "he", ["Mr. Dorn"]),
    ("Mr. Dorn: the mother died in her 80s.", "her", ["mother"]),
    ("Ms. Roth saw Dr. Hale. She was started on lithium.", "She", ["Ms. Roth"]),
    ("67M with chest pain. He denies dyspnea.", "He", ["67M"]),
    ("30 y/o RHM with a seizure. His EEG was normal.", "His", ["30 y/o RHM"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "anaphor", "antecedents"), TAKEN_UP)
def test_takes_up(text, anaphor, antecedents):
    assert of(text, anaphor) == antecedents


NOTHING = [
    "It is likely that he will need surgery. CT showed a mass.",
    "A mass was seen. It is unclear whether surgery is needed.",
    "A mass was seen. It was recommended that he stop smoking.",
    "A mass was seen. It has been a year since the last visit.",
    "The pain makes it hard to sleep.",
    "This is a 54-year-old with chest pain.",
    "Pain and fever. This is her third visit.",
    "The abdomen is soft.",
    "The patient has a rash. The patient was seen today.",
    "Pt well. She denies fever. He denies cough.",
    "No fracture. It was not seen.",
    "Hypertension. The hypertension is controlled.",
    "He takes prednisone. Prednisone was increased.",
    "He has a rash this morning.",
    "There is a mass that was seen on CT which is benign.",
    "She was unable to do this.",
    "Right leg ulcer. The left leg is normal.",
    "Aspirin 81 mg daily\nMetoprolol 25 mg BID\nLisinopril 10 mg daily",
    "ALLERGIES\n\nThese complaints are new.",
    "",
    " \n\t\r\n",
]


@pytest.mark.parametrize("text", NOTHING)
def test_takes_up_nothing(text):
    assert found(text) == []


def test_a_pronoun_is_never_an_antecedent_and_chains_lead_to_the_name():
    text = "A 3 cm cyst was found. It was drained, but it came back. The cyst was then excised."
    assert found(text) == [
        ("It", ["3 cm cyst"]),
        ("it", ["3 cm cyst"]),
        ("The cyst", ["3 cm cyst"]),
    ]


def test_the_object_of_a_clause_is_not_its_subject():
    assert of("He had a stent and a clot. The clot blocked it.", "it") == ["stent"]


def test_the_other_side_is_not_taken_up():
    text = "Right leg ulcer and left leg ulcer. The left ulcer is larger."
    assert of(text, "The left ulcer") == ["left leg ulcer"]


def test_the_antecedent_of_a_person_may_be_last_spoken_of_as_the_patient():
    text = "Anna Roth is a 54-year-old woman. The patient has asthma. The patient says she is well."
    assert of(text, "she") == ["Anna Roth"]


def test_a_name_in_the_first_and_the_last_line_is_one_person():
    text = "Mr. John Perry was seen. Dr. Hale agrees. Perry will return. He feels well."
    assert of(text, "He") == ["Perry"]


def test_a_place_is_no_person():
    assert found("Seen in North Carolina. She has asthma.") == []
    assert found("Seen at St. Mary Hospital. She has asthma.") == []


def test_known_names_may_be_given():
    text = "Zorblatt met Quux. He left."
    [link] = links(text, [(0, 8), (13, 17)])
    assert text[link.start : link.end] == "He"
    assert text[slice(*link.antecedents[0])] == "Zorblatt"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(end):
    text = f"IMAGING:{end}CT: 3 cm renal mass.{end}{end}PLAN:{end}- The mass will be biopsied.{end}"
    [item] = extract(text)
    assert item["text"] == "The mass"
    assert item["antecedent"][0]["text"] == "3 cm renal mass"


def test_a_bulleted_plan_takes_up_its_heading():
    text = "Assessment:\n1. Reflux.\n - This is well controlled.\n2. Gout.\n - This is stable."
    assert found(text) == [("This", ["Reflux"]), ("This", ["Gout"])]


def test_unicode_offsets_are_code_points():
    text = "😀 Mme Ünlü — a 3\u202fcm mass was seen; it\u2019s benign. İ ﬁn."
    for item in extract(text):
        assert text[item["start"] :].startswith(item["text"])
    assert [item["text"] for item in extract(text)] == ["it"]


def test_confidence_is_ordinal():
    alone = extract("A renal mass was seen. It was excised.")[0]
    contested = extract("A renal mass and a liver cyst were seen. It was excised.")[0]
    assert 0 < contested["confidence"] <= alone["confidence"] < 1


def test_the_same_text_gives_the_same_answer():
    text = " ".join(case[0] for case in TAKEN_UP)
    assert extract(text) == extract(text)


WORDS = ["it", "The mass", "mass", ".", "she", "her", "his", "they", "these", "symptoms", "fever",
         "and", ",", "was", "Mr.", "Dorn", "the latter", "one", "\n", "éclair", "aspirin", "'s",
         "54-year-old", "F", "this", "showed", "CT", "no", "of", "left", "knee", ":", "patient"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=60))
def test_offsets_are_right_and_antecedents_stand_before(text):
    before = -1
    for item in extract(text):
        start, end = item["start"], item["start"] + len(item["text"])
        assert text[start:end] == item["text"] != ""
        assert start > before or start == before
        before = start
        assert item["antecedent"]
        assert 0 < item["confidence"] < 1
        for part in item["antecedent"]:
            last = part["start"] + len(part["text"])
            assert text[part["start"] : last] == part["text"] != ""
            assert last <= start


HOSTILE = {
    "one sentence of phrases": "the mass it ",
    "titles": "Mr. ",
    "names": "John Smith ",
    "commas": "pain, ",
    "prepositions": "pain of the ",
    "possessives": "'s",
    "hyphens": "a-",
    "openers": "Mr. [**",
    "pronouns": "he said she ",
    "pairs": "nausea and vomiting these symptoms ",
    "one word": "a",
    "capitals": "A",
    "marks": "e\u0301",
}


@pytest.mark.proof
@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_in_a_long_line(unit):
    extract("It.")  # load the tables
    spent = []
    for size in (50_000, 200_000):
        text = unit * (size // len(unit))
        started = time.perf_counter()
        extract(text)
        spent.append(time.perf_counter() - started)
    assert spent[1] < 12 * spent[0] + 0.5
