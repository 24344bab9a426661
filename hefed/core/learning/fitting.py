"""What the optimiser keeps between two answers (frozen, and survives JSON), and the finished fit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hefed.core.dictionary.variables import Column
from hefed.core.learning import moments as moments_
from hefed.core.learning import sigmoid as sigmoid_
from hefed.core.learning.moments import Moments
from hefed.core.protocol.base import Message, RequestKind
from hefed.core.protocol.requests import SigmoidSpec

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Floats = tuple[float, ...]


class Step(Message):
    """The round to run next. ``beta`` is in clear; ``scaled_betas`` says what is encrypted."""

    kind: RequestKind
    beta: Floats
    sigmoid: SigmoidSpec | None
    criterion: float | None = None
    repeated: bool = False


class Evaluated(Message):
    """A point, the gradient there, and the predicted bias and half-width of the sigmoid it was computed with."""

    beta: Floats
    gradient: Floats
    bias: float
    half_width: float


class OptimiserState(Message):
    """Everything between two answers. ``curvature`` and ``covariance`` are upper triangles, row by row.

    ``at_least`` is the half-width that an explosion has taught; ``clamped`` counts steps in a row that the widest
    interval cut short.
    """

    columns: tuple[Column, ...]
    totals: Floats
    step: Step
    bias: float
    curvature: Floats
    last: Evaluated | None = None
    at_least: float = 0.0
    rounds: int = 0
    clamped: int = 0
    covariance: Floats = ()


@dataclass(frozen=True)
class Fit:
    """The finished model on encoded columns."""

    columns: tuple[Column, ...]
    beta: Vector
    covariance: Matrix
    rounds: int
    n: int
    events: int

    @property
    def standard_errors(self) -> Vector:
        return np.sqrt(np.diag(self.covariance))


def moments_of(state: OptimiserState) -> Moments:
    return moments_.from_totals(state.totals, state.columns)


def coefficients_of(state: OptimiserState) -> Vector:
    """Where the waiting round is computed."""
    return np.array(state.step.beta)


def half_width(state: OptimiserState) -> float:
    return state.step.sigmoid.half_width if state.step.sigmoid else 0.0


def can_widen(state: OptimiserState) -> bool:
    """Whether this round or the one before has an interval that a wider one could replace."""
    narrow = [half_width(state), *([state.last.half_width] if state.last else [])]
    return min(narrow) < sigmoid_.HALF_WIDTHS[-1]


def floats(values: Vector) -> Floats:
    return tuple(float(value) for value in values)
