"""The operations in the clear: what a circuit computes, with the same levels, scales and refusals, and no noise."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hefed.core.ckks.cost import DryRun, Shape
from hefed.core.ckks.params import Profile


@dataclass(frozen=True)
class PlainValue:
    """Slots of a would-be ciphertext; complex only behind ``times_monomial``."""

    slots: npt.NDArray[np.complex128] = field(repr=False)
    shape: Shape

    @property
    def total(self) -> float:
        """What opening a sealed total of this value yields."""
        return float(self.slots.real.sum())


class PlainOperations:
    """NumPy twin of the evaluator; shapes are checked by the dry run that it carries along."""

    def __init__(self, profile: Profile) -> None:
        self._shapes = DryRun(profile)
        self._monomial: npt.NDArray[np.complex128] = np.tile([1j, -1j], profile.slots // 2)

    @property
    def profile(self) -> Profile:
        return self._shapes.profile

    def encrypt(self, values: npt.ArrayLike, level: int) -> PlainValue:
        """Slots of a fresh value, padded with zeros; the name matches the real encryptor's."""
        slots = np.zeros(self.profile.slots, np.complex128)
        given = np.asarray(values)
        slots[: given.size] = given
        return PlainValue(slots, Shape(level, self.profile.scale))

    def encrypt_constant(self, value: float, level: int) -> PlainValue:
        return self.encrypt(np.full(self.profile.slots, value), level)

    def level(self, value: PlainValue) -> int:
        return value.shape.level

    def scale(self, value: PlainValue) -> float:
        return value.shape.scale

    def multiply(self, a: PlainValue, b: PlainValue) -> PlainValue:
        return PlainValue(a.slots * b.slots, self._shapes.multiply(a.shape, b.shape))

    def multiply_add(self, total: PlainValue | None, a: PlainValue, b: PlainValue) -> PlainValue:
        if total is None:
            return self.multiply(a, b)
        shape = self._shapes.multiply_add(total.shape, a.shape, b.shape)
        return PlainValue(total.slots + a.slots * b.slots, shape)

    def add(self, a: PlainValue, b: PlainValue) -> PlainValue:
        return PlainValue(a.slots + b.slots, self._shapes.add(a.shape, b.shape))

    def accumulate(self, total: PlainValue | None, value: PlainValue) -> PlainValue:
        return value if total is None else self.add(total, value)

    def subtract(self, a: PlainValue, b: PlainValue) -> PlainValue:
        return PlainValue(a.slots - b.slots, self._shapes.subtract(a.shape, b.shape))

    def multiply_constant(self, value: PlainValue, constant: float, scale: float) -> PlainValue:
        return PlainValue(value.slots * constant, self._shapes.multiply_constant(value.shape, constant, scale))

    def add_constant(self, value: PlainValue, constant: float) -> PlainValue:
        return PlainValue(value.slots + constant, self._shapes.add_constant(value.shape, constant))

    def times_monomial(self, value: PlainValue, sign: int = 1) -> PlainValue:
        return PlainValue(value.slots * (sign * self._monomial), self._shapes.times_monomial(value.shape))

    def relinearise(self, value: PlainValue) -> PlainValue:
        return PlainValue(value.slots, self._shapes.relinearise(value.shape))

    def rescale(self, value: PlainValue) -> PlainValue:
        return PlainValue(value.slots, self._shapes.rescale(value.shape))

    def drop_to(self, value: PlainValue, level: int) -> PlainValue:
        return PlainValue(value.slots, self._shapes.drop_to(value.shape, level))

    def blind(self, value: PlainValue) -> PlainValue:
        return PlainValue(value.slots, self._shapes.blind(value.shape))
