"""Second moments per outcome class: what they forbid, where they say to start, and the curvature they imply.

Source: docs/circuits/optimiser.md (class-conditional Gaussian start, Stein's lemma).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning.kinds.pieces import column_pairs
from hefed.core.learning.sigmoid import HALF_WIDTHS, Spread, sigmoid, slope
from hefed.core.words import Said

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

MIN_EVENTS = 8  # fewer deaths or survivors could not be released, and say nothing about a coefficient
CLIP = 4.0  # encoded continuous values lie in [-CLIP, CLIP]
REACH_SDS = 7.0  # rows lay 4.9 to 7.5 SD out; rounding the half-width up covers the rest
_CONSTANT = 1e-6  # variance of an encoded column below which it is the same for everybody
_COLLINEAR = 1e-6  # eigenvalue of the correlation matrix; r = 0.999 leaves 1e-3
_START_STEPS = 100
_X, _W = hermegauss(61)
_W = _W / _W.sum()


@dataclass(frozen=True)
class Moments:
    """Sums of x x' over survivors and over deaths; ``columns`` begins with the intercept."""

    columns: tuple[Column, ...]
    survivors: Matrix
    deaths: Matrix

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @cached_property
    def counts(self) -> tuple[int, int]:
        return round(float(self.survivors[0, 0])), round(float(self.deaths[0, 0]))

    @property
    def n(self) -> int:
        return sum(self.counts)

    @cached_property
    def pooled(self) -> Matrix:
        """Mean of x x' over everybody."""
        return np.asarray((self.survivors + self.deaths) / self.n)

    @cached_property
    def covariance(self) -> Matrix:
        """Of all columns, over everybody; row and column 0 are zero."""
        mean = self.pooled[0]
        return np.asarray(self.pooled - np.outer(mean, mean))

    @cached_property
    def classes(self) -> list[tuple[int, Matrix]]:
        """(rows, mean of x x') of survivors and deaths."""
        return [(n, sums / n) for n, sums in zip(self.counts, (self.survivors, self.deaths), strict=True)]


def symmetric(totals: Sequence[float] | Vector, dim: int) -> Matrix:
    """The matrix whose upper triangle the totals list row by row (``column_pairs``)."""
    matrix = np.zeros((dim, dim))
    for (j, k), total in zip(column_pairs(dim), totals, strict=True):
        matrix[j, k] = matrix[k, j] = total
    return matrix


