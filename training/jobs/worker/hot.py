"""Blocks that stay in a worker process's memory from round to round, within a byte budget.

They are kept as they were loaded, at the highest level: SEAL's memory pool never gives memory back and reuses it only
for ciphertexts of the same size, so keeping a copy per start level would cost the sum of all of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from hefed.core.ckks.params import OUTCOME_LEVEL, Profile

_PARTS, _WORD_BYTES = 2, 8


@dataclass(frozen=True)
class LoadedBlock:
    """A block's native ciphertexts: columns at one level, and the outcome."""

    columns: list[Any]
    outcome: Any


class HotBlocks:
    """One per process: processes of a pool do not share memory, so each keeps the blocks of its own chunks."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._blocks: dict[int, tuple[LoadedBlock, int]] = {}

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self._blocks.values())

    def get(self, block_id: int) -> LoadedBlock | None:
        found = self._blocks.get(block_id)
        return None if found is None else found[0]

    def make_room(self, size_bytes: int, wanted: Collection[int]) -> bool:
        """Drop blocks that are not ``wanted`` until one more fits. False: it does not, the others are worth as much.

        A pool above the budget is passed over in the same order each round, so dropping the least used one would drop
        exactly the one that comes next.
        """
        for block_id in [block_id for block_id in self._blocks if block_id not in wanted]:
            if self.bytes + size_bytes <= self.budget_bytes:
                break
            del self._blocks[block_id]
        return self.bytes + size_bytes <= self.budget_bytes

    def put(self, block_id: int, block: LoadedBlock, size_bytes: int) -> None:
        self._blocks[block_id] = (block, size_bytes)

    def clear(self) -> None:
        self._blocks.clear()

    def count(self, block_ids: Iterable[int]) -> int:
        """How many of these blocks are here."""
        return sum(block_id in self._blocks for block_id in block_ids)


def loaded_bytes(profile: Profile, n_columns: int) -> int:
    """Memory of a block at the highest level: 82 MB for 31 columns of profile N14_L9."""
    primes = n_columns * (profile.max_level + 1) + OUTCOME_LEVEL + 1
    return primes * _PARTS * profile.ring_degree * _WORD_BYTES
