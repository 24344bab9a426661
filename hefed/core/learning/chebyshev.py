"""A Chebyshev series on a ciphertext: Paterson-Stockmeyer with late relinearisation and exact scales.

Every node of the recursion stays "raw" (three parts, not yet rescaled) until it is a factor of the next product, so the
remainders ride along for free: degree 15, 31, 63 take 6, 9, 14 relinearisations instead of 8, 11, 16, one more from
one level lower.
Source: docs/circuits/sigmoid.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from hefed.core.ckks.ops import Operations, V

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