def from_totals(totals: Sequence[float] | Vector, columns: Sequence[Column]) -> Moments:
    """Moments from a ``moments`` request's opened totals, in the order in which they are named."""
    dim = len(columns)
    expected = 2 * len(column_pairs(dim))
    if len(totals) != expected:
        raise BadInput("rounds.moment_totals", found=len(totals), columns=dim, expected=expected)
    everybody = symmetric(totals[: expected // 2], dim)
    deaths = symmetric(totals[expected // 2 :], dim)
    return Moments(tuple(columns), everybody - deaths, deaths)


# ---- what cannot be fitted -------------------------------------------------------------------------------------------


def check(moments: Moments) -> None:
    """Raise FitFailed, naming columns, if no finite maximum-likelihood solution can exist or be trusted.

    Shape:  (d, d) sums per class
    Levels: none; opened totals
    Keys:   none
    Error:  counts within 0.4 of a whole number are that number
    Raises: FitFailed for too few events, constant or collinear columns, 0/1 columns that decide the outcome
    Source: docs/circuits/optimiser.md
    """
    _check_events(moments)
    _check_constant(moments)
    _check_deciding(moments)
    _check_collinear(moments)


def _check_events(moments: Moments) -> None:
    survivors, deaths = moments.counts
    patients = survivors + deaths
    if deaths <= 0:
        raise FitFailed("fit.no_deaths", patients=patients)
    if deaths < MIN_EVENTS:
        raise FitFailed("fit.few_deaths", minimum=MIN_EVENTS, patients=patients)
    if survivors <= 0:
        raise FitFailed("fit.no_survivors", patients=patients)
    if survivors < MIN_EVENTS:
        raise FitFailed("fit.few_survivors", minimum=MIN_EVENTS, patients=patients)


def _check_constant(moments: Moments) -> None:
    variance = np.diag(moments.covariance)[1:]
    named = [column.name for column, v in zip(moments.columns[1:], variance, strict=True) if v < _CONSTANT]
    if named:
        raise FitFailed("fit.constant", columns=first(named), patients=moments.n)


def _check_deciding(moments: Moments) -> None:
    """Quasi-separation by one 0/1 column, or by the reference level of a one-hot group: an infinite coefficient."""
    found = [said for label, ones in _groups(moments) for said in _decided(moments, label, ones)]
    if found:
        raise FitFailed("fit.deciding", found=tuple(found))


def _groups(moments: Moments) -> Iterator[tuple[str, list[int]]]:
    """Every 0/1 column alone, then the one-hot groups whose members never coincide."""
    by_variable: dict[str, list[int]] = {}
    for j, column in enumerate(moments.columns):
        if column.kind == "indicator01":
            by_variable.setdefault(column.variable, []).append(j)
            yield column.name, [j]
    for variable, group in by_variable.items():
        together = moments.pooled[np.ix_(group, group)] * moments.n
        if len(group) > 1 and np.all(together - np.diag(np.diag(together)) < 0.4):
            yield variable, group


def _decided(moments: Moments, label: str, ones: list[int]) -> Iterator[Said]:
    sums = [np.array([sums[0, 0], sums[0, ones].sum()]) for sums in (moments.survivors, moments.deaths)]
    for value in (1, 0):
        if value == 1 and len(ones) > 1:
            continue  # each level of the group is a column of its own and was tried alone
        survivors, deaths = (float(s[1] if value else s[0] - s[1]) for s in sums)
        if survivors + deaths < 0.4:
            continue  # a level that nobody has: constant or collinear, and said so
        if min(survivors, deaths) < 0.4:  # which of the two is not said: it would tell each patient's outcome
            single = Said("fit.same_outcome", column=label, value=value)
            yield single if len(ones) == 1 else Said("fit.same_outcome_at_reference", variable=label)


def _check_collinear(moments: Moments) -> None:
    sd = np.sqrt(np.diag(moments.covariance)[1:])
    correlation = moments.covariance[1:, 1:] / np.outer(sd, sd)
    values, vectors = np.linalg.eigh(correlation)
    null = vectors[:, values < _COLLINEAR]
    if null.shape[1] == 0:
        return
    involved = np.abs(null).max(axis=1) > 0.01
    named = [column.name for column, hit in zip(moments.columns[1:], involved, strict=True) if hit]
    raise FitFailed("fit.collinear", columns=first(named), surplus=int(null.shape[1]))


def first(names: Sequence[str]) -> tuple[str, ...]:
    """At most twelve names, for people."""
    return tuple(names) if len(names) <= 12 else (*names[:12], "…")


# ---- class-conditional Gaussian model --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Gaussian:
    """One outcome class as a Gaussian: cov(x, t) and z at the quadrature nodes t."""

    mean: Vector
    covariance: Matrix
    with_t: Vector
    z: Vector


def _gaussian(beta: Vector, second: Matrix) -> _Gaussian:
    mean = second[0, 1:]
    covariance = second[1:, 1:] - np.outer(mean, mean)
    b = beta[1:]
    sd = math.sqrt(max(float(b @ covariance @ b), 1e-12))
    return _Gaussian(mean, covariance, covariance @ b / sd, beta[0] + mean @ b + sd * _X)


def expected_loss(beta: Vector, moments: Moments) -> float:
    """Expected log-loss per patient when each class is Gaussian."""
    parts = (
        n * float(_W @ (np.logaddexp(0.0, z) - k * z))
        for k, (n, second) in enumerate(moments.classes)
        for z in [_gaussian(beta, second).z]
    )
    return sum(parts) / moments.n


def _gradient(beta: Vector, moments: Moments) -> Vector:
    total = np.zeros_like(beta)
    for k, (n, second) in enumerate(moments.classes):
        g = _gaussian(beta, second)
        residual = sigmoid(g.z) - k
        level, with_t = _W @ residual, _W @ (residual * _X)
        total += n * np.r_[level, level * g.mean + with_t * g.with_t]
    return total / moments.n


def curvature(beta: Vector, moments: Moments) -> Matrix:
    """Sum over rows of sigma'(z) x x' if each outcome class were Gaussian.

    Shape:  (d, d)
    Levels: none; opened totals
    Keys:   none
    Error:  a model's, not a rounding error: tens of per cent on skewed columns; BFGS corrects it
    Raises: nothing
    Source: Stein's lemma; docs/circuits/optimiser.md
    """
    total = np.zeros_like(moments.pooled)
    for n, second in moments.classes:
        g = _gaussian(beta, second)
        v = slope(g.z)
        e0, e1, e2 = _W @ v, _W @ (v * _X), _W @ (v * (_X**2 - 1))
        part = np.empty_like(second)
        part[0, 0] = e0
        part[0, 1:] = part[1:, 0] = e0 * g.mean + e1 * g.with_t
        cross = np.outer(g.mean, g.with_t)
        part[1:, 1:] = e0 * second[1:, 1:] + e1 * (cross + cross.T) + e2 * np.outer(g.with_t, g.with_t)
        total += n * part
    return total


def first_curvature(beta: Vector, moments: Moments) -> Matrix:
    """The optimiser's first matrix: half Stein's, half the classes' own second moments.

    At the optimum the Hessian is about sum over deaths of (1 - p) x x', and as well sum over survivors of p x x'. With
    p averaged by class this knows what no Gaussian knows (who, among the patients with a rare finding, died) and
    misses what Stein's lemma has (how the slope varies with z).

    Shape:  (d, d)
    Levels: none; opened totals
    Keys:   none
    Error:  on 48 cohorts 4.9 rounds on average and 8 at most, against 5.8 and 14 with Stein's alone
    Raises: nothing
    Source: docs/circuits/optimiser.md; docs/adr/0202
    """
    (_, survivors), (_, deaths) = moments.classes
    missed = float(_W @ (1.0 - sigmoid(_gaussian(beta, deaths).z)))
    expected = float(_W @ sigmoid(_gaussian(beta, survivors).z))
    by_class = (missed**2 * moments.deaths + expected**2 * moments.survivors) / (missed + expected)
    return np.asarray((curvature(beta, moments) + by_class) / 2)


def spread(beta: Vector, moments: Moments) -> Spread:
    """Where the linear predictor lies under these coefficients, by the moments and by the range of each column."""
    mean, sd = float(beta @ moments.pooled[0]), _sd(beta, moments.covariance)
    low, high = _reach(beta, moments)
    classes = [
        (float(n), float(beta @ second[0]), _sd(beta, second - np.outer(second[0], second[0])))
        for n, second in moments.classes
    ]
    return Spread((classes[0], classes[1]), mean, sd, low, high, len(beta))


def _sd(beta: Vector, covariance: Matrix) -> float:
    return math.sqrt(max(float(beta @ covariance @ beta), 1e-12))


def _reach(beta: Vector, moments: Moments) -> tuple[float, float]:
    """The interval of z that rows are expected to keep to.

    7 SD either way; farther if 4.5 SD around what one column's extreme predicts lies farther (rare 0/1 columns);
    never beyond what the columns' ranges allow at all.
    """
    mean, covariance = moments.pooled[0], moments.covariance
    centre, sd = float(beta @ mean), _sd(beta, covariance)
    ranges = np.array([(0.0, 1.0) if c.kind == "indicator01" else (-CLIP, CLIP) for c in moments.columns[1:]])
    ends = np.sort(beta[1:, None] * (ranges - mean[1:, None]), axis=1)
    shared, variance = (covariance @ beta)[1:], np.diag(covariance)[1:]
    given = np.sort((shared / variance)[:, None] * (ranges - mean[1:, None]), axis=1)  # E[z | the column's extreme]
    rest = 4.5 * np.sqrt(np.maximum(sd**2 - shared**2 / variance, 0.0))
    alone_low, alone_high = (given[:, 0] - rest).min(), (given[:, 1] + rest).max()
    low = max(ends[:, 0].sum(), min(-REACH_SDS * sd, alone_low))
    high = min(ends[:, 1].sum(), max(REACH_SDS * sd, alone_high))
    return centre + float(low), centre + float(high)


def within_reach(beta: Vector, moments: Moments) -> tuple[Vector, bool]:
    """The coefficients, shrunk around the mean of z until the widest interval holds them; whether they were."""
    shrunk = beta
    while spread(shrunk, moments).half_width > HALF_WIDTHS[-1]:
        shrunk = shrunk * 0.97
        shrunk[0] += float((beta - shrunk) @ moments.pooled[0])
    return shrunk, shrunk is not beta


def start(moments: Moments) -> Vector:
    """Coefficients that minimise the expected log-loss if each outcome class were Gaussian.

    Shape:  (d,)
    Levels: none; opened totals
    Keys:   none
    Error:  AUROC within 0.0025 to 0.012 of the optimum on four cohorts
    Raises: nothing; ``check`` comes first
    Source: docs/circuits/optimiser.md
    """
    survivors, deaths = moments.counts
    beta = np.zeros(len(moments.columns))
    beta[0] = math.log(deaths / survivors)
    for _ in range(_START_STEPS):
        gradient = _gradient(beta, moments)
        step = np.linalg.lstsq(curvature(beta, moments) / moments.n, gradient, rcond=1e-12)[0]
        if gradient @ step < 1e-9:
            break
        beta = _descend(beta, np.asarray(step, np.float64), moments)
        if within_reach(beta, moments)[1]:  # classes so far apart that the loss has no finite minimum
            break
    return within_reach(beta, moments)[0]


def _descend(beta: Vector, step: Vector, moments: Moments) -> Vector:
    """One Newton step of the convex loss, capped in the SD of z and halved until it lowers the loss."""
    step = step * min(1.0, 2.0 / _sd(step, moments.pooled))
    before = expected_loss(beta, moments)
    while expected_loss(beta - step, moments) > before and np.abs(step).max() > 1e-12:
        step = step / 2
    return np.asarray(beta - step)
