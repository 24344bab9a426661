"""What an operation costs: measured once per (name, level, parts), stored, multiplied by a dry run's counts.

Pure: it times whatever ``Operations`` it is given. A stored measurement says which command made it.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from statistics import median
from typing import Any, Generic

from hefed.core.ckks.dry_run import Operation
from hefed.core.ckks.ops import Operations, V
from hefed.core.ckks.params import INSECURE_PREFIX, Profile
from hefed.core.ckks.params import profile as named
from hefed.core.errors import BadInput

REFERENCE_PROFILE = "N14_L9"
REPETITIONS = 7
_Trial = tuple[Callable[[], tuple[Any, ...]], Callable[..., object]]  # operands (not timed), then the operation


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

    def to_json(self) -> str:
        rows = {f"{o.name} {o.level} {o.parts}": round(1e3 * s, 4) for o, s in sorted(self.operations.items())}
        calls = {name: round(1e3 * seconds, 4) for name, seconds in sorted(self.calls.items())}
        value = {"profile": self.profile, "command": self.command, "milliseconds": rows, "calls": calls}
        return json.dumps(value, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Costs":
        value: dict[str, Any] = json.loads(text)
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
    text = resources.files("hefed.core.ckks").joinpath("costs", f"{REFERENCE_PROFILE}.json").read_text("utf-8")
    reference = Costs.from_json(text)
    if profile.name == REFERENCE_PROFILE:
        return reference
    if not profile.name.startswith(INSECURE_PREFIX):
        raise BadInput("ckks.cost_profile", name=profile.name, measured=REFERENCE_PROFILE)
    return reference.scaled(profile, named(REFERENCE_PROFILE))


def measure(
    ops: Operations[V],
    fresh: Callable[[int], V],
    operations: Iterable[Operation],
    clock: Callable[[], float] = time.perf_counter,
) -> dict[Operation, float]:
    """Median seconds of each operation; ``fresh`` encrypts something at a level."""
    stand = _Stand(ops, fresh, clock)
    return {operation: stand.seconds(operation) for operation in sorted(set(operations))}


@dataclass(frozen=True)
class _Stand(Generic[V]):
    """Prepares operands, which is not timed, and times the operation alone."""

    ops: Operations[V]
    fresh: Callable[[int], V]
    clock: Callable[[], float]

    def seconds(self, operation: Operation) -> float:
        prepare, act = self._trial(operation)
        samples = []
        for _ in range(REPETITIONS):
            operands = prepare()
            start = self.clock()
            act(*operands)
            samples.append(self.clock() - start)
        return median(samples)

    def _trial(self, operation: Operation) -> _Trial:
        ops, (name, level, parts) = self.ops, operation
        a, b = self.fresh(level), self.fresh(level)
        value, other = (self._product(a, b), self._product(b, b)) if parts == 3 else (a, b)
        trials: dict[str, _Trial] = {
            "multiply": (lambda: (a, b), ops.multiply),
            "square": (lambda: (a, a), ops.multiply),
            "multiply_add": (lambda: (self._product(a, b), a, b), ops.multiply_add),
            "add": (lambda: (value, other), ops.add),
            "accumulate": (lambda: (value, other), ops.accumulate),
            "subtract": (lambda: (value, other), ops.subtract),
            "multiply_constant": (lambda: (value, self._raised(value)), self._times),
            "add_constant": (lambda: (value, 0.7), ops.add_constant),
            "times_monomial": (lambda: (value,), ops.times_monomial),
            "relinearise": (lambda: (self._product(a, b),), ops.relinearise),
            "rescale": (lambda: (self._rescalable(value),), ops.rescale),
            "drop": (lambda: (value, level - 1), ops.drop_to),
            "blind": (lambda: (value,), ops.blind),
        }
        return trials[name]

    def _raised(self, value: V) -> float:
        return self.ops.scale(value) * self.ops.profile.scale

    def _times(self, value: V, scale: float) -> V:
        return self.ops.multiply_constant(value, 0.7, scale)

    def _product(self, a: V, b: V) -> V:
        return self.ops.multiply(a, b)

    def _rescalable(self, value: V) -> V:
        return self._times(value, self._raised(value))


def _operation(key: str) -> Operation:
    name, level, parts = key.split(" ")
    return Operation(name, int(level), int(parts))
