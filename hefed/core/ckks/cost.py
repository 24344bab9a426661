"""What an operation costs: measured once per (name, level, parts), stored, multiplied by a dry run's counts.

A stored measurement (``measured.py``) says which command made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hefed.core.ckks import measured
from hefed.core.ckks.dry_run import Operation
from hefed.core.ckks.params import INSECURE_PREFIX, Profile
from hefed.core.ckks.params import profile as named
from hefed.core.errors import BadInput

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
