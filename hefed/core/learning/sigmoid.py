"""The sigmoid as a polynomial: Chebyshev series, its weighted fit, the choice of degree and interval.

Every node of the recursion stays "raw" (three parts, not yet rescaled) until it is a factor of the next product, so the
remainders ride along for free: degree 15, 31, 63 take 6, 9, 14 relinearisations instead of 8, 11, 16, one more from
one level lower.
Source: docs/circuits/sigmoid.md.

Both sides derive the coefficients from the same ``SigmoidSpec``, so no coefficient travels.
Source: docs/circuits/optimiser.md (density-weighted least squares; bias in standard errors by quadrature).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, get_args

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev
from numpy.polynomial.hermite_e import hermegauss

from hefed.core.ckks.ops import Operations, V
from hefed.core.errors import BadInput, FitFailed
from hefed.core.protocol.base import Degree
from hefed.core.protocol.requests import SigmoidSpec

_LEAF_TERMS = 4  # T_0 to T_3; 8 needs T_5 to T_7 at a high level, which cost more than the products they save

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Coefficients of T_0 ... T_n on [-1, 1]."""

    coefficients: tuple[float, ...]

    @classmethod
    def of(cls, coefficients: npt.ArrayLike) -> "Series":
        return cls(tuple(float(c) for c in np.asarray(coefficients)))

    def __call__(self, u: npt.ArrayLike) -> Vector:
        """The series in the clear."""
        return np.asarray(chebyshev.chebval(np.asarray(u), np.array(self.coefficients)), np.float64)

    def evaluate(self, ops: Operations[V], u: V, level: int, scale: float) -> V:
        """The series at every slot of ``u``, at exactly this level and scale.

        Shape:  (slots,) in [-1, 1] -> (slots,)
        Levels: log2(terms) + 1, or log2(terms) from one level lower with one more relinearisation
        Keys:   relinearisation key
        Error:  2e-6 to 4e-6 a slot at scale 2^36
        Raises: LevelExhausted
        Source: docs/circuits/sigmoid.md (Paterson and Stockmeyer 1973, in the Chebyshev basis)
        """
        terms = max(_LEAF_TERMS, 2 ** math.ceil(math.log2(len(self.coefficients))))
        padded = np.pad(np.array(self.coefficients), (0, terms - len(self.coefficients)))
        evaluation = _Evaluation(ops, {1: u}, {})
        return evaluation.lowered(padded, level, scale)


@dataclass(frozen=True)
class _Evaluation(Generic[V]):
    """The powers T_n that one evaluation has made, each also at the lower levels where it was needed."""

    ops: Operations[V]
    powers: dict[int, V]
    dropped: dict[tuple[int, int], V]

    def lowered(self, series: Vector, level: int, scale: float) -> V:
        """The series relinearised and rescaled: ready to be a factor."""
        raw = self._raw(series, level + 1, scale * self.ops.profile.primes[level + 1])
        return self.ops.rescale(raw if self._is_leaf(series, level + 1) else self.ops.relinearise(raw))

    def _raw(self, series: Vector, level: int, scale: float) -> V:
        """The series before relinearising and rescaling; quotient * T_h + remainder, h half the terms."""
        if self._is_leaf(series, level):
            return self._leaf(series, level, scale)
        half = len(series) // 2
        quotient, remainder = _divide(series, half)
        power = self._power_at(half, level)
        factor = self.lowered(quotient, level, scale / self.ops.scale(power))
        return self.ops.accumulate(self.ops.multiply(factor, power), self._raw(remainder, level, scale))

    def _is_leaf(self, series: Vector, level: int) -> bool:
        """Four terms are a leaf where T_3 exists; above it two, which saves the whole circuit a level."""
        return len(series) <= (_LEAF_TERMS if level <= self.ops.level(self.powers[1]) - 2 else 2)

    def _leaf(self, series: Vector, level: int, scale: float) -> V:
        total = self._term(1, self._visible(series[1], level, scale), level, scale)
        for index in range(2, len(series)):
            if self._is_visible(series[index], level, scale):
                total = self.ops.accumulate(total, self._term(index, series[index], level, scale))
        return self.ops.add_constant(total, float(series[0]))

    def _term(self, index: int, coefficient: float, level: int, scale: float) -> V:
        return self.ops.multiply_constant(self._power_at(index, level), float(coefficient), scale)

    def _visible(self, coefficient: float, level: int, scale: float) -> float:
        """A coefficient that rounds to 0 makes a transparent ciphertext; the smallest visible one stands for it."""
        if self._is_visible(coefficient, level, scale):
            return float(coefficient)
        return math.copysign(self.ops.scale(self._power_at(1, level)) / scale, coefficient)

    def _is_visible(self, coefficient: float, level: int, scale: float) -> bool:
        return abs(coefficient) * scale / self.ops.scale(self._power_at(1, level)) >= 1

    def _power_at(self, index: int, level: int) -> V:
        if (index, level) not in self.dropped:
            self.dropped[index, level] = self.ops.drop_to(self._power(index), level)
        return self.dropped[index, level]

    def _power(self, index: int) -> V:
        if index not in self.powers:
            self.powers[index] = self._next_power(index)
        return self.powers[index]

    def _next_power(self, index: int) -> V:
        """T_n = 2 T_a T_b - T_(b-a) with a + b = n and b - a = 0 or 1."""
        ops, low, high = self.ops, index // 2, index - index // 2
        level = min(ops.level(self._power(low)), ops.level(self._power(high)))
        product = ops.multiply(self._power_at(low, level), self._power_at(high, level))
        product = ops.accumulate(product, product)
        if low != high:
            product = ops.accumulate(product, self._term(1, -1.0, level, ops.scale(product)))
        lowered = ops.rescale(ops.relinearise(product))
        return ops.add_constant(lowered, -1.0) if low == high else lowered


