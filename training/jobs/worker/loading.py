"""Blocks for a worker: loaded once, kept hot within a budget; envelopes written in pieces.

They are kept as they were loaded, at the highest level: SEAL's memory pool never gives memory back and reuses it only
for ciphertexts of the same size, so keeping a copy per start level would cost the sum of all of them.
"""

import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings

from hefed.core.ckks.backend import Evaluator
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import OUTCOME_LEVEL, Profile
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.wire import Shape
from hefed.core.learning.kinds.table import RoundCircuit
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Kind, Label, Written
from hefed.core.protocol.requests import SigmoidSpec
from hospitals.batches.models import Block
from hospitals.batches.uploads import check_block_header
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import open_blob
from hospitals.keys.models import KeySet
from training.jobs.models import Round

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


def circuit_of(round_: Round, n_columns: int) -> RoundCircuit:
    sigmoid = None if round_.sigmoid is None else SigmoidSpec.model_validate(round_.sigmoid)
    return RoundCircuit(round_.kind, n_columns, sigmoid)


def evaluator_of(key_set: KeySet) -> Evaluator:
    """The evaluator for a study's keys; building one takes a moment, so a process keeps the last two."""
    return _evaluator(key_set.pk)


@lru_cache(maxsize=2)
def _evaluator(key_set_id: int) -> Evaluator:
    key_set = KeySet.objects.select_related("study", "public", "relinearisation").get(pk=key_set_id)
    profile = profile_of(key_set.study.profile)
    public = PublicKeys.load(profile, _single_item(key_set.public))
    assert key_set.relinearisation is not None  # noqa: S101  a database constraint: active keys are complete
    return Evaluator(EvaluationKeys.load(public, _single_item(key_set.relinearisation)))


def _single_item(blob: Blob) -> bytes:
    with open_blob(blob) as stream:
        (item,) = envelope.iterate(stream, envelope.read_header(stream))
    return item


def label_of(key_set: KeySet, kind: Kind) -> Label:
    return Label(kind, key_set.study.slug, key_set.study.profile, key_set.fingerprint)


def load_block(ops: Evaluator, block: Block, n_columns: int, keep_level: int) -> LoadedBlock:
    """Check a block's bytes and load them; raises EnvelopeInvalid or CiphertextInvalid.

    Columns come in at ``keep_level``: the words of the upper primes are checked and left out.
    """
    if block.blob is None:
        raise RuntimeError(f"cannot load block {block.pk}: it has no bytes; a stored block always has some")
    with open_blob(block.blob) as stream:
        header, items = envelope.iterate_verified(stream, label_of(block.batch.key_set, "block"))
        check_block_header(block, header)
        return LoadedBlock(*ops.load_block(items, n_columns, keep_level))


def load_coefficients(ops: Evaluator, circuit: RoundCircuit, round_: Round) -> tuple[Any, ...]:
    """The encrypted coefficients that the custodian sent for this round; none for admission and moments."""
    if round_.coefficients is None:
        return ()
    return _coefficients(ops, round_.coefficients.digest, circuit.start_level)


@lru_cache(maxsize=1)
def _coefficients(ops: Evaluator, digest: str, level: int) -> tuple[Any, ...]:
    shape = Shape(level, 2, ops.profile.scale)
    with open_blob(Blob.objects.get(pk=digest)) as stream:
        _, items = envelope.iterate_verified(stream)
        return tuple(ops.load_packed(item, shape) for item in items)


IN_MEMORY_BYTES = 64 * 1024**2


def write_envelope(path: Path, label: Label, items: Iterable[bytes], meta: dict[str, Any]) -> Written:
    """One envelope into a file. Its items wait in memory up to IN_MEMORY_BYTES, beyond it on the upload disk."""
    disk = str(settings.HEFED_UPLOAD_DIR)
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=disk) as spool, path.open("wb") as stream:
        return envelope.write(stream, label, items, meta, cast(BinaryIO, spool))
