"""The rules of ``measurements@1``: a table of cases, and what holds for any text.

Expected readings are written ``name: value, value [unit, unit] {date, date}``, items by ``;``.
"""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.tasks.measurements.rules import extract

PROSE = [
    ("Blood glucose levels have been approximately 130.", "Blood glucose levels: 130"),
    ("BP was 142/88 with a heart rate of 96.", "BP: 142/88; heart rate: 96"),
    ("Blood pressure today 120 over 80 mm Hg.", "Blood pressure: 120 over 80 [mm Hg]"),
    ("Temperature is 101.3 degrees Fahrenheit.", "Temperature: 101.3 [degrees Fahrenheit]"),
    ("Pulse 88 and regular, respirations 18.", "Pulse: 88; respirations: 18"),
    ("O2 sat on 2 L was 94%.", "O2 sat: 94 [%]"),
    ("SpO2 88% on RA, 94% on 2 L NC.", "SpO2: 88, 94 [%, %]"),
    ("His creatinine rose from 1.1 to 2.4 mg/dL.", "creatinine: 1.1, 2.4 [mg/dL]"),
    ("Creatinine peaked at 3.1 and is now 1.4.", "Creatinine: 3.1, 1.4"),
    ("Cr 3.1 → 2.6", "Cr: 3.1, 2.6"),
    ("Hb 71 -> 88", "Hb: 71, 88"),
    ("BP 158/88 (rpt 146/84)", "BP: 158/88, 146/84"),
    ("AST and ALT were 45 and 38 U/L.", "AST: 45 [U/L]; ALT: 38 [U/L]"),
    ("Troponin I was less than 0.01 ng/mL.", "Troponin I: less than 0.01 [ng/mL]"),
    ("troponin <0.01 x 3", "troponin: <0.01"),
    ("ejection fraction 55-60%", "ejection fraction: 55-60 [%]"),
    ("EF of 25 to 30 percent", "EF: 25 to 30 [percent]"),
    ("GCS 15/15, pupils equal", "GCS: 15/15"),
    ("GCS E4V5M6", "GCS: E4V5M6"),
    ("Glasgow Coma Scale (GCS) of 14", "Glasgow Coma Scale: 14"),
    ("She weighs 70 kg and her BMI is 24.9 kg/m².", "weighs: 70 [kg]; BMI: 24.9 [kg/m²]"),
    ("Pain 8/10 in the right leg", "Pain: 8/10"),
    ("He rates his pain as 7 out of 10.", "pain: 7 out of 10"),
    ("lithium level 0.8", "lithium level: 0.8"),
    ("vancomycin trough 15.2 mcg/mL", "vancomycin trough: 15.2 [mcg/mL]"),
    ("INR 2.1, 2.4 and 2.6 over three days", "INR: 2.1, 2.4, 2.6"),
    ("Neutrophils 80% Lymphocytes 12%", "Neutrophils: 80 [%]; Lymphocytes: 12 [%]"),
    ("platelet count of 26,000", "platelet count: 26,000"),
    ("cardiac output 2,7 L/min", "cardiac output: 2,7 [L/min]"),
    ("Systolic in the 130s", "Systolic: 130s"),
    ("BP 120s-130s/70s-80s overnight", "BP: 120s-130s/70s-80s"),
    ("HR 88-121", "HR: 88-121"),
    ("QTc 512 ms", "QTc: 512 [ms]"),
    ("urine output 60 mL/hr", "urine output: 60 [mL/hr]"),
    ("RASS -2", "RASS: -2"),
    ("NYHA class III heart failure", "NYHA class: III"),
    ("Apgar scores were 8 at 1 minute and 9 at 5 minutes.", "Apgar scores: 8, 9"),
    ("Apgars 8/9", "Apgars: 8/9"),
    ("ABI 0.7 on the left", "ABI: 0.7"),
    ("visual acuity 20/40 right eye", "visual acuity: 20/40"),
    ("strength 5/5 throughout", "strength: 5/5"),
    ("ANA 1:160", "ANA: 1:160"),
    ("The HIV test was negative.", "HIV test: negative"),
    ("ALT normal, CRP raised.", "ALT: normal; CRP: raised"),
    ("troponin was elevated at 2.4 ng/mL", "troponin: 2.4 [ng/mL]"),
    ("HBsAg and anti-HCV negative", "HBsAg: negative; anti-HCV: negative"),
    (
        "Urinalysis: 2+ protein, trace ketones, negative nitrite",
        "protein: 2+; ketones: trace; nitrite: negative",
    ),
    ("UA: protein 2+, ketones trace", "protein: 2+; ketones: trace"),
    ("Serum potassium 3.1 mmol/L", "Serum potassium: 3.1 [mmol/L]"),
    ("FiO2 0.45, PEEP 8, tidal volume 420 mL", "FiO2: 0.45; PEEP: 8; tidal volume: 420 [mL]"),
    ("capillary refill <2 seconds", "capillary refill: <2 [seconds]"),
    ("CK 18,000", "CK: 18,000"),
    ("temp 38,5 °C", "temp: 38,5 [°C]"),
    (
        "Height 5' 4\" (1.626 m), weight 65.8 kg (145 lb)",
        "Height: 5' 4\", 1.626 [m]; weight: 65.8, 145 [kg, lb]",
    ),
    ("Temp 98.6 °F (37 °C)", "Temp: 98.6, 37 [°F, °C]"),
    ("hemoglobin on admission was 9.2", "hemoglobin: 9.2"),
    ("blood pressure in the left arm was 150/90", "blood pressure: 150/90"),
    ("estimated blood loss was 200 mL", "estimated blood loss: 200 [mL]"),
    ("Gleason score 3+4=7", "Gleason score: 3+4=7"),
    ("pH 7.31, pCO2 55, HCO3 26", "pH: 7.31; pCO2: 55; HCO3: 26"),
    ("WBC 12.4, Hgb 9.8, Plt 210", "WBC: 12.4; Hgb: 9.8; Plt: 210"),
    ("Na/K/Cl 138/4.1/102", "Na: 138; K: 4.1; Cl: 102"),
    ("BUN/Cr 24/1.2 mg/dL", "BUN: 24 [mg/dL]; Cr: 1.2 [mg/dL]"),
    ("H/H 9.8/29.4", "H/H: 9.8/29.4"),
    ("K=4.1 Mg=1.9", "K: 4.1; Mg: 1.9"),
    ("WBC-12.4", "WBC: 12.4"),
    ("Labs: Na 138 (135-145), K 5.9 H (3.5-5.0)", "Na: 138; K: 5.9"),
    ("Creatinine 1.9 H mg/dL (0.6-1.3)", "Creatinine: 1.9 [mg/dL]"),
    ("Creatinine      1.9 (H)     0.6 - 1.3 mg/dL", "Creatinine: 1.9 [mg/dL]"),
    ("CRP <5 mg/L (ref <10)", "CRP: <5 [mg/L]"),
    ("Glucose (mg/dL): 126", "Glucose: 126 [mg/dL]"),
    ("Weight (kg) 70", "Weight: 70 [kg]"),
    ("HR\xa072\xa0\xa0BP\xa0120/80", "HR: 72; BP: 120/80"),
    (
        "Her potassium, which had been 5.9 mmol/L, came back at 4.4 mmol/L this morning.",
        "potassium: 5.9, 4.4 [mmol/L, mmol/L]",
    ),
    ("Peak troponin T 1,240 ng/L (normal <14)", "Peak troponin T: 1,240 [ng/L]"),
    (
        "Ferritin low at 9 µg/L; B12 and folate normal.",
        "Ferritin: 9 [µg/L]; B12: normal; folate: normal",
    ),
    (
        "urine dip: blood 2+, leuks 3+, nitrite positive, protein trace",
        "leuks: 3+; nitrite: positive; protein: trace",
    ),
    ("COVID-19 PCR: not detected. Flu A/B negative.", "COVID-19 PCR: not detected"),
    ("Blood cultures: no growth to date", "Blood cultures: no growth to date"),
    ("GCS 14 (E4 V4 M6) on arrival, 15 at discharge", "GCS: 14, 15"),
    ("NIHSS of 12 improved to 4 after thrombolysis", "NIHSS: 12, 4"),
    ("MMSE 24/30, MoCA 19/30", "MMSE: 24/30; MoCA: 19/30"),
    ("PHQ-9 score today: 14. GAD-7: 9.", "PHQ-9 score: 14; GAD-7: 9"),
    ("Child-Pugh class B, MELD 18", "Child-Pugh class: B; MELD: 18"),
    ("UOP 30-40 cc/hr overnight; net -1.2 L", "UOP: 30-40 [cc/hr]"),
    ("I/O 2400/1800", "I/O: 2400/1800"),
    ("EBL 150 cc", "EBL: 150 [cc]"),
    ("JP drain output 45 mL in 24 h", "JP drain output: 45 [mL]"),
    ("FEV1 1.8 L (62% predicted), FVC 2.9 L", "FEV1: 1.8, 62 [L, %]; FVC: 2.9 [L]"),
    ("IOP 15 mmHg OD, 17 mmHg OS", "IOP: 15, 17 [mmHg, mmHg]"),
    ("VA 6/9 right, 6/12 left", "VA: 6/9, 6/12"),
    ("FHR 145 bpm, fundal height 34 cm", "FHR: 145 [bpm]; fundal height: 34 [cm]"),
    ("HbA1c 61 mmol/mol (7.7 %)", "HbA1c: 61, 7.7 [mmol/mol, %]"),
    (
        "TSH 0.02 mIU/L (0.4-4.0), free T4 38 pmol/L (9-23)",
        "TSH: 0.02 [mIU/L]; free T4: 38 [pmol/L]",
    ),
    ("Weight today 82.4 kg (84.1 kg last week)", "Weight: 82.4, 84.1 [kg, kg]"),
    ("Digoxin 1.2 ng/mL, lithium 0.8 mmol/L", "Digoxin: 1.2 [ng/mL]; lithium: 0.8 [mmol/L]"),
    ("tacrolimus trough of 8.4", "tacrolimus trough: 8.4"),
    ("glucose was 243 and he was given 10 units of insulin", "glucose: 243"),
    ("FSBG 180s-220s", "FSBG: 180s-220s"),
    ("Accu-Chek 142", "Accu-Chek: 142"),
    (
        "CD4 count 350 cells/mm3, viral load <20 copies/mL",
        "CD4 count: 350 [cells/mm3]; viral load: <20 [copies/mL]",
    ),
    ("platelets 45 x 10^9/L, WCC 11.2 x10⁹/L", "platelets: 45 [x 10^9/L]; WCC: 11.2 [x10⁹/L]"),
    ("WBC 12.4K, Plt 210K", "WBC: 12.4 [K]; Plt: 210 [K]"),
    ("Hgb 8.9 (L), MCV 72 (L), RDW 19.2% (H)", "Hgb: 8.9; MCV: 72; RDW: 19.2 [%]"),
    ("Na+ 138, K+ 4.1, Ca++ 9.2", "Na+: 138; K+: 4.1; Ca++: 9.2"),
    ("Hb: 9,8 g/dl; Thrombo", "Hb: 9,8 [g/dl]"),
    ("She is afebrile, HR in the 110s, SBP 90s.", "HR: 110s; SBP: 90s"),
    ("No murmur, BP 120/80. No fever.", "BP: 120/80"),
    ("His pain was rated 6/10 at rest and 9/10 with movement.", "pain: 6/10, 9/10"),
    (
        "CSF: WBC 2, protein 45 mg/dL, glucose 60 mg/dL",
        "WBC: 2; protein: 45 [mg/dL]; glucose: 60 [mg/dL]",
    ),
    ("LDL cholesterol 132 mg/dL, goal <70 mg/dL", "LDL cholesterol: 132 [mg/dL]"),
    ("BP 150/95, goal <130/80", "BP: 150/95"),
    ("INR 2.4 (target 2-3)", "INR: 2.4"),
    ("Temperature 98,6 F", "Temperature: 98,6 [F]"),
    ("QRS 110 ms, PR interval 180 ms, QTc 455", "QRS: 110 [ms]; PR interval: 180 [ms]; QTc: 455"),
    ("ASA class III, Mallampati II", "ASA class: III; Mallampati: II"),
    ("Gleason 4+3=7 adenocarcinoma, PSA 9.8", "Gleason: 4+3=7; PSA: 9.8"),
    ("Ki-67 of 30%, HER2 negative, ER positive", "Ki-67: 30 [%]; HER2: negative"),
    ("Lumbar T-score -2.7", "T-score: -2.7"),
    ("AVPU A, NEWS 3", "AVPU: A; NEWS: 3"),
    ("CAM-ICU negative, RASS 0 to -1", "CAM-ICU: negative; RASS: 0 to -1"),
    (
        "The patient's blood pressure improved from 80/40 to 110/70 after fluids.",
        "blood pressure: 80/40, 110/70",
    ),
    ("oxygen saturations of 88-92% on 2 L", "oxygen saturations: 88-92 [%]"),
    (
        "Respiratory rate 22 breaths/min, heart rate 110 beats per minute",
        "Respiratory rate: 22 [breaths/min]; heart rate: 110 [beats per minute]",
    ),
    (
        "Admission labs notable for WBC of 18.2, lactate of 4.1, and creatinine of 2.2 (baseline 1.0).",
        "WBC: 18.2; lactate: 4.1; creatinine: 2.2, 1.0",
    ),
    ("Amylase 1200 U/L, lipase > 3000 U/L", "Amylase: 1200 [U/L]; lipase: > 3000 [U/L]"),
    ("Bilirubin 12.4 mg/dL (direct 9.1)", "Bilirubin: 12.4 [mg/dL]"),
    ("INR subtherapeutic at 1.4", "INR: 1.4"),
    ("platelets of 12,000/uL", "platelets: 12,000 [/uL]"),
    ("Hemoglobin 7.1 → transfused 2 units → 9.0", "Hemoglobin: 7.1"),
    ("weighs 3.2 kg (7 lb 1 oz)", "weighs: 3.2, 7 [kg, lb]"),
    ("BP 90/P", "BP: 90/P"),
    ("MAP 55, norepinephrine at 12 mcg/min to keep MAP >65", "MAP: 55"),
    ("G2P1 at 37+2 weeks, fundal height 36 cm", "fundal height: 36 [cm]"),
    ("Sodium 138 mmol/L (136–145)", "Sodium: 138 [mmol/L]"),
    ("CT showed a 3.2 x 2.1 cm mass; SUV max 7.8", "SUV max: 7.8"),
    ("EF: 55 %, RVSP: 32 mmHg", "EF: 55 [%]; RVSP: 32 [mmHg]"),
    ("Glucose 126 fasting, 180 postprandial", "Glucose: 126, 180"),
    ("HR 72 -> 110 -> 88 over the shift", "HR: 72, 110, 88"),
    ("temp 38.4 (101.1 F) at 02:15", "temp: 38.4, 101.1 [F] {02:15}"),
    ("WBC 3.4 10*3/uL L", "WBC: 3.4 [10*3/uL]"),
    ("Hemoglobin 7.9 g/dL *LL*", "Hemoglobin: 7.9 [g/dL]"),
    ("anion gap = 18", "anion gap: 18"),
    ("Anion gap of 18 with lactate of 6.2", "Anion gap: 18; lactate: 6.2"),
    ("Urine output has been 20 to 30 mL per hour", "Urine output: 20 to 30 [mL per hour]"),
    ("PSA is undetectable (<0.1 ng/mL)", "PSA: <0.1 [ng/mL]"),
    ("beta-hCG 12,430 mIU/mL", "beta-hCG: 12,430 [mIU/mL]"),
    ("vitamin D 18, B12 210, folate 6", "vitamin D: 18; B12: 210; folate: 6"),
    ("25-OH vitamin D 18 ng/mL", "25-OH vitamin D: 18 [ng/mL]"),
    ("Vitals stable. BP 120/80.", "BP: 120/80"),
    ("Kt/V 1.4, URR 72%", "Kt/V: 1.4; URR: 72 [%]"),
    (
        "Mg2+ 0.7, phosphate 0.4, corrected calcium 2.1",
        "Mg2+: 0.7; phosphate: 0.4; corrected calcium: 2.1",
    ),
    ("Ca 9.1 Mg 2.0 Phos 3.4", "Ca: 9.1; Mg: 2.0; Phos: 3.4"),
    ("D-dimer 1,240 ng/mL FEU", "D-dimer: 1,240 [ng/mL]"),
    ("Rapid strep positive, monospot negative.", "Rapid strep: positive; monospot: negative"),
    ("Repeat potassium 5.1 (was 6.4 on 3/12)", "potassium: 5.1, 6.4 {3/12}"),
    (
        "Serum sodium levels of 120, 124, and 131 mEq/L on days 1, 2, and 3",
        "Serum sodium levels: 120, 124, 131 [mEq/L]",
    ),
    ("O2 sats 88-90% RA, improved to 95% on 2L", "O2 sats: 88-90, 95 [%, %]"),
    ("BP 178/102 → 142/84 after labetalol 20 mg IV", "BP: 178/102, 142/84"),
    ("CIWA 14 at 22:00, 8 at 02:00", "CIWA: 14, 8 {22:00, 02:00}"),
    ("Braden 14. Morse score 55.", "Braden: 14; Morse score: 55"),
    ("ECOG PS 2, KPS 60%", "ECOG PS: 2; KPS: 60 [%]"),
    ("CHA2DS2-VASc = 4 and HAS-BLED = 2", "CHA2DS2-VASc: 4; HAS-BLED: 2"),
    ("Urine Na 25, urine osmolality 310", "Urine Na: 25; urine osmolality: 310"),
    ("Child-Pugh score less than 5", "Child-Pugh score: less than 5"),
    ("He scored 14 on the Glasgow Coma Scale.", "Glasgow Coma Scale: 14"),
    ("plasma lactate 2.9 mM", "plasma lactate: 2.9 [mM]"),
    ("serum prolactin level (2207 ng/mL)", "serum prolactin level: 2207 [ng/mL]"),
    ("PAP 72/34/47 mmHg and PCWP 17/5/10 mmHg", "PAP: 72/34/47 [mmHg]; PCWP: 17/5/10 [mmHg]"),
    ("Peripheral saturation (SpO2) 95%", "Peripheral saturation: 95 [%]"),
    ("The platelet count at EOT was 92 × 10^3 cells/µL.", "platelet count: 92 [× 10^3 cells/µL]"),
    ("ANA (+), RF (-)", "ANA: +"),
    ("HBsAg (-), anti-HBs (+)", "HBsAg: -; anti-HBs: +"),
    ("Temp 986, sats 104%", "Temp: 986; sats: 104 [%]"),  # slips are for the resolver to flag
    ("Na 138 K 41 Cl 102", "Na: 138; K: 41; Cl: 102"),
    ("length 48 cm, weight 3.2 kg", "length: 48 [cm]; weight: 3.2 [kg]"),
]