def _divide(series: Vector, half: int) -> Sequence[Vector]:
    """Quotient and remainder by T_half, each padded to ``half`` terms."""
    divisor = np.zeros(half + 1)
    divisor[half] = 1.0
    parts = [np.atleast_1d(part) for part in chebyshev.chebdiv(series, divisor)]
    return [np.pad(part, (0, half - len(part))) for part in parts]


HALF_WIDTHS = (8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0)
CENTRES = tuple(float(centre) for centre in range(-20, 21, 2))
DEGREES: tuple[Degree, ...] = get_args(Degree)
HESSIAN_DEGREE: Degree = 31
BIAS_TARGET = 0.01  # standard errors; a solution is trusted when its sigmoid moves it by less

_MEAN_GRID, _SD_GRID = 0.5, 0.25  # what the server sees of the predictor's spread is rounded to these
_WIDENING, _FLOOR, _SMALL_SLOPE = 1.15, 1e-4, 1e-3
_NODES = np.cos(np.pi * (np.arange(4001) + 0.5) / 4001)
_TIGHT, _HESSIAN_HALF_WIDTH = 5.5 / 7, 20.0
_ROOM = 2.0  # an interval is at most this much wider than the moments ask for
_NONLINEARITY = 0.02  # share of the sigmoid's error that no linear E[x | z] cancels, beside dim / rows by chance
_GAUSS_X, _GAUSS_W = hermegauss(101)
_GAUSS_W = _GAUSS_W / _GAUSS_W.sum()


def sigmoid(z: Vector) -> Vector:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def slope(z: Vector) -> Vector:
    """The derivative of the sigmoid."""
    p = sigmoid(z)
    return p * (1.0 - p)


@lru_cache(maxsize=256)
def _fit(spec: SigmoidSpec, derivative: bool) -> tuple[float, ...]:
    z = spec.centre + spec.half_width * _NODES
    distance = (z - spec.mean) / (_WIDENING * spec.sd)
    # Chebyshev nodes carry the Chebyshev weight by their spacing; the floor keeps rows far from the bulk harmless.
    weight = np.exp(-0.5 * np.square(distance)) + _FLOOR
    weight *= np.sqrt(1.0 - _NODES**2)  # from the Chebyshev measure dt / sqrt(1 - t^2) to dt
    target = slope(z) if derivative else sigmoid(z)
    if derivative:  # a column may be 1 only where the slope is small, and its standard error rests on those rows
        weight /= np.sqrt(target + _SMALL_SLOPE)
    fitted = chebyshev.chebfit(_NODES, target, spec.degree, w=np.sqrt(weight))
    return tuple(float(c) for c in fitted)


def coefficients(spec: SigmoidSpec) -> Vector:
    """Chebyshev coefficients of the sigmoid on the spec's interval, by density-weighted least squares.

    Shape:  (degree + 1,), for the variable u = (z - centre) / half_width
    Levels: none; plaintext
    Keys:   none
    Error:  orthogonal to low polynomials of z under the density, see ``bias``
    Raises: nothing
    Source: docs/circuits/optimiser.md
    """
    return np.array(_fit(spec, False))


def derivative_coefficients(spec: SigmoidSpec) -> Vector:
    """Chebyshev coefficients of the sigmoid's slope with respect to z (not to u), at degree 31.

    Shape:  (32,), for the variable u = (z - centre) / half_width
    Levels: none; plaintext
    Keys:   none
    Error:  standard errors off by 0.02 % (median) to 1.8 % (half-width 24, 1,100 rows) on 45 cohorts
    Raises: BadInput for another degree
    Source: docs/circuits/optimiser.md
    """
    if spec.degree != HESSIAN_DEGREE:
        raise BadInput("rounds.slope_degree", degree=spec.degree)
    return np.array(_fit(spec, True))


@dataclass(frozen=True)
class Spread:
    """Where the linear predictor lies: (rows, mean, SD) of survivors and of deaths, pooled mean and SD, the interval
    [low, high] that no row is expected to leave, and the number of coefficients ``dim``."""

    classes: tuple[tuple[float, float, float], tuple[float, float, float]]
    mean: float
    sd: float
    low: float
    high: float
    dim: int

    @property
    def rows(self) -> float:
        return self.classes[0][0] + self.classes[1][0]

    @property
    def centre(self) -> float:
        middle = 0.5 * (self.low + self.high)
        return min(CENTRES, key=lambda centre: abs(centre - middle))

    @property
    def half_width(self) -> float:
        """What the interval must cover around the centre, before rounding up to a published half-width."""
        return max(self.high - self.centre, self.centre - self.low)


