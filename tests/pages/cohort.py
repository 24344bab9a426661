"""Three hospitals' simulated patients, fitted and released by the product's own mathematics."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.reference import maximum_likelihood
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.disclosure import release
from hefed.core.learning.optimiser import Fit
from hefed.core.learning.table_one import table_one
from hefed.core.protocol.results import ReleasedResult, TableOne

DICTIONARY = """name,label,role,kind,unit,levels,centre,scale,fill,indicator
patient,Pseudonym,id,,,,,,,
death30,Death within 30 days,outcome,binary,,,,,,
age,Age,feature,continuous,years,,62,16,,
sex,Male sex,feature,binary,,,,,,
mbp,Mean blood pressure,feature,continuous,mmHg,,78,38,78,
heart_rate,Heart rate,feature,continuous,1/min,,115,41,,
creatinine,Creatinine,feature,continuous,mg/dl,,2.1,2,1,yes
albumin,Albumin,feature,continuous,g/dl,,3.1,0.8,3.5,yes
cancer,Cancer,feature,categorical,,none|localised|metastatic,,,,
dementia,Dementia,feature,binary,,,,,,
surgery,Admitted for surgery,feature,binary,,,,,,
gcs,Glasgow coma score,feature,continuous,points,,21,30,,
"""
BETA = (-1.0, 0.45, 0.12, -0.25, 0.2, 0.15, 0.1, -0.3, 0.05, 0.45, 1.1, 0.25, -0.4, 0.5)


@dataclass(frozen=True, eq=False)
class Patients:
    """Encoded columns and outcomes of one hospital; the last fifth is held out."""

    x: np.ndarray
    y: np.ndarray

    @property
    def train(self) -> int:
        return len(self.y) * 4 // 5

    def sums(self) -> np.ndarray:
        x, y = self.x, self.y
        return np.r_[x.sum(0), (x[:, 1:] ** 2).sum(0), y @ x, y @ y]


@cache
def patients(n: int, shift: float, seed: int) -> Patients:
    rng = np.random.default_rng(seed)
    columns = DataDictionary.from_csv(DICTIONARY).columns
    draw = {
        "intercept": lambda: np.ones(n),
        "continuous": lambda: np.clip(rng.normal(size=n), -4, 4),
        "indicator01": lambda: (rng.random(n) < 0.2).astype(float),
    }
    x = np.column_stack([draw[column.kind]() for column in columns])
    risk = 1 / (1 + np.exp(-(x @ np.array(BETA) + shift)))
    return Patients(x, (rng.random(n) < risk).astype(float))


@cache
def summary(of: Patients) -> TableOne:
    return table_one(of.sums(), DataDictionary.from_csv(DICTIONARY).columns)


@cache
def released(train: tuple[Patients, ...], slugs: tuple[str, ...], test: tuple[Patients, ...]) -> ReleasedResult:
    """The pool ``train``, evaluated on the held-out patients of ``test``, whose names are ``slugs``."""
    columns = DataDictionary.from_csv(DICTIONARY).columns
    x = np.concatenate([of.x[: of.train] for of in train])
    y = np.concatenate([of.y[: of.train] for of in train])
    solution = maximum_likelihood(x, y)
    fit = Fit(columns, solution.beta, solution.covariance, 9, len(y), int(y.sum()))
    scores = [(of.x[of.train :] @ solution.beta, of.y[of.train :]) for of in test]
    return release(fit, dict(zip(slugs, scores, strict=True)))