LISTS = [
    ("Potassium (3.5-5.0): 5.6 H", "Potassium: 5.6"),
    ("INR (2-3): 4.5", "INR: 4.5"),
    ("INR (goal 2-3): 2.7", "INR: 2.7"),
    ("TSH (0.4-4.0 mIU/L): 8.1", "TSH: 8.1 [mIU/L]"),
    ("Calcium (8.5 - 10.5 mg/dL) = 11.2 mg/dL", "Calcium: 11.2 [mg/dL]"),
    ("Troponin (<0.04): 1.2", "Troponin: 1.2"),
    ("Glucose 70-99: 145", "Glucose: 145"),
    ("Glucose 70-99 mg/dL: 145", "Glucose: 145 [mg/dL]"),
    ("Sodium [135-145] 128 L", "Sodium: 128"),
    ("Hgb 7.2 L, Plt 90 L", "Hgb: 7.2; Plt: 90"),
    ("SpO2 92-94 %", "SpO2: 92-94 [%]"),
    ("SpO2 92-94%: 2L NC", "SpO2: 92-94 [%]"),
    ("BP 110-120/70-80", "BP: 110-120/70-80"),
    ("Glucose 150-200: improved", "Glucose: 150-200"),
    ("Temp 36-37: 2 paracetamol", "Temp: 36-37"),
    ("Hgb 7.2 s/p 2u PRBC", "Hgb: 7.2"),
    ("Hgb 7.2, 8.9 after 2u PRBC", "Hgb: 7.2, 8.9"),
    ("INR goal 2-3, today 2.7", "INR: 2.7"),
    ("Height 5'10\", weight 70 kg", "Height: 5'10\"; weight: 70 [kg]"),
    (
        "WBC 12.4 with 80% neutrophils, 10% bands and 5% lymphocytes",
        "WBC: 12.4; neutrophils: 80 [%]; bands: 10 [%]; lymphocytes: 5 [%]",
    ),
    (
        "T 98.6 HR 72 BP 120/80 RR 16 SpO2 98% RA",
        "T: 98.6; HR: 72; BP: 120/80; RR: 16; SpO2: 98 [%]",
    ),
    ("bp 120/80 hr 72 rr 16 temp 98.6", "bp: 120/80; hr: 72; rr: 16; temp: 98.6"),
    ("Na 138 | K 4.1 | Cl 102 | HCO3 24", "Na: 138; K: 4.1; Cl: 102; HCO3: 24"),
    (
        "BP (!) 142/88 (BP Location: Left arm) | Pulse 72 | Temp 98.6 °F (37 °C) (Oral) | Resp 16 | Ht 5' 4\" (1.626 m) | Wt 65.8 kg (145 lb) | SpO2 98% | BMI 24.89 kg/m²",
        "BP: 142/88; Pulse: 72; Temp: 98.6, 37 [°F, °C]; Resp: 16; Ht: 5' 4\", 1.626 [m]; Wt: 65.8, 145 [kg, lb]; SpO2: 98 [%]; BMI: 24.89 [kg/m²]",
    ),
    (
        "Vitals: Tmax 38.2, Tc 37.1, P 92, R 18, BP 110/64, 97% RA",
        "Tmax: 38.2; Tc: 37.1; P: 92; R: 18; BP: 110/64",
    ),
    (
        "ABG: pH 7.21 / pCO2 58 / pO2 71 / HCO3 22 on FiO2 60%",
        "pH: 7.21; pCO2: 58; pO2: 71; HCO3: 22; FiO2: 60 [%]",
    ),
    (
        "Vt 450, RR set 14, PEEP 10, FiO2 0.6, plateau pressure 28 cmH2O",
        "Vt: 450; RR: 14; PEEP: 10; FiO2: 0.6; plateau pressure: 28 [cmH2O]",
    ),
    (
        "O/E temp 37.2, HR 80, BP 130/80, sats 97% on air, BM 6.1",
        "temp: 37.2; HR: 80; BP: 130/80; sats: 97 [%]; BM: 6.1",
    ),
    (
        "T 36.8°C P 76 R 14 BP 128/82 SaO2 99%",
        "T: 36.8 [°C]; P: 76; R: 14; BP: 128/82; SaO2: 99 [%]",
    ),
]

