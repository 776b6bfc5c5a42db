"""The rules of the allergies task: what is an allergen, with what assertion and which reactions."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.tasks.allergies.rules import extract
from clinie.text.lexica import load_tsv

P, A, Q, C, H, F = "present", "absent", "possible", "conditional", "hypothetical", "family"
Found = tuple[str, str, tuple[str, ...]]


def read(text: str) -> list[Found]:
    """Return (allergen, assertion, reactions) in text order."""
    return [
        (item["text"], item["assertion"], tuple(r["text"] for r in item.get("reaction", [])))
        for item in extract(text)["items"]
    ]


def one(name: str, assertion: str = P, *reactions: str) -> Found:
    return name, assertion, reactions


SECTIONS = [
    (
        "Allergies: PCN (hives), sulfa - rash; latex",
        [one("PCN", P, "hives"), one("sulfa", P, "rash"), one("latex")],
    ),
    (
        "ALLERGIES:\n- Penicillin: anaphylaxis\n- Codeine (nausea and vomiting)\n- Shellfish -> throat swelling",
        [
            one("Penicillin", P, "anaphylaxis"),
            one("Codeine", P, "nausea", "vomiting"),
            one("Shellfish", P, "throat swelling"),
        ],
    ),
    (
        "ALLERGIES\r\n\r\nMorphine causes itching.\r\nBactrim.\r\n\r\nMEDICATIONS\r\nAspirin 81 mg",
        [one("Morphine", P, "itching"), one("Bactrim")],
    ),
    (
        "ALLERGIES\nPenicillin\n  - hives\n  - facial swelling\nSulfa\n  - rash",
        [one("Penicillin", P, "hives", "facial swelling"), one("Sulfa", P, "rash")],
    ),
    ("ALLERGY: To shellfish.", [one("shellfish")]),
    ("Allergies: Ciprofloxacin and latex gloves", [one("Ciprofloxacin"), one("latex gloves")]),
    (
        "ALLERGIES: Erythromycin, Zorvaxine, tetracycline.",
        [one("Erythromycin"), one("Zorvaxine"), one("tetracycline")],
    ),
    ("Allergies: Penicillins / Iodine", [one("Penicillins"), one("Iodine")]),
    (
        "ALLERGIES: Vancomycin (red man syndrome), Morphine - itching; Percocet = nausea/vomiting",
        [
            one("Vancomycin", P, "red man syndrome"),
            one("Morphine", P, "itching"),
            one("Percocet", P, "nausea", "vomiting"),
        ],
    ),
    (
        "ALLERGIES: Penicillin-->hives, Codeine: N/V",
        [one("Penicillin", P, "hives"), one("Codeine", P, "N/V")],
    ),
    (
        "MEDICATION ALLERGIES: 1. Penicillin – hives 2. Sulfa – Stevens-Johnson syndrome",
        [one("Penicillin", P, "hives"), one("Sulfa", P, "Stevens-Johnson syndrome")],
    ),
    (
        "Drug allergies:\tErythromycin (GI upset)\nFood allergies:\tKiwi\nLatex:\tno",
        [one("Erythromycin", P, "GI upset"), one("Kiwi"), one("Latex", A)],
    ),
    (
        "Allergy: Penicillin\nReaction: Hives\nSeverity: Moderate",
        [one("Penicillin", P, "Hives")],
    ),
    (
        "Allergen: Peanut; Reaction: Anaphylaxis; Severity: Severe",
        [one("Peanut", P, "Anaphylaxis")],
    ),
    (
        "He is allergic to:\n1) morphine - itching\n2) codeine - vomiting\nMedications: aspirin",
        [one("morphine", P, "itching"), one("codeine", P, "vomiting")],
    ),
    (
        "The following allergies were noted:\n- Peanuts (anaphylaxis)\n- Bee venom",
        [one("Peanuts", P, "anaphylaxis"), one("Bee venom")],
    ),
    (
        "Allergies/Intolerances\nStatins -- myopathy\nGluten -- bloating",
        [one("Statins", P, "myopathy"), one("Gluten", P, "bloating")],
    ),
    (
        "PMHx: HTN. Allergies: PCN. Meds: lisinopril, metformin.",
        [one("PCN")],
    ),
    ("Allergies - Penicillin. Meds - aspirin 81, metoprolol 25 bid.", [one("Penicillin")]),
    ("Allergies: Penicillin Medications: Lisinopril 10 mg daily", [one("Penicillin")]),
    (
        "Allergies: aspirin (bronchospasm); penicillin in old chart - pt denies, tolerated amoxicillin",
        [one("aspirin", P, "bronchospasm"), one("penicillin", A), one("amoxicillin", A)],
    ),
    (
        "ALLERGY: amoxicillin, though she tolerated cefuroxime last year.",
        [one("amoxicillin"), one("cefuroxime", A)],
    ),
    (
        "ALLERGIES: Sulfa (unknown reaction), erythromycin (?), tetracycline (tooth discoloration)",
        [one("Sulfa"), one("erythromycin", Q), one("tetracycline", P, "tooth discoloration")],
    ),
    ("Allergies: ? Penicillin, ? sulfa.", [one("Penicillin", Q), one("sulfa", Q)]),
    (
        "Allergies: Bee stings cause swelling. Ragweed and pollen cause sneezing, itchy eyes.",
        [
            one("Bee stings", P, "swelling"),
            one("Ragweed", P, "sneezing", "itchy eyes"),
            one("pollen", P, "sneezing", "itchy eyes"),
        ],
    ),
    (
        "DRUG ALLERGY STATUS: Trimethoprim - rash (moderate); Flucloxacillin - severe anaphylaxis",
        [one("Trimethoprim", P, "rash"), one("Flucloxacillin", P, "severe anaphylaxis")],
    ),
    ("ALLERGIES:  The patient is allergic to shellfish.", [one("shellfish")]),
    ("Allergies:   NKDA\nLatex Allergy:   Y", [one("Latex")]),
    (
        "All: codeine -> nausea.",
        [one("codeine", P, "nausea")],
    ),
    ("Allergies: Penicillin; Medications: metformin 500 mg, aspirin", [one("Penicillin")]),
    ("Allergies: Penicillin; Pets: cat", [one("Penicillin")]),
    ("Allergies: Drug: penicillin; Food: peanuts", [one("penicillin"), one("peanuts")]),
    (
        "Allergies: Zorvaxine: hives; Frobnol: rash",
        [one("Zorvaxine", P, "hives"), one("Frobnol", P, "rash")],
    ),
    ("NKDA. Latex: rash", [one("Latex", P, "rash")]),
    (
        "Allergies: none known. Intolerances: codeine (nausea)",
        [one("codeine", P, "nausea")],
    ),
    ("ALLERGIES: NKDA. LATEX -> urticaria", [one("LATEX", P, "urticaria")]),
    ("Allergies: NKDA. Food: peanuts (hives)", [one("peanuts", P, "hives")]),
]

TABLES = [
    (
        "Substance | Reaction | Severity\nPenicillin | Hives | Severe\nBananas | unknown |",
        [one("Penicillin", P, "Hives"), one("Bananas")],
    ),
    (
        "Allergen        Reaction          Severity\nPenicillin G    Anaphylaxis       High\nLatex           Rash              Low",
        [one("Penicillin G", P, "Anaphylaxis"), one("Latex", P, "Rash")],
    ),
    (
        "| Allergen | Reaction | Comments |\n|---|---|---|\n| Zorvaxine | Urticaria | 2012 |\n| Cephalexin | Unknown | entered in error |\n| Ibuprofen | Odd taste | |",
        [one("Zorvaxine", P, "Urticaria"), one("Cephalexin", A), one("Ibuprofen", P, "Odd taste")],
    ),
    (
        "Allergies:\r\nPenicillins\tHives, Anaphylaxis\tHigh\r\nIodinated Contrast Media\tRash\tMedium",
        [
            one("Penicillins", P, "Hives", "Anaphylaxis"),
            one("Iodinated Contrast Media", P, "Rash"),
        ],
    ),
    ("Drug | Dose | Frequency\nPenicillin | 500 mg | qds", []),
]

PROSE = [
    (
        "He is allergic to penicillin, sulfa drugs and latex. Takes aspirin 81 mg daily.",
        [one("penicillin"), one("sulfa drugs"), one("latex")],
    ),
    ("She is allergic to Zorvaxine.", [one("Zorvaxine")]),
    ("Allergic to penicillin. It caused hives.", [one("penicillin", P, "hives")]),
    ("She develops hives with amoxicillin.", [one("amoxicillin", P, "hives")]),
    ("She had a rash with amoxicillin as a child.", [one("amoxicillin", P, "rash")]),
    ("Anaphylaxis after bee sting at age 12.", [one("bee sting", P, "Anaphylaxis")]),
    (
        "Intolerant of ACE inhibitors (cough) and statins (myalgia).",
        [one("ACE inhibitors", P, "cough"), one("statins", P, "myalgia")],
    ),
    (
        "She cannot tolerate metformin because of diarrhea.",
        [one("metformin", P, "diarrhea")],
    ),
    (
        "Pt reports an allergic reaction to Keflex (facial swelling, hives) in 2019.",
        [one("Keflex", P, "facial swelling", "hives")],
    ),
    ("Reaction to penicillin: rash.", [one("penicillin", P, "rash")]),
    ("Egg allergy (hives).", [one("Egg", P, "hives")]),
    ("flucloxacillin allergy - anaphylaxis", [one("flucloxacillin", P, "anaphylaxis")]),
    (
        "Peanut, tree nut and shellfish allergies. Carries an EpiPen.",
        [one("Peanut"), one("tree nut"), one("shellfish")],
    ),
    (
        "Penicillin allergy: patient developed a maculopapular rash at age 6.",
        [one("Penicillin", P, "maculopapular rash")],
    ),
    (
        "Allergic to aspirin, ibuprofen and other NSAIDs, which cause bronchospasm.",
        [
            one("aspirin", P, "bronchospasm"),
            one("ibuprofen", P, "bronchospasm"),
            one("NSAIDs", P, "bronchospasm"),
        ],
    ),
    (
        "Both penicillin and cefaclor gave him a rash.",
        [one("penicillin", P, "rash"), one("cefaclor", P, "rash")],
    ),
    ("Elastoplast brings her out in an itchy eczema.", [one("Elastoplast", P, "itchy eczema")]),
    ("He cannot take aspirin because it causes hives.", [one("aspirin", P, "hives")]),
    ("Codeine makes her sick (recorded as an intolerance).", [one("Codeine", P, "sick")]),
    ("ACE inhibitor induced angioedema.", [one("ACE inhibitor", P, "angioedema")]),
    (
        "He had swelling of his lips and tongue after eating shrimp.",
        [one("shrimp", P, "swelling of his lips and tongue")],
    ),
    (
        "Stevens-Johnson syndrome secondary to carbamazepine.",
        [one("carbamazepine", P, "Stevens-Johnson syndrome")],
    ),
    (
        "She reports hives to Bactrim and anaphylaxis to shellfish.",
        [one("Bactrim", P, "hives"), one("shellfish", P, "anaphylaxis")],
    ),
    (
        "Allergic to several pain medications including codeine, morphine and tramadol.",
        [one("pain medications"), one("codeine"), one("morphine"), one("tramadol")],
    ),
    ("Pollen food syndrome – apple, raw carrot", [one("apple"), one("raw carrot")]),
    ("Lactose intolerant. Gluten-free diet.", [one("Lactose")]),
    ("ALERT: PENICILLIN ALLERGY", [one("PENICILLIN")]),
    ("Red wristband: latex", [one("latex")]),
    ("Nursing: Allergy band on: PCN, Sulfa. Fall band on.", [one("PCN"), one("Sulfa")]),
    ("Penicillin is listed as an allergy.", [one("Penicillin")]),
    ("NKDA, latex (contact urticaria)", [one("latex", P, "contact urticaria")]),
    ("NKDA. Penicillin: rash", [one("Penicillin", P, "rash")]),
    ("allergic amoxicilin (hives)", [one("amoxicilin", P, "hives")]),
    ("Allergic to crème de Zorvax – naïve to œstrogen 🤧.", [one("crème de Zorvax")]),
]

ASSERTION = [
    ("No allergy to latex or eggs.", [one("latex", A), one("eggs", A)]),
    ("No egg/soya allergy.", [one("egg", A), one("soya", A)]),
    ("Not allergic to penicillin.", [one("penicillin", A)]),
    ("Denies latex allergy.", [one("latex", A)]),
    (
        "Denies allergies to medications, latex, or iodine.",
        [one("latex", A), one("iodine", A)],
    ),
    (
        "The patient denied a history of allergy to iodine, shellfish or contrast.",
        [one("iodine", A), one("shellfish", A), one("contrast", A)],
    ),
    (
        "No reaction to local anaesthetics or latex.",
        [one("local anaesthetics", A), one("latex", A)],
    ),
    (
        "Penicillin-allergic, tolerates cephalosporins.",
        [one("Penicillin"), one("cephalosporins", A)],
    ),
    (
        "Penicillin allergy. Has since taken amoxicillin without reaction.",
        [one("Penicillin"), one("amoxicillin", A)],
    ),
    ("Codeine was removed from her allergy list.", [one("Codeine", A)]),
    ("Removed penicillin from the allergy list.", [one("penicillin", A)]),
    ("Delabelled for penicillin in 2021.", [one("penicillin", A)]),
    ("Allergy to penicillin entered in error.", [one("penicillin", A)]),
    ("Penicillin allergy was ruled out by testing.", [one("Penicillin", A)]),
    ("Latex allergy: No.", [one("Latex", A)]),
    (
        "Allergic to cow's milk and was allergic to egg but outgrew it.",
        [one("cow's milk"), one("egg", A)],
    ),
    ("Allergic to all antibiotics except Cipro.", [one("antibiotics"), one("Cipro", A)]),
    ("?penicillin allergy", [one("penicillin", Q)]),
    ("Possible allergy to lidocaine; referred for testing.", [one("lidocaine", Q)]),
    ("She thinks she may be allergic to shrimp.", [one("shrimp", Q)]),
    ("Penicillin allergy, unconfirmed.", [one("Penicillin", Q)]),
    ("Penicillin allergy (unconfirmed).", [one("Penicillin", Q)]),
    ("Possible reaction to ibuprofen; challenge to be arranged", [one("ibuprofen", Q)]),
    (
        "Allergic to codeine, kiwi, perhaps latex, and some statins.",
        [one("codeine"), one("kiwi"), one("latex", Q), one("statins")],
    ),
    ("Her mother is allergic to penicillin.", [one("penicillin", F)]),
    ("Family history: brother with peanut allergy.", [one("peanut", F)]),
    ("Mom reports he is allergic to penicillin.", [one("penicillin")]),
    ("If allergic to penicillin, use doxycycline.", [one("penicillin", H)]),
    ("Do not take if you are allergic to aspirin.", [one("aspirin", H)]),
    ("Patients with penicillin allergy should receive clindamycin.", [one("penicillin", H)]),
    ("Anaphylaxis to wheat only with exercise.", [one("wheat", C, "Anaphylaxis")]),
]

TESTS = [
    (
        "Skin prick (mm): histamine 5, saline 0, peanut 9, cat 0, house dust mite 3.",
        [one("peanut"), one("cat", A), one("house dust mite")],
    ),
    (
        "Specific IgE: peanut 18.3 kU/L, cashew <0.1, egg 0.2.",
        [one("peanut"), one("cashew", A), one("egg", A)],
    ),
    ("Patch test: nickel ++, cobalt -", [one("nickel"), one("cobalt", A)]),
    (
        "Patch test positive to nickel and cobalt, negative to fragrance.",
        [one("nickel"), one("cobalt"), one("fragrance", A)],
    ),
    ("Amoxicillin: intradermal tests negative at 20 min.", [one("Amoxicillin", A)]),
    (
        "Skin testing to penicillin is planned. Amoxicillin skin test was negative.",
        [one("penicillin", Q), one("Amoxicillin", A)],
    ),
    (
        "Oral challenge to amoxicillin passed; penicillin label removed.",
        [one("amoxicillin", A), one("penicillin", A)],
    ),
]

NONE = [
    "",
    "Allergies: none. Exposures: cats, dust.",
    "Allergies: none; Pets: cat",
    "Allergies: none. Food: likes peanuts.",
    "Allergies: NKDA. Avoids aspirin because of ulcer.",
    "Allergies: NKDA. Lisinopril reviewed.",
    "ALLERGIES: NKDA\r\n\r\nMEDICATIONS: lisinopril",
    "Takes penicillin 500 mg qds and aspirin 81 mg daily.",
    "Lisinopril was stopped because of cough.",
    "Metformin caused diarrhea, so it was switched to glipizide.",
    "Amoxicillin gives him diarrhoea.",
    "Treated the rash with hydrocortisone.",
    "Hives improved with Benadryl.",
    "Hives on cetirizine.",
    "Watch for rash with lamotrigine.",
    "No rash with amoxicillin.",
    "Blood cultures grew E. coli, sensitive to ceftriaxone and resistant to ampicillin.",
    "Sensitivities: ampicillin R, ciprofloxacin S.",
    "Heat intolerance. Glucose intolerance. Insulin sensitivity.",
    "Allergies: Seasonal, environmental. Takes Zyrtec.",
    "Allergies: Continue Flonase and Zyrtec daily.",
    "He has allergic rhinitis, takes Claritin for seasonal allergies.",
    "Allergy shots weekly. Allergy medication: Zyrtec.",
    "ALLERGIES: as per EMR.",
    "Allergies reviewed and updated by nursing.",
    "NKDA, on warfarin.",
    "Watch for anaphylactoid reaction - if so stop NAC.",
    "Anaphylaxis in 2019; keeps two EpiPens.",
    "Peanut-free classroom. Latex-free gloves.",
    "Allergies: hay fever.",
]


@pytest.mark.parametrize(
    ("text", "expected"), [*SECTIONS, *TABLES, *PROSE, *ASSERTION, *TESTS], ids=str
)
def test_what_is_found(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_allergen(text):
    assert read(text) == []


@pytest.mark.parametrize("text", [text for text, _ in SECTIONS])
def test_line_ends_do_not_matter(text):
    if "\r" not in text:
        assert read(text.replace("\n", "\r\n")) == read(text)


def test_the_statement_stands_beside_what_is_no_drug():
    answer = extract("ALLERGIES: NKDA, latex")
    assert answer["no_known_allergies"] == {"text": "NKDA", "start": 11, "confidence": 0.95}
    assert [item["text"] for item in answer["items"]] == ["latex"]


def test_without_the_words_there_is_no_statement():
    assert "no_known_allergies" not in extract("Allergies: penicillin")
    assert extract("Takes aspirin.") == {"items": []}


def test_confidence_ranks_how_an_allergen_was_found():
    def sure(text: str) -> float:
        return float(extract(text)["items"][0]["confidence"])

    listed = sure("Allergies: penicillin")
    told = sure("Allergic to penicillin.")
    by_reaction = sure("Hives with penicillin.")
    unknown = sure("Allergic to Zorvaxine.")
    assert 1 > listed > told > by_reaction > unknown > 0


PIECES = [text for text, _ in [*SECTIONS, *TABLES, *PROSE, *ASSERTION, *TESTS]]
PIECES += [*NONE, "\n", "\r\n", " and ", ", ", "(", ")", "allergic to ", "Allergies:", " - hives"]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=8))
def test_every_offset_is_right(pieces):
    text = "".join(pieces)
    answer: dict[str, Any] = extract(text)
    starts = [item["start"] for item in answer["items"]]
    assert starts == sorted(set(starts))
    for item in answer["items"]:
        for said in (item, *item.get("reaction", [])):
            assert text[said["start"] :].startswith(said["text"])
            assert said["text"].strip() == said["text"] != ""
            assert 0 < said["confidence"] < 1
    stated = answer.get("no_known_allergies")
    assert stated is None or text[stated["start"] :].startswith(stated["text"])


@pytest.mark.parametrize("name", ["allergens.tsv", "reactions.tsv", "cues.tsv"])
def test_the_tables_have_no_row_twice(name):
    rows = [tuple(row.values()) for row in load_tsv(name, "clinie.tasks.allergies")]
    assert len(rows) >= 150
    assert [row for row in set(rows) if rows.count(row) > 1] == []


HOSTILE = [
    "allergic to penicillin, ",
    "penicillin allergy ",
    "Allergies: penicillin (hives), ",
    "hives with penicillin ",
    "penicillin and ",
    "allergic to (",
    "skin prick: peanut 9, ",
    "Allergen | Reaction\n",
    "- penicillin\n  - hives\n",
    "allergy ",
    " ",
]


@pytest.mark.proof
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear(piece):
    def took(size: int) -> float:
        text = "Allergies: penicillin " + piece * (size // len(piece)) + "penicillin allergy"
        start = time.process_time()
        extract(text)
        return time.process_time() - start

    small = took(25_000)
    assert took(200_000) < 8 * 3 * small + 0.3
