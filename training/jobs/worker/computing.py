"""One chunk: its blocks are summed, or scored for an evaluation, into one partial blob."""

import logging
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings

from hefed.core.ckks.backend import Evaluator
from hefed.core.learning.kinds.pieces import Block as RoundBlock
from hospitals.batches.models import Block
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import store_file, temporary_file
from hospitals.keys.models import KeySet
from training.jobs.answers import n_columns
from training.jobs.models import Chunk, Round
from training.jobs.worker.claims import renew_chunk
from training.jobs.worker.hot import HotBlocks, LoadedBlock, loaded_bytes
from training.jobs.worker.loading import circuit_of, evaluator_of, label_of, load_block, load_coefficients
from training.jobs.worker.writing import write_envelope

NativeBlock = RoundBlock[Any]
_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def hot_blocks() -> HotBlocks:
    """This process's memory of blocks."""
    return HotBlocks(settings.HEFED_HOT_BLOCK_BYTES)


def key_set_of(round_: Round) -> KeySet:
    owner = round_.job or round_.batch
    if owner is None:
        raise RuntimeError(f"cannot compute round {round_.pk}: it has no owner; a constraint says it has one")
    return owner.key_set


class ChunkComputation:
    """Everything that one chunk needs, gathered once."""

    def __init__(self, chunk: Chunk, worker: str) -> None:
        self.chunk, self.worker, self.round = chunk, worker, chunk.round
        self.key_set = key_set_of(self.round)
        self.ops: Evaluator = evaluator_of(self.key_set)
        self.circuit = circuit_of(self.round, n_columns(self.round))
        self.wanted = frozenset(pk for row in self.round.chunks.values_list("block_ids", flat=True) for pk in row)
        self.betas = load_coefficients(self.ops, self.circuit, self.round)

    def run(self) -> Blob:
        """The partial blob of the chunk; renews the lease after every block."""
        started = time.monotonic()
        left = self.circuit.chunk(self.ops, self._blocks(), self.betas)
        items = (self.ops.pack(value) for value in left)
        with temporary_file() as path:
            written = write_envelope(path, label_of(self.key_set, "partial"), items, {"chunk": self.chunk.pk})
            blob = store_file(path, written.sha256)
        _log.info(
            "round %s (%s) chunk %s: %s blocks, %s bytes, %.2f s",
            *(self.round.pk, self.round.kind, self.chunk.index, len(self.chunk.block_ids), blob.bytes),
            time.monotonic() - started,
        )
        return blob

    def _blocks(self) -> Iterator[NativeBlock]:
        """The chunk's blocks, made ready for the circuit one after the other."""
        for done, block_id in enumerate(self.chunk.block_ids):
            renew_chunk(self.chunk, self.worker, done)
            loaded = hot_blocks().get(block_id) or self._load(block_id)
            yield self.circuit.prepare(self.ops, loaded.columns, loaded.outcome)

    def _load(self, block_id: int) -> LoadedBlock:
        """From its blob; kept if a later round of the job will want it and there is room."""
        size = loaded_bytes(self.ops.profile, self.circuit.n_columns)
        keep = self.circuit.round_kind.returns_to_blocks and hot_blocks().make_room(size, self.wanted)
        level = self.ops.profile.max_level if keep else self.circuit.start_level
        loaded = load_block(self.ops, _row(block_id), self.circuit.n_columns, level)
        if keep:
            hot_blocks().put(block_id, loaded, size)
        return loaded


def _row(block_id: int) -> Block:
    rows = Block.objects.select_related("blob", "batch__study", "batch__key_set__study", "batch__dictionary")
    return rows.select_related("batch__institution").get(pk=block_id)