DATES = [
    (
        "Her hemoglobin of 9.2 g/dL, down from 11.4 on 12 March, is stable.",
        "hemoglobin: 9.2, 11.4 [g/dL] {12 March}",
    ),
    ("A1c 7.2% (8.1% in 03/2023)", "A1c: 7.2, 8.1 [%, %] {03/2023}"),
    ("INR (12/03/2024) 2.1", "INR: 2.1 {12/03/2024}"),
    ("12/03/2024 Hb 9.8, WCC 11.2", "Hb: 9.8 {12/03/2024}; WCC: 11.2 {12/03/2024}"),
    ("WBC 12.4 and Hgb 9.8 on 3 Mar", "WBC: 12.4 {3 Mar}; Hgb: 9.8 {3 Mar}"),
    ("BP 120/80 at 08:00, 130/85 at 12:00", "BP: 120/80, 130/85 {08:00, 12:00}"),
    ("Labs 2024-03-12: Na 138, K 4.1", "Na: 138 {2024-03-12}; K: 4.1 {2024-03-12}"),
    ("On 12/03/2024 his creatinine was 1.2.", "creatinine: 1.2 {12/03/2024}"),
    ("- 14/03 14:00 lactate 1.1. BM 9.2.", "lactate: 1.1 {14/03 14:00}; BM: 9.2 {14/03 14:00}"),
    (
        "Sodium was 121 on 3/12, 128 on 3/14 and 134 on 3/17.",
        "Sodium: 121, 128, 134 {3/12, 3/14, 3/17}",
    ),
    (
        "3/12: Na 121, K 3.3; 3/14: Na 128, K 4.0",
        "Na: 121 {3/12}; K: 3.3 {3/12}; Na: 128 {3/14}; K: 4.0 {3/14}",
    ),
    (
        "PSA rose from 4.2 ng/mL in 2019 to 11.8 ng/mL in March 2023.",
        "PSA: 4.2, 11.8 [ng/mL, ng/mL] {2019, March 2023}",
    ),
    (
        "Echo: LVEF 35% (prev 50% in 2021), RVSP 48 mmHg",
        "LVEF: 35, 50 [%, %] {2021}; RVSP: 48 [mmHg]",
    ),
]

