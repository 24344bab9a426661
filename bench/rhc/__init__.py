"""The demonstration study on real data: SurvSet's ``rhc``, 5,735 intensive-care patients of five US centres.

Outcome: death within 30 days (event and time <= 30; 33 %). Patients are divided by a hash of their number into three
hospitals of about 60, 30 and 10 %.
Source: Connors et al., JAMA 1996;276:889; packaged by SurvSet (Drysdale 2022).
"""

import hashlib
from pathlib import Path

import pandas as pd
from SurvSet.data import SurvLoader

DICTIONARY = Path(__file__).parent / "dictionary.csv"
HOSPITALS = {
    "north": "North University Hospital",
    "harbour": "Harbour General Hospital",
    "valley": "Valley Community Hospital",
}
_SHARES = {"north": 0.6, "harbour": 0.9, "valley": 1.0}  # cumulative
_CONTINUOUS = {
    "age": "num_age",
    "aps": "num_aps1",
    "coma": "num_scoma1",
    "mean_bp": "num_meanbp1",
    "heart_rate": "num_hrt1",
    "respiratory_rate": "num_resp1",
    "temperature": "num_temp1",
    "pafi": "num_pafi1",
    "albumin": "num_alb1",
    "haematocrit": "num_hema1",
    "bilirubin": "num_bili1",
    "creatinine": "num_crea1",
    "sodium": "num_sod1",
    "potassium": "num_pot1",
    "paco2": "num_paco21",
    "ph": "num_ph1",
    "weight": "num_wtkilo1",
    "urine": "num_urin1",
}
_COPIED = {
    "sex": "fac_sex",
    "dnr": "fac_dnr1",
    "rhc": "fac_swang1",
    "malignancy": "fac_malighx",
    "immunosuppression": "fac_immunhx",
}
_MERGED_CATEGORIES = {  # 7 colon and 39 lung cancers are too few for levels of their own
    "MOSF w/Malignancy": "Malignancy",
    "Lung Cancer": "Malignancy",
    "Colon Cancer": "Malignancy",
    "MOSF w/Sepsis": "Sepsis",
}


def patients() -> pd.DataFrame:
    """All 5,735 patients in the columns of ``dictionary.csv``."""
    raw = SurvLoader().load_dataset(ds_name="rhc")["df"]
    table = pd.DataFrame({"patient": [f"P{number:05d}" for number in raw["pid"]]})
    for name, source in (_CONTINUOUS | _COPIED).items():
        table[name] = raw[source].to_numpy()
    table["weight"] = table["weight"].mask(table["weight"] == 0)  # 0 kg stands for "not measured"
    table["category"] = raw["fac_cat1"].astype(str).replace(_MERGED_CATEGORIES).to_numpy()
    table["death30"] = ((raw["event"] == 1) & (raw["time"] <= 30)).astype(int).to_numpy()
    return table


def hospital_of(patient: str) -> str:
    fraction = int.from_bytes(hashlib.sha256(patient.encode()).digest()[:8], "big") / 2**64
    return next(hospital for hospital, bound in _SHARES.items() if fraction < bound)


def write_hospital_tables(folder: Path) -> dict[str, Path]:
    """One CSV per hospital in ``folder``; hospital -> path."""
    table = patients()
    homes = table["patient"].map(hospital_of)
    paths = {hospital: folder / f"{hospital}.csv" for hospital in HOSPITALS}
    for hospital, path in paths.items():
        table[homes == hospital].to_csv(path, index=False)
    return paths
