"""The plaintext twin: what a statistician gets from the pooled rows, and the protocol without encryption."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np
import pandas as pd
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from hefed.core.dictionary.variables import MISSING, Column, DataDictionary, Variable, columns_of
from hefed.core.errors import FitFailed
from hefed.core.learning import moments as moments_
from hefed.core.learning import optimiser
from hefed.core.learning.kinds.gradient import GradientRound
from hefed.core.learning.kinds.hessian import HessianRound
from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.sigmoid import coefficients, derivative_coefficients, sigmoid, slope
from hefed.core.protocol.requests import SigmoidSpec

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
_SINGULAR, _NO_INFORMATION = 1e12, 1e-6  # condition and size of the Hessian; separation drives it to either


# ---- rows to columns -------------------------------------------------------------------------------------------------


def encode(frame: pd.DataFrame, dictionary: DataDictionary) -> tuple[Matrix, Vector]:
    """Encoded columns, intercept first, and the outcome, of a clean table; the encryptor's rules in plain pandas."""
    parts = [np.ones(len(frame))]
    for variable in dictionary.features:
        parts.extend(_encode(frame[variable.name], variable))
    return np.column_stack(parts), _binary(frame[dictionary.outcome.name], dictionary.outcome)


def _encode(cells: "pd.Series[str]", variable: Variable) -> Iterator[Vector]:
    absent = cells.isna().to_numpy()
    filled = cells.where(~absent, variable.fill) if variable.fill else cells
    for column in columns_of(variable):
        if column.name == f"{variable.name}={MISSING}" and variable.indicator:
            yield absent.astype(np.float64)
        elif variable.kind == "categorical":
            yield (filled.astype(str) == column.level).to_numpy().astype(np.float64)
        elif variable.kind == "binary":
            yield _binary(filled, variable)
        else:
            scaled = (filled.astype(float).to_numpy() - variable.centre) / variable.scale
            yield np.clip(scaled, -moments_.CLIP, moments_.CLIP)


def _binary(cells: "pd.Series[str]", variable: Variable) -> Vector:
    if variable.levels:
        return (cells.astype(str) == variable.levels[1]).to_numpy().astype(np.float64)
    return cells.astype(float).to_numpy().astype(np.float64)


# ---- maximum likelihood ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Solution:
    beta: Vector
    covariance: Matrix

    @property
    def standard_errors(self) -> Vector:
        return np.sqrt(np.diag(self.covariance))


def maximum_likelihood(x: Matrix, y: Vector) -> Solution:
    """Unpenalised logistic regression by Newton's method with step halving.

    Shape:  (n, d), (n,)
    Levels: none; plaintext
    Keys:   none
    Error:  machine precision
    Raises: FitFailed for collinear columns and separation
    Source: McCullagh and Nelder, Generalized Linear Models, section 4.4
    """
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean() / (1 - y.mean()))
    for _ in range(100):
        z = x @ beta
        gradient, hessian = x.T @ (sigmoid(z) - y), (x * slope(z)[:, None]).T @ x
        if np.linalg.cond(hessian) > _SINGULAR or np.linalg.norm(hessian) < _NO_INFORMATION:
            break
        step = np.asarray(np.linalg.solve(hessian, gradient))
        if gradient @ step < 1e-14:
            return Solution(beta, np.asarray(np.linalg.inv(hessian)))
        beta = _downhill(beta, step, x, y)
    raise FitFailed("fit.singular")


def _downhill(beta: Vector, step: Vector, x: Matrix, y: Vector) -> Vector:
    def loss(at: Vector) -> float:
        z = x @ at
        return float(np.sum(np.logaddexp(0.0, z) - y * z))

    before, size = loss(beta), 1.0
    while loss(beta - size * step) > before + 1e-9 and size > 1e-6:
        size /= 2
    return np.asarray(beta - size * step)


# ---- the protocol without encryption ---------------------------------------------------------------------------------


@dataclass
class PlainServer:
    """Answers the optimiser's rounds on plaintext rows with the same polynomials, and noise as large as CKKS leaves."""

    x: Matrix
    y: Vector
    noise: float = 1e-5
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def moments(self, columns: Sequence[Column]) -> moments_.Moments:
        upper = np.triu_indices(self.x.shape[1])
        deaths = self.x[self.y == 1]
        totals = np.r_[(self.x.T @ self.x)[upper], (deaths.T @ deaths)[upper]]
        return moments_.from_totals(self._noisy(totals), columns)

    def answer(self, step: optimiser.Step) -> Vector:
        """The totals of one gradient or Hessian round."""
        if step.sigmoid is None:
            raise FitFailed("rounds.no_sigmoid", kind=step.kind)
        u = self.x @ optimiser.scaled_betas(step.beta, step.sigmoid)
        return self._noisy(_in_clear(kind_named(step.kind), self, u, step.sigmoid))

    def _noisy(self, totals: Vector) -> Vector:
        return np.asarray(totals + self.rng.normal(size=totals.shape) * self.noise)


@singledispatch
def _in_clear(kind: RoundKind, server: PlainServer, u: Vector, spec: SigmoidSpec) -> Vector:
    raise FitFailed("rounds.no_sigmoid", kind=kind.name)


@_in_clear.register
def _(kind: GradientRound, server: PlainServer, u: Vector, spec: SigmoidSpec) -> Vector:
    return np.asarray(server.x.T @ (chebyshev.chebval(u, coefficients(spec)) - server.y))


@_in_clear.register
def _(kind: HessianRound, server: PlainServer, u: Vector, spec: SigmoidSpec) -> Vector:
    weights = chebyshev.chebval(u, derivative_coefficients(spec))
    return np.asarray(((server.x * weights[:, None]).T @ server.x)[np.triu_indices(server.x.shape[1])])


def train(server: PlainServer, columns: Sequence[Column]) -> tuple[optimiser.Fit, list[optimiser.Step]]:
    """The whole job from moments to the fitted model, and the steps it took."""
    state, step = optimiser.start(server.moments(columns))
    steps = [step]
    while step.sigmoid is not None:
        state, step = optimiser.advance(state, server.answer(step))
        steps.append(step)
    return optimiser.fitted(state), steps