TABLES = [
    *(
        (
            f"Test  {word}  Result\nPotassium  3.5-5.0  5.6\nSodium  135-145  128",
            "Potassium: 5.6; Sodium: 128",
        )
        for word in ("Range", "Normal", "Ref", "Reference")
    ),
    (
        "Test        Range     Result\nPotassium   3.5-5.0   5.6\nSodium      135-145   128",
        "Potassium: 5.6; Sodium: 128",
    ),
    (
        "Labs 12/03/2024:\nNa 138\nK 4.1\n\nHb 98",
        "Na: 138 {12/03/2024}; K: 4.1 {12/03/2024}; Hb: 98",
    ),
    (
        "Test\t12/03\t13/03\tUnit\nSodium\t131 L\t136\tmmol/L\nPotassium\t-\t4.9\tmmol/L",
        "Sodium: 131, 136 [mmol/L] {12/03, 13/03}; Potassium: 4.9 [mmol/L] {13/03}",
    ),
    (
        "Time   BP       HR   Temp (C)\n08:00  120/80   72   36.8\n12:00  130/85   -    37.2",
        "BP: 120/80, 130/85 {08:00, 12:00}; HR: 72 {08:00}; Temp: 36.8, 37.2 [C] {08:00, 12:00}",
    ),
    (
        "| Test | Result | Flag | Reference |\n|---|---|---|---|\n| Hb | 9.2 g/dL | L | 12-16 |\n| HBsAg | negative | | negative |",
        "Hb: 9.2 [g/dL]; HBsAg: negative",
    ),
    (
        "Date      12/3    13/3\r\nTime      08:00   06:00\r\nHb        9.2     8.8\r\nPlt       210     190\r\n",
        "Hb: 9.2, 8.8 {12/3, 13/3, 08:00, 06:00}; Plt: 210, 190 {12/3, 13/3, 08:00, 06:00}",
    ),
    (
        "Creatinine   1.9 H   mg/dL   (0.6-1.3)\nSodium       138     mmol/L  (135-145)",
        "Creatinine: 1.9 [mg/dL]; Sodium: 138 [mmol/L]",
    ),
    ("Na | K | Cl\n138 | 4.1 | 102", "Na: 138; K: 4.1; Cl: 102"),
    (
        "08:00 BP 130/80 HR 92\n12:00 BP 118/76 HR 84",
        "BP: 130/80 {08:00}; HR: 92 {08:00}; BP: 118/76 {12:00}; HR: 84 {12:00}",
    ),
    ("Sodium\t138\nPotassium\t4.1\nChloride\t102", "Sodium: 138; Potassium: 4.1; Chloride: 102"),
    (
        "WBC      12.4  H   (4.0-11.0)  K/uL\nHGB       9.8  L   (12.0-16.0) g/dL\nPLT       210      (150-400)   K/uL",
        "WBC: 12.4 [K/uL]; HGB: 9.8 [g/dL]; PLT: 210 [K/uL]",
    ),
    (
        "| Time | BP | HR | SpO2 (%) |\n|---|---|---|---|\n| 08:00 | 120/80 | 72 | 98 |\n| 12:00 | 118/76 | 80 | 96 on 2 L |",
        "BP: 120/80, 118/76 {08:00, 12:00}; HR: 72, 80 {08:00, 12:00}; SpO2: 98, 96 [%] {08:00, 12:00}",
    ),
    (
        "            1 Mar   2 Mar\nCreatinine  1.9     1.4    mg/dL\nUrea        22      14     mmol/L",
        "Creatinine: 1.9, 1.4 [mg/dL] {1 Mar, 2 Mar}; Urea: 22, 14 [mmol/L] {1 Mar, 2 Mar}",
    ),
    (
        "Height: 172 cm\r\nWeight: 81 kg\r\nBMI: 27.4\r\n",
        "Height: 172 [cm]; Weight: 81 [kg]; BMI: 27.4",
    ),
    (
        "\t08:00\t12:00\nTemp (°C)\t36.8\t37.4\nPain /10\t2\t4",
        "Temp: 36.8, 37.4 [°C] {08:00, 12:00}; Pain: 2, 4 {08:00, 12:00}",
    ),
    (
        "Date: 14 Jan 2024 | 02 Feb 2024\nHb | 121 | 110\nPlt | 210 | 198",
        "Hb: 121, 110 {14 Jan 2024, 02 Feb 2024}; Plt: 210, 198 {14 Jan 2024, 02 Feb 2024}",
    ),
    (
        "GLUCOSE, FASTING     7.4    H    mmol/L    3.9 - 5.5\nVITAMIN D, 25-OH     31     L    nmol/L    >50",
        "GLUCOSE: 7.4 [mmol/L]; VITAMIN D: 31 [nmol/L]",
    ),
]

