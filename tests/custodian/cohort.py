"""A small simulated study for the custodian's tests: dictionary, encoded rows, and their sums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.kinds.table import total_names
from hefed.custodian.desk.admission import BatchSums

Matrix = NDArray[np.float64]

DICTIONARY_CSV = """\
name,label,role,kind,unit,levels,centre,scale,fill,indicator
patient,Patient,id,,,,,,,
age,Age,feature,continuous,years,,60,15,60,
creatinine,Creatinine,feature,continuous,mg/dl,,1.0,0.5,1.0,yes
sex,Sex,feature,binary,,female|male,,,,
cancer,Cancer,feature,categorical,,none|local|metastatic,,,none,yes
died,Died,outcome,binary,,0|1,,,,
"""


@dataclass(frozen=True)
class Rows:
    x: Matrix
    y: NDArray[np.float64]


def dictionary() -> DataDictionary:
    return DataDictionary.from_csv(DICTIONARY_CSV)


def simulate(n: int, seed: int = 1) -> Rows:
    """Encoded rows: intercept, age, creatinine, creatinine=missing, sex, cancer=local, =metastatic, =missing."""
    rng = np.random.default_rng(seed)
    age, missing = rng.normal(size=n), rng.random(n) < 0.1
    creatinine = np.where(missing, 0.0, np.clip(rng.gamma(2.0, 0.5, n) * 2 - 2, -4, 4))
    cancer = rng.choice(4, n, p=[0.55, 0.25, 0.15, 0.05])  # 3: unknown, filled as none
    flags = [missing, rng.random(n) < 0.5, cancer == 1, cancer == 2, cancer == 3]
    x = np.column_stack([np.ones(n), np.clip(age, -4, 4), creatinine, *flags]).astype(float)
    z = x @ np.array([-1.8, 0.6, 0.5, 0.2, 0.1, 0.3, 1.0, 0.1])
    return Rows(x, (rng.random(n) < 1 / (1 + np.exp(-z))).astype(float))


def admission_totals(rows: Rows) -> list[float]:
    x, y = rows.x, rows.y
    values = [x.sum(0), (x[:, 1:] ** 2).sum(0), y @ x, [y @ y]]
    return [float(value) for group in values for value in group]


def batch_sums(rows: Rows, declared: int | None = None) -> BatchSums:
    sums = admission_totals(rows)
    assert len(sums) == len(total_names("admission", rows.x.shape[1]))
    return BatchSums(declared or len(rows.y), tuple(sums), rows.x.shape[1])
