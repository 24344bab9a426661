"""A worker's computing: chunks of a round, and their sum."""

import logging
import random
import secrets
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hefed.core.ckks import totals
from hefed.core.ckks.backend import Evaluator
from hefed.core.ckks.wire import Shape
from hefed.core.learning.kinds.evaluation import SCORE_PARTS
from hefed.core.learning.kinds.pieces import Block as RoundBlock
from hefed.core.learning.kinds.table import RoundCircuit
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Written
from hospitals.audit.record import Details, System, record
from hospitals.batches.models import Batch, Block
from hospitals.batches.services import move_batch
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard, open_blob, store_file, temporary_file
from hospitals.keys.models import KeySet
from hospitals.locks import next_number
from hospitals.studies.models import Study
from training.jobs.answers import n_columns
from training.jobs.models import Chunk, CustodianRequest, Round
from training.jobs.selectors import TRAIN, cohort_of, cohort_of_round, pool_blocks
from training.jobs.services import drop_partials
from training.jobs.worker.claims import LeaseLost, renew_chunk, renew_reduction
from training.jobs.worker.loading import (
    HotBlocks,
    LoadedBlock,
    circuit_of,
    evaluator_of,
    label_of,
    load_block,
    load_coefficients,
    loaded_bytes,
    write_envelope,
)

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


_PARTIAL = Shape(level=0, parts=2)
_RENEW_SECONDS = 5.0


class Reduction:
    """Adding up one round, held by a lease."""

    def __init__(self, round_: Round, worker: str) -> None:
        self.round, self.worker = round_, worker
        self.key_set = key_set_of(round_)
        self.ops: Evaluator = evaluator_of(self.key_set)
        self.circuit: RoundCircuit = circuit_of(round_, n_columns(round_))
        self.chunks = list(round_.chunks.select_related("partial").order_by("index"))
        self._renewed = time.monotonic()

    def run(self) -> None:
        started = time.monotonic()
        with temporary_file() as path:
            scored = self.circuit.round_kind.carries_scores
            written = self._write_scores(path) if scored else self._write_totals(path)
            blob = store_file(path, written.sha256)
        self._hand_over(blob)
        seconds = time.monotonic() - started
        _log.info("round %s (%s) added up: %s bytes, %.2f s", self.round.pk, self.round.kind, blob.bytes, seconds)

    def _write_totals(self, path: Path) -> Written:
        scales: list[float] = []  # filled while the items are made; the header in front of them is written last
        meta = {"request_kind": self.round.kind, "names": self.circuit.total_names, "scales": scales}
        return write_envelope(path, label_of(self.key_set, "totals"), self._totals(scales), meta)

    def _totals(self, scales: list[float]) -> Iterator[bytes]:
        for value in self.circuit.finish(self.ops, self._sum()):
            self._renew()
            sealed = self.ops.seal_total(value)
            scales.append(sealed.scale)
            yield totals.pack_total(self.ops.profile, sealed)

    def _sum(self) -> list[Any]:
        """All partials added up; only the first is held as a whole, the others come item by item."""
        first, *others = self.chunks
        total = list(self._partial(first))
        for chunk in others:
            total = self.circuit.add(self.ops, total, self._partial(chunk))
        return total

    def _partial(self, chunk: Chunk) -> Iterator[Any]:
        for item in self._items(chunk):
            self._renew()
            yield self.ops.load_packed(item, _PARTIAL)

    def _items(self, chunk: Chunk) -> Iterator[bytes]:
        if chunk.partial is None:
            raise LeaseLost("jobs.partial_gone", round=self.round.pk, index=chunk.index)
        with open_blob(chunk.partial) as stream:
            _, items = envelope.iterate_verified(stream, label_of(self.key_set, "partial"))
            yield from items

    def _write_scores(self, path: Path) -> Written:
        """Holdout blocks in random order, so that the custodian cannot tell which came from which batch."""
        blocks = list(self._scored_blocks())
        random.Random(secrets.randbits(256)).shuffle(blocks)
        slugs = [slug for slug, _ in blocks]
        meta = {"institutions": slugs, "rows": sum(chunk.patients for chunk in self.chunks)}
        items = (item for _, three in blocks for item in three)
        return write_envelope(path, label_of(self.key_set, "scores"), items, meta)

    def _scored_blocks(self) -> Iterator[tuple[str, tuple[bytes, ...]]]:
        for chunk in self.chunks:
            items = self._items(chunk)
            for block_id in chunk.block_ids:
                self._renew()
                slug = Block.objects.values_list("batch__institution__slug", flat=True).get(pk=block_id)
                yield slug, tuple(next(items) for _ in SCORE_PARTS)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > _RENEW_SECONDS:
            renew_reduction(self.round, self.worker)
            self._renewed = time.monotonic()

    def _hand_over(self, payload: Blob) -> None:
        """Create the request; partials are no longer needed."""
        with transaction.atomic():
            held = Round.objects.filter(pk=self.round.pk, worker=self.worker, state=Round.State.REDUCING)
            moved = held.update(state=Round.State.CUSTODIAN, computed_at=timezone.now(), lease_until=None)
            if moved:
                create_request(self.round, self.key_set.study, payload)
                drop_partials(self.round)
            else:
                discard(payload)
        if not moved:
            raise LeaseLost("jobs.sum_lost_at_end", round=self.round.pk)


def create_request(round_: Round, study: Study, payload: Blob) -> CustodianRequest:
    """The request of a round; an admission's batch now waits for the custodian too."""
    train = cohort_of(pool_blocks(round_.job), TRAIN) if round_.round_kind.held_out and round_.job else []
    request = CustodianRequest.objects.create(
        study=study,
        number=next_number(study, CustodianRequest.objects.all()),
        round=round_,
        cohort=[part.model_dump(mode="json") for part in cohort_of_round(round_)],
        train_cohort=[part.model_dump(mode="json") for part in train],
        payload=payload,
        payload_bytes=payload.bytes,
        payload_sha256=payload.digest,
    )
    by = System("worker")
    details: Details = {"kind": round_.kind, "bytes": payload.bytes}
    record("request.created", request.name, study=study, details=details, by=by)
    if round_.batch is not None:
        move_batch(batch=round_.batch, state=Batch.State.CUSTODIAN, by=by)
    return request