NOTHING = [
    "weight 5'10\"",
    "INR goal 2-3, continue warfarin",
    "sodium 2 g diet; potassium chloride 20 mEq daily",
    "lithium 400 mg daily, potassium 20 mEq PO",
    "Room 12, tel 555-1234, DOB 12/03/1950",
    "O2 4 L via NC",
    "keep MAP > 65 and SpO2 > 92%",
    "call if temp over 101 or HR >120",
    "INR goal 2-3",
    "target sats 94-98%",
    "transfuse for Hb <7",
    "hold metoprolol for SBP < 100 or HR < 60",
    "weight loss of 10 kg in 3 months",
    "Blood pressure medication 5 mg was stopped.",
    "37 weeks gestation, 3 cm mass",
    "BP checked 3 times daily",
    "CBC pending, CXR 12/03",
    "T12 fracture, T2 hyperintensity, C5-6",
    "vitamin D 1000 IU daily",
    "glucose 4 times a day",
    "CT at 10:30 and PT 3x/week",
    "albumin 25 g IV given",
    "his blood sugar was checked 2 hours ago",
    "platelets 2 units transfused",
    "MRI of T and L spine, P 2 R 3",
    "Weight down 2 kg.",
    "Digoxin 125 mcg daily. Lithium 400 mg BID.",
    "Aspirin if troponin positive. Return if temp >38.",
    "Medication   Dose     Route\nLithium      400 mg   PO\nPotassium    20 mEq   PO",
    "heart rate regular, abdomen soft",
    "PT and OT consulted. CT head negative.",
    "started on KCl 40 mEq x2, Mg sulfate 2 g",
    "Patient had 2 units of platelets, 3 L O2, temp pending.",
    "Started vancomycin 1250 mg; level pending.",
    "Age 65, room 412, bed 3, phone ext 4411.",
    "Diet: 2 g sodium, 1500 mL fluid restriction",
    "The weight limit is 50 lb lifting.",
    "Tylenol for temp > 101, hold lisinopril if SBP < 90",
    "No weights recorded. Heart rate and rhythm regular.",
    "SpO2 was ninety percent",
    "Her mother's BP is 180/90.",
    "ABG on RA: 7.44/36/88",
    "Differential: 1. Pneumonia 2. PE",
    "Lumbar puncture on 12/03, bone marrow biopsy negative",
    "LE 2+ edema, leads I and II",
    "a polyp with a length of 2 cm",
    "a difference of 1.1 days, 95% CI 0.5 to 1.7, P<.001; T3 was not",
    "",
    " \n\t",
]


