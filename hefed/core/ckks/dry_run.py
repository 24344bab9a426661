"""The dry run: a circuit on (level, scale, parts) alone, counting operations. Plans a job before anybody uploads."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

from hefed.core.ckks import ops
from hefed.core.ckks.params import Profile


@dataclass(frozen=True)
class Shape:
    """All that is known of a ciphertext without its words."""

    level: int
    scale: float
    parts: int = 2


class Operation(NamedTuple):
    """What an operation's cost depends on, in one ring: its name, the level it runs at, the parts it works on."""

    name: str
    level: int
    parts: int


class DryRun:
    """Counts operations and refuses what CKKS cannot do, with the same errors as the real thing."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.counts: Counter[Operation] = Counter()

    @property
    def profile(self) -> Profile:
        return self._profile

    def level(self, value: Shape) -> int:
        return value.level

    def scale(self, value: Shape) -> float:
        return value.scale

    def multiply(self, a: Shape, b: Shape) -> Shape:
        return self._counted("square" if a is b else "multiply", self._product("multiply", a, b))

    def multiply_add(self, total: Shape | None, a: Shape, b: Shape) -> Shape:
        product = self._product("multiply", a, b)
        if total is None:
            return self._counted("multiply", product)
        return self._counted("multiply_add", self._sum("add a product", total, product))

    def add(self, a: Shape, b: Shape) -> Shape:
        return self._counted("add", self._sum("add", a, b))

    def accumulate(self, total: Shape | None, value: Shape) -> Shape:
        return value if total is None else self._counted("accumulate", self._sum("add", total, value))

    def subtract(self, a: Shape, b: Shape) -> Shape:
        return self._counted("subtract", self._sum("subtract", a, b))

    def multiply_constant(self, value: Shape, constant: float, scale: float) -> Shape:
        ops.require_capacity("multiply by a constant", self._profile, scale, value.level)
        ops.require_capacity("multiply by a constant", self._profile, scale / value.scale, value.level)
        return self._counted("multiply_constant", replace(value, scale=scale))

    def add_constant(self, value: Shape, constant: float) -> Shape:
        return self._counted("add_constant", value)

    def times_monomial(self, value: Shape, sign: int = 1) -> Shape:
        return self._counted("times_monomial", value)

    def relinearise(self, value: Shape) -> Shape:
        ops.require_parts("relinearise", value.parts, 3)
        return replace(self._counted("relinearise", value), parts=2)

    def rescale(self, value: Shape) -> Shape:
        ops.require_level("rescale", value.level, 1)
        self._counted("rescale", value)
        prime = self._profile.primes[value.level]
        return replace(value, level=value.level - 1, scale=value.scale / prime)

    def drop_to(self, value: Shape, level: int) -> Shape:
        ops.require_level("drop", value.level, level)
        for step in range(value.level, level, -1):
            self._counted("drop", replace(value, level=step))
        return replace(value, level=level)

    def blind(self, value: Shape) -> Shape:
        ops.require_parts("blind", value.parts, 2)
        return self._counted("blind", value)

    def _counted(self, name: str, value: Shape) -> Shape:
        self.counts[Operation(name, value.level, value.parts)] += 1
        return value

    def _product(self, doing: str, a: Shape, b: Shape) -> Shape:
        ops.require_same_level(doing, a.level, b.level)
        ops.require_parts(doing, a.parts, 2)
        ops.require_parts(doing, b.parts, 2)
        ops.require_capacity(doing, self._profile, a.scale * b.scale, a.level)
        return Shape(a.level, a.scale * b.scale, 3)

    def _sum(self, doing: str, a: Shape, b: Shape) -> Shape:
        ops.require_same_level(doing, a.level, b.level)
        ops.require_same_scale(doing, a.scale, b.scale)
        return replace(a, parts=max(a.parts, b.parts))
