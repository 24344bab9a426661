"""Blocks that stay in a worker process's memory from round to round, within a byte budget; the least used go first."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hefed.ckks.backend import Evaluator
from hefed.learning.rounds import Block

NativeBlock = Block[Any]
_PARTS, _WORD_BYTES = 2, 8


@dataclass(frozen=True)
class Variant:
    """What a block was made ready for; it fits another round only when this is equal."""

    kind: str
    level: int


@dataclass(frozen=True)
class _Entry:
    variant: Variant
    block: NativeBlock
    bytes: int


class HotBlocks:
    """One per process: processes of a pool do not share memory, so each keeps the blocks of its own chunks."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._entries: OrderedDict[int, _Entry] = OrderedDict()

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self._entries.values())

    def get(self, block_id: int, variant: Variant) -> NativeBlock | None:
        entry = self._entries.get(block_id)
        if entry is None or entry.variant != variant:
            return None
        self._entries.move_to_end(block_id)
        return entry.block

    def put(self, block_id: int, variant: Variant, block: NativeBlock, size_bytes: int) -> None:
        """Keep a block, in place of another variant of it; blocks that alone exceed the budget are not kept."""
        self._entries.pop(block_id, None)
        if size_bytes > self.budget_bytes:
            return
        while self._entries and self.bytes + size_bytes > self.budget_bytes:
            self._entries.popitem(last=False)
        self._entries[block_id] = _Entry(variant, block, size_bytes)

    def drop(self, block_id: int) -> None:
        self._entries.pop(block_id, None)

    def count(self, block_ids: Iterable[int], variant: Variant) -> int:
        """How many of these blocks are here, made ready alike."""
        entries = (self._entries.get(block_id) for block_id in block_ids)
        return sum(entry is not None and entry.variant == variant for entry in entries)


def block_bytes(ops: Evaluator, block: NativeBlock) -> int:
    """Memory of a block's ciphertexts; a value that two fields share counts once."""
    unique = {id(value): value for value in _values(block)}
    primes = sum(ops.level(value) + 1 for value in unique.values())
    return primes * _PARTS * ops.profile.ring_degree * _WORD_BYTES


def _values(block: NativeBlock) -> Iterator[Any]:
    return chain(block.columns, block.low, block.packed, [block.outcome])
