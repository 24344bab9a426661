"""Time each CKKS operation on whatever ``Operations`` is given, and write hefed/core/ckks/measured.py."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any, Generic

from hefed.core.ckks.cost import Costs, Operation
from hefed.core.ckks.ops import Operations, V

REPETITIONS = 7
_Trial = tuple[Callable[[], tuple[Any, ...]], Callable[..., object]]  # operands (not timed), then the operation
_MODULE = '''"""Milliseconds by operation, level and parts, one core; written by bench.rounds --save-costs."""

from typing import Any

N14_L9: dict[str, Any] = '''


def as_module(costs: Costs) -> str:
    """The text of hefed/core/ckks/measured.py."""
    return _MODULE + json.dumps(costs.as_measured(), indent=4) + "\n"


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