def readings(text: str) -> str:
    items = []
    for item in extract(text):
        said = {
            relation: ", ".join(part["text"] for part in item.get(relation, ()))
            for relation in ("value", "unit", "date")
        }
        line = f"{item['text']}: {said['value']}"
        line += f" [{said['unit']}]" if said["unit"] else ""
        line += f" {{{said['date']}}}" if said["date"] else ""
        items.append(line)
    return "; ".join(items)


@pytest.mark.parametrize(("text", "expected"), [*PROSE, *LISTS, *DATES, *TABLES])
def test_readings(text: str, expected: str) -> None:
    assert readings(text) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_no_readings(text: str) -> None:
    assert extract(text) == []


@pytest.mark.parametrize(("text", "expected"), TABLES)
def test_line_ends_do_not_matter(text: str, expected: str) -> None:
    assert readings(text.replace("\r\n", "\n").replace("\n", "\r\n")) == expected


@pytest.mark.parametrize(("text", "expected"), [*PROSE, *LISTS, *DATES])
def test_no_break_spaces_do_not_matter(text: str, expected: str) -> None:
    assert readings(text.replace(" ", "\u00a0")).replace("\u00a0", " ") == expected


def test_the_form_of_an_item() -> None:
    assert extract("On 3 Mar Hb 9.2 g/dL") == [
        {
            "text": "Hb",
            "label": "measurement",
            "start": 9,
            "confidence": 0.95,
            "value": [{"text": "9.2", "start": 12, "confidence": 0.95}],
            "unit": [{"text": "g/dL", "start": 16, "confidence": 0.95}],
            "date": [{"text": "3 Mar", "start": 3, "confidence": 0.85}],
        }
    ]