@dataclass(frozen=True)
class Choice:
    """A spec and what it costs: the predicted shift of the whole solution in standard errors."""

    spec: SigmoidSpec
    bias: float


def _spec(spread: Spread, degree: Degree, half_width: float) -> SigmoidSpec:
    mean = _MEAN_GRID * round(spread.mean / _MEAN_GRID)
    sd = _SD_GRID * max(1, math.ceil(spread.sd / _SD_GRID - 1e-9))
    return SigmoidSpec(degree=degree, centre=spread.centre, half_width=half_width, mean=mean, sd=sd)


def half_widths(spread: Spread, at_least: float = 0.0) -> list[float]:
    """The published half-widths that cover the spread, the narrowest first; ``at_least`` after an explosion."""
    wide = [h for h in HALF_WIDTHS if h >= max(at_least, spread.half_width)]
    if not wide:
        raise FitFailed(
            "fit.interval_too_wide", sd=spread.sd, half_width=max(at_least, spread.half_width), widest=HALF_WIDTHS[-1]
        )
    return wide


def _points(spread: Spread) -> tuple[Vector, Vector]:
    """Quadrature nodes of z and the rows each stands for."""
    z = np.concatenate([mean + sd * _GAUSS_X for _, mean, sd in spread.classes])
    rows = np.concatenate([n * _GAUSS_W for n, _, _ in spread.classes])
    return z, rows


def bias(spec: SigmoidSpec, spread: Spread) -> float:
    """How far the maximum-likelihood solution moves because the polynomial is not the sigmoid, in standard errors.

    Shape:  one number, an upper estimate over all directions
    Levels: none; plaintext
    Keys:   none
    Error:  within a factor of about 3 of the measured shift on simulated cohorts
    Raises: nothing
    Source: docs/circuits/optimiser.md (linear part exactly, nonlinear part as a share of the root mean square error)
    """
    z, rows = _points(spread)
    u = np.clip((z - spec.centre) / spec.half_width, -1.0, 1.0)
    error = chebyshev.chebval(u, coefficients(spec)) - sigmoid(spec.centre + spec.half_width * u)
    basis = np.stack([np.ones_like(z), (z - spread.mean) / max(spread.sd, 1e-6)])
    gradient = basis @ (rows * error)
    curvature = (basis * (rows * slope(z))) @ basis.T
    linear = float(gradient @ np.linalg.lstsq(curvature, gradient, rcond=1e-10)[0])
    rough = float(rows @ (np.square(error) / np.maximum(slope(z), 1e-4)))
    return math.sqrt(max(linear, 0.0) + (_NONLINEARITY**2 + spread.dim / spread.rows) * rough)


def _choices(spread: Spread, at_least: float) -> Iterator[Choice]:
    """Cheapest degree first, widest interval first within a degree."""
    wide = half_widths(spread, at_least)
    wide = [h for h in wide if h <= _ROOM * spread.half_width] or wide[:1]
    for degree in DEGREES:
        for half_width in reversed(wide):
            spec = _spec(spread, degree, half_width)
            yield Choice(spec, bias(spec, spread))


def choose(spread: Spread, *, criterion: float, at_least: float = 0.0) -> Choice:
    """The sigmoid for the next gradient round.

    Far from the optimum (``criterion`` = g' B^-1 g large) a tenth of the distance left may be bias; near it 0.01
    standard errors. Takes the lowest degree that keeps to it and, at that degree, the widest interval: room for rows
    that lie farther out than the moments tell. If none keeps to it, the one with the least bias.
    """
    target = max(BIAS_TARGET, 0.1 * math.sqrt(max(criterion, 0.0)))
    choices = list(_choices(spread, at_least))
    return next((c for c in choices if c.bias <= target), min(choices, key=lambda c: c.bias))


def choose_hessian(spread: Spread, *, at_least: float = 0.0) -> SigmoidSpec:
    """The slope's polynomial for a Hessian round: the narrowest interval that covers the spread, for degree is fixed.

    Where only an interval past 20 covers it, 5.5 instead of 7 SD must do: on 36 simulated cohorts with strong effects
    the worst standard error is then off by less than 1 % instead of 4 %. Rows up to 6 SD still do no harm; farther ones
    make the Hessian impossible, which the optimiser sees.
    """
    narrow = half_widths(spread, at_least)[0]
    if narrow > _HESSIAN_HALF_WIDTH:
        low, high = (spread.mean + _TIGHT * (end - spread.mean) for end in (spread.low, spread.high))
        enough = max(high - spread.centre, spread.centre - low, at_least, _HESSIAN_HALF_WIDTH)
        narrow = next(h for h in HALF_WIDTHS if h >= enough)
    return _spec(spread, HESSIAN_DEGREE, narrow)
