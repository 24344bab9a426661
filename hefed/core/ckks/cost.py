"""What a circuit costs before it runs: a dry run on levels and scales, and the measured seconds of what it counts.

A stored measurement (``measured.py``) says which command made it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from hefed.core.ckks import measured, ops
from hefed.core.ckks.params import INSECURE_PREFIX, Profile
from hefed.core.ckks.params import profile as named
from hefed.core.errors import BadInput


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


REFERENCE_PROFILE = "N14_L9"


@dataclass(frozen=True)
class Costs:
    """Seconds of each operation on one core, and of the calls around circuits (``load``, ``seal_total``, ``pack``)."""

    profile: str
    command: str
    operations: Mapping[Operation, float]
    calls: Mapping[str, float]

    def seconds(self, counts: Mapping[Operation, int]) -> float:
        """A dry run's operations at their measured cost; raises BadInput for one that was never measured."""
        if missing := [operation for operation in counts if operation not in self.operations]:
            name, level, parts = missing[0]
            raise BadInput("ckks.cost_not_measured", name=name, level=level, parts=parts, missing=len(missing))
        return sum(count * self.operations[operation] for operation, count in counts.items())

    def as_measured(self) -> dict[str, Any]:
        """As ``measured.py`` keeps it: milliseconds by name, level and parts."""
        rows = {f"{o.name} {o.level} {o.parts}": round(1e3 * s, 4) for o, s in sorted(self.operations.items())}
        calls = {name: round(1e3 * seconds, 4) for name, seconds in sorted(self.calls.items())}
        return {"profile": self.profile, "command": self.command, "milliseconds": rows, "calls": calls}

    @classmethod
    def from_measured(cls, value: Mapping[str, Any]) -> "Costs":
        rows = {_operation(key): ms / 1e3 for key, ms in value["milliseconds"].items()}
        calls = {name: ms / 1e3 for name, ms in value["calls"].items()}
        return cls(value["profile"], value["command"], rows, calls)

    def scaled(self, profile: Profile, reference: Profile) -> "Costs":
        """The same chain in another ring: cost grows as n log n."""
        degree, known = profile.ring_degree, reference.ring_degree
        factor = degree * degree.bit_length() / (known * known.bit_length())
        operations = {operation: seconds * factor for operation, seconds in self.operations.items()}
        calls = {name: seconds * factor for name, seconds in self.calls.items()}
        return Costs(profile.name, self.command, operations, calls)


@lru_cache(maxsize=4)
def stored(profile: Profile) -> Costs:
    """The measurement that comes with the package; an insecure ring of the test suite takes the scaled reference."""
    reference = Costs.from_measured(measured.N14_L9)
    if profile.name == REFERENCE_PROFILE:
        return reference
    if not profile.name.startswith(INSECURE_PREFIX):
        raise BadInput("ckks.cost_profile", name=profile.name, measured=REFERENCE_PROFILE)
    return reference.scaled(profile, named(REFERENCE_PROFILE))


def _operation(key: str) -> Operation:
    name, level, parts = key.split(" ")
    return Operation(name, int(level), int(parts))
