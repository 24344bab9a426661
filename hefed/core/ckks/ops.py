"""The operations that circuits are written in, once, and that three interpreters read.

TenSEAL (``backend.Evaluator``) computes, ``dry_run.DryRun`` counts, ``plain.PlainOperations`` does it in the clear.
"Consumes" means: the argument may be changed in place and must not be used afterwards; the result must be.
"""

from typing import Protocol, TypeVar

from hefed.core.ckks.params import Profile
from hefed.core.errors import CircuitError, LevelExhausted, ScaleMismatch

V = TypeVar("V")
SCALE_TOLERANCE = 2.0**-40  # rounding of floats, never a different prime: neighbouring primes differ by 2^-17


class Operations(Protocol[V]):
    """Ciphertext arithmetic at a level and a scale. Operands of a binary operation have the same level."""

    @property
    def profile(self) -> Profile: ...

    def level(self, value: V) -> int: ...

    def scale(self, value: V) -> float: ...

    def multiply(self, a: V, b: V) -> V:
        """Tensor product of two two-part values: three parts, the scales multiply, no level is used yet."""
        ...

    def multiply_add(self, total: V | None, a: V, b: V) -> V:
        """``total + a * b``; consumes ``total``; None stands for an empty sum."""
        ...

    def add(self, a: V, b: V) -> V:
        """Sum of two values of one scale; two and three parts mix."""
        ...

    def accumulate(self, total: V | None, value: V) -> V:
        """``total + value``; consumes ``total``; None stands for an empty sum."""
        ...

    def subtract(self, a: V, b: V) -> V: ...

    def multiply_constant(self, value: V, constant: float, scale: float) -> V:
        """Product with one number in every slot, at exactly ``scale``: the constant carries what is missing."""
        ...

    def add_constant(self, value: V, constant: float) -> V:
        """Consumes ``value``."""
        ...

    def times_monomial(self, value: V, sign: int = 1) -> V:
        """Product with sign * X^(N/2): multiplies slots by +i or -i alternately, exactly; no level, no scale."""
        ...

    def relinearise(self, value: V) -> V:
        """Three parts to two; consumes ``value``."""
        ...

    def rescale(self, value: V) -> V:
        """Divide by the last prime: one level down; consumes ``value``."""
        ...

    def drop_to(self, value: V, level: int) -> V:
        """The same value at a lower level; the value itself if it is there already."""
        ...

    def blind(self, value: V) -> V:
        """Add a fresh encryption of zero, so that the second part says nothing of where the value came from."""
        ...


def require_level(doing: str, level: int, needed: int) -> None:
    """Raise LevelExhausted when fewer than ``needed`` rescalings are left."""
    if level < needed:
        raise LevelExhausted("ckks.level_exhausted", doing=doing, needed=needed, level=level)


def require_same_level(doing: str, a: int, b: int) -> None:
    if a != b:
        raise CircuitError("ckks.levels_differ", doing=doing, a=a, b=b)


def require_same_scale(doing: str, a: float, b: float) -> None:
    if abs(a / b - 1) > SCALE_TOLERANCE:
        raise ScaleMismatch("ckks.scales_differ", doing=doing, a=a, b=b)


def require_parts(doing: str, parts: int, wanted: int) -> None:
    if parts != wanted:
        raise CircuitError("ckks.parts", doing=doing, parts=parts, wanted=wanted)


def require_capacity(doing: str, profile: Profile, scale: float, level: int) -> None:
    """A product whose scale fills the modulus would wrap around."""
    bits = sum(profile.prime_bits[: level + 1])
    if not 1 <= scale < 2.0**bits:
        raise LevelExhausted("ckks.scale_overflow", doing=doing, scale=scale, level=level, bits=bits)