def test_confidences_are_ordinal() -> None:
    notes = ("Hb 9.2 g/dL", "Hb 9.2", "K 4.1, Na 138", "Hb normal", "Hb low")
    sure = [extract(note)[0]["confidence"] for note in notes]
    assert sure == sorted(sure, reverse=True)


def test_a_name_in_two_columns_stands_once() -> None:
    (item,) = extract("Test  3/4  3/5\nHb    9.2  8.8\n")
    assert [part["start"] for part in item["value"]] == [21, 26]


def test_a_shared_unit_is_one_span_of_each() -> None:
    one, other = extract("AST and ALT were 45 and 38 U/L")
    assert one["unit"] == other["unit"]


PIECES = st.sampled_from(
    ["BP", "Na", "K", "Hb", "T", "HR", "pain", "protein", "AST/ALT", "GCS", " ", "  ", "\t", "\n",
     "\r\n", "120/80", "4.1", "138", "98.6", "12/03", "08:00", "3 Mar", "mmol/L", "%", "g/dL", "(",
     ")", "|", "→", ",", ":", "<", "negative", "1+", "was", "from", "to", "and", "H", "0.6-1.3",
     "goal", "é", "²", "µ", "\u00a0", "\u2028", "🙂", "e\u0301"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_holds_for_any_text(text: str) -> None:
    items = extract(text)
    assert items == extract(text)
    assert [item["start"] for item in items] == sorted({item["start"] for item in items})
    json.dumps(items)
    for item in items:
        assert item["value"]
        parts = [part for relation in ("value", "unit", "date") for part in item.get(relation, ())]
        for part in (item, *parts):
            assert part["text"].strip() == part["text"] != ""
            assert text[part["start"] :].startswith(part["text"])
            assert 0 < part["confidence"] < 1


HOSTILE = [
    "Hb 9.2, ", "Hb ", "9 ", "| 9 ", "  9", "(", "1/", "Hb → 9 ", "Hb/", "Hb 9.2 (", "12/03 ", "BP\t",
    "Na 138\n", "was ", "K", "10^", "mg/", "Hb was in the ", "x", "1+", ".", "-", "score ", "A score ", "12/03 Hb 9 ", "3 Mar: K 4.1; ",
    "INR (2-3): ", "Na 1-2: ", "INR goal 2-3, today ", "Hb 7 s/p ",
    "80% bands ", "HBsAg and ", "(Hb) ", "on 3 Mar Hb was ",
]  # fmt: skip


@pytest.mark.proof
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        started = time.perf_counter()
        extract(text)
        return time.perf_counter() - started

    seconds(1000)  # load the tables
    half = max(seconds(100_000), 0.05)
    assert seconds(200_000) < 4 * half
