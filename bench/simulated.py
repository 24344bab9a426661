"""Simulated studies for tests, rehearsals and benchmarks: tables as hospitals keep them, and their data dictionary."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from bench.reference import encode
from hefed.core.dictionary.variables import DataDictionary, Variable
from hefed.core.learning.sigmoid import sigmoid

Vector = NDArray[np.float64]
Values = NDArray[Any]  # numbers or words, as a table keeps them
Table = dict[str, Values]
Maker = Callable[[str, Vector, np.random.Generator], tuple[Variable, Values]]
OUTCOME = Variable("died", "Died within 30 days", "outcome", "binary")
ID = Variable("id", "Patient", "id", "")


@dataclass(frozen=True)
class Shape:
    """What a simulated study looks like. Columns: normal, skewed (log-normal), binary, rare binary, categorical
    (four levels, three columns each), twins (copies of normal columns with correlation 0.999)."""

    hospitals: tuple[int, ...]
    deaths: float
    normal: int = 3
    skewed: int = 0
    binary: int = 0
    rare: int = 0
    categorical: int = 0
    twins: int = 0
    strength: float = 1.2  # SD of the linear predictor
    missing: float = 0.0  # of the first normal variable, with an indicator
    spoil: str = ""  # "separated" or "collinear": a study that cannot be fitted


SHAPES = {
    "two-small": Shape((400, 300), 0.2),
    "tiny-hospital": Shape((900, 500, 60), 0.15, normal=4, binary=4, strength=1.0),
    "rare-binaries": Shape((9000, 6000, 3000, 2000), 0.05, normal=4, rare=8),
    "near-collinear": Shape((3000, 2000, 1000), 0.1, normal=6, binary=2, twins=2),
    "wide-balanced": Shape((4000, 3000, 2000, 1500, 1000, 500), 0.5, normal=20, skewed=5, binary=15),
    "rare-deaths": Shape((40000, 15000, 5000), 0.01, normal=10, skewed=5, binary=10, strength=1.5),
    "heavy-tails": Shape((10000, 7000, 3000), 0.05, normal=3, skewed=12, strength=1.8),
    "strong-effects": Shape((5000, 2000, 1000), 0.3, normal=6, binary=4, strength=3.5),
    "categories": Shape((4000, 2000, 1500, 1000, 500), 0.12, normal=4, binary=3, categorical=4, missing=0.1),
    "national": Shape((180000, 90000, 30000), 0.01, normal=10, skewed=5, binary=15, strength=1.6),
    "small-study": Shape((200, 100), 0.1, normal=4, binary=1, strength=1.0),
    "small-wide": Shape((300, 200), 0.1, normal=7, binary=3, strength=1.0),
    "separated": Shape((900, 600), 0.3, normal=4, spoil="separated"),
    "collinear": Shape((900, 600), 0.3, normal=4, spoil="collinear"),
}
BENCH = Shape((204604, 102302, 34101), 0.005, normal=10, skewed=5, binary=15, strength=1.6)  # 341,007 x 30


@dataclass(frozen=True)
class Cohort:
    """Tables by hospital (letters from A) and the dictionary that reads them."""

    hospitals: dict[str, pd.DataFrame]
    dictionary: DataDictionary

    def pooled(self) -> pd.DataFrame:
        return pd.concat(self.hospitals.values(), ignore_index=True)


def simulate(shape: Shape | str, seed: int) -> Cohort:
    """A study of that shape; the same seed gives the same tables. Raises BadInput for an unknown name."""
    if isinstance(shape, str):
        if shape not in SHAPES:
            raise ValueError(f"cannot simulate {shape!r}: known shapes are {', '.join(SHAPES)}")
        shape = SHAPES[shape]
    rng = np.random.default_rng(seed)
    variables, table = _features(shape, rng)
    dictionary = DataDictionary((ID, *variables, OUTCOME))
    frame = pd.DataFrame(table)
    frame.insert(0, "id", [f"p{i:07d}" for i in range(len(frame))])
    frame["died"] = _outcome(frame.assign(died=0), dictionary, shape, rng)
    ends = np.cumsum(shape.hospitals)
    parts = np.split(np.arange(len(frame)), ends[:-1])
    named = {chr(ord("A") + k): frame.iloc[rows].reset_index(drop=True) for k, rows in enumerate(parts)}
    return Cohort(named, dictionary)


def _features(shape: Shape, rng: np.random.Generator) -> tuple[list[Variable], Table]:
    n = sum(shape.hospitals)
    makers: list[tuple[str, int, Maker]] = [
        ("lab", shape.normal, _normal),
        ("marker", shape.skewed, _skewed),
        ("history", shape.binary, _common),
        ("rare", shape.rare, _rare),
        ("group", shape.categorical, _categorical),
    ]
    total = sum(count for _, count, _ in makers)
    mixing = rng.normal(size=(total, total)) * 0.75 / np.sqrt(total) + np.eye(total)
    latent = rng.normal(size=(n, total)) @ (mixing / np.linalg.norm(mixing, axis=0))
    names = [(f"{stem}{k + 1}", maker) for stem, count, maker in makers for k in range(count)]
    made = [maker(name, latent[:, j], rng) for j, (name, maker) in enumerate(names)]
    return _extras(shape, [v for v, _ in made], {v.name: values for v, values in made}, rng)


def _normal(name: str, z: Vector, rng: np.random.Generator) -> tuple[Variable, Values]:
    centre, scale = float(rng.integers(5, 100)), float(rng.integers(1, 20))
    variable = Variable(name, name.capitalize(), "feature", "continuous", "U/l", (), centre, scale)
    return variable, np.round(centre + scale * z, 4)


def _skewed(name: str, z: Vector, rng: np.random.Generator) -> tuple[Variable, Values]:
    values = np.round(np.exp(0.8 * z) * 10, 4)
    centre, scale = float(np.round(values.mean(), 1)), float(np.round(values.std(), 1))
    return Variable(name, name.capitalize(), "feature", "continuous", "mg/l", (), centre, scale), values


def _common(name: str, z: Vector, rng: np.random.Generator) -> tuple[Variable, Values]:
    ones = z > rng.uniform(-0.5, 1.4)
    variable = Variable(name, name.capitalize(), "feature", "binary", "", ("no", "yes"))
    return variable, np.where(ones, "yes", "no").astype(object)


def _rare(name: str, z: Vector, rng: np.random.Generator) -> tuple[Variable, Values]:
    return Variable(name, name.capitalize(), "feature", "binary"), (z > rng.uniform(2.0, 2.6)).astype(np.int64)


def _categorical(name: str, z: Vector, rng: np.random.Generator) -> tuple[Variable, Values]:
    levels = ("none", "mild", "moderate", "severe")
    variable = Variable(name, name.capitalize(), "feature", "categorical", "", levels)
    return variable, np.array(levels, dtype=object)[np.digitize(z, [0.2, 1.0, 1.8])]


def _extras(
    shape: Shape, variables: list[Variable], table: Table, rng: np.random.Generator
) -> tuple[list[Variable], Table]:
    for k in range(shape.twins):
        twin = variables[k]
        jitter = rng.normal(size=len(table[twin.name])) * twin.scale * np.sqrt(2 * 0.001)
        name = f"{twin.name}twin"
        variables.append(Variable(name, name, "feature", "continuous", twin.unit, (), twin.centre, twin.scale))
        table[name] = np.round(table[twin.name] + jitter, 4)
    if shape.spoil == "collinear":
        first = variables[0]
        variables.append(Variable("copy", "Copy", "feature", "continuous", "", (), 3 * first.centre, 5 * first.scale))
        table["copy"] = 3 * table[first.name]
    if shape.missing:
        first = variables[0]
        variables[0] = Variable(
            first.name, first.label, "feature", "continuous", first.unit, (), first.centre, first.scale,
            str(first.centre), True,
        )  # fmt: skip
        table[first.name] = np.where(rng.random(len(table[first.name])) < shape.missing, np.nan, table[first.name])
    return variables, table


def _outcome(frame: pd.DataFrame, dictionary: DataDictionary, shape: Shape, rng: np.random.Generator) -> Values:
    x, _ = encode(frame, dictionary)
    effect = x[:, 1:] @ rng.normal(size=x.shape[1] - 1)
    effect *= shape.strength / effect.std()
    if shape.spoil == "separated":
        return np.asarray(effect > np.quantile(effect, 1 - shape.deaths), np.int64)
    constant = brentq(lambda a: float(sigmoid(a + effect).mean()) - shape.deaths, -30, 30)
    return np.asarray(rng.random(len(effect)) < sigmoid(constant + effect), np.int64)
