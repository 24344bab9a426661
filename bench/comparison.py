"""Holds an encrypted result against the plaintext analysis of the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.reference import Matrix, Solution, Vector, encode, maximum_likelihood
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.metrics import auroc

COEFFICIENT_LIMIT, STANDARD_ERROR_LIMIT, AUROC_LIMIT = 0.1, 0.02, 0.0005


@dataclass(frozen=True)
class PlaintextStudy:
    """Encoded training and held-out rows of all hospitals, with the hospital of each held-out row."""

    train: tuple[Matrix, Vector]
    holdout: tuple[Matrix, Vector]
    holdout_hospital: list[str]

    @classmethod
    def read(cls, dictionary: DataDictionary, tables: Mapping[str, Path], holdout_ids: Path) -> "PlaintextStudy":
        held = set(pd.read_csv(holdout_ids, dtype=str).itertuples(index=False, name=None))
        frames = [pd.read_csv(path, dtype=str).assign(hospital=name) for name, path in tables.items()]
        table = pd.concat(frames, ignore_index=True)
        name = dictionary.id_variable.name
        out = np.array([pair in held for pair in zip(table["hospital"], table[name], strict=True)])
        encoded, outcome = encode(table, dictionary)
        return cls((encoded[~out], outcome[~out]), (encoded[out], outcome[out]), list(table["hospital"][out]))

    def fit(self) -> Solution:
        return maximum_likelihood(*self.train)


@dataclass(frozen=True)
class Comparison:
    """``coefficients``: name -> (encrypted, plaintext, plaintext SE). Limits are those of the product's acceptance."""

    coefficients: dict[str, tuple[float, float, float]]
    standard_error_ratios: dict[str, float]
    auroc: tuple[float | None, float]  # None: suppressed, fewer than 20 events held out

    @property
    def worst_coefficient(self) -> float:
        """Largest |encrypted - plaintext| in plaintext standard errors."""
        return max(abs(found - exact) / error for found, exact, error in self.coefficients.values())

    @property
    def worst_standard_error(self) -> float:
        return max(abs(ratio - 1) for ratio in self.standard_error_ratios.values())

    @property
    def auroc_difference(self) -> float | None:
        return None if self.auroc[0] is None else abs(self.auroc[0] - self.auroc[1])

    def failures(self) -> list[str]:
        """What breaks a limit, in words; empty when all hold."""
        checks = (
            ("largest coefficient difference (SE)", self.worst_coefficient, COEFFICIENT_LIMIT),
            ("largest standard error difference (fraction)", self.worst_standard_error, STANDARD_ERROR_LIMIT),
            ("held-out AUROC difference", self.auroc_difference, AUROC_LIMIT),
        )
        released = [(what, value, limit) for what, value, limit in checks if value is not None]
        return [f"{what} is {value:.2g}, the limit is {limit}" for what, value, limit in released if not value <= limit]


def compare(report: Mapping[str, Any], study: PlaintextStudy, names: list[str]) -> Comparison:
    """``names``: encoded columns, the intercept first, in the order of the study's dictionary."""
    model = report["model"]
    found = {"intercept": model["intercept"]} | model["coefficients"]
    exact = study.fit()
    errors = dict(zip(names, exact.standard_errors, strict=True))
    pairs = zip(names, exact.beta, strict=True)
    held_out, outcome = study.holdout
    return Comparison(
        coefficients={name: (found[name]["estimate"], float(beta), float(errors[name])) for name, beta in pairs},
        standard_error_ratios={name: found[name]["standard_error"] / float(errors[name]) for name in names},
        auroc=(report["metrics"]["pooled"]["auroc"], auroc(held_out @ exact.beta, outcome == 1)[0]),
    )
