"""Who works on what: claimed by conditional updates, held by leases that are renewed between blocks.

A lease that ran out can be claimed by anyone; its former holder finds out at its next renewal and stops.
"""

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from hefed.core.errors import Conflict
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard
from training.jobs.models import Chunk, Round
from training.jobs.services import start_job
from training.jobs.sweeping import claimable_chunks

MAX_ATTEMPTS = 4  # a chunk that loses its worker this often is not bad luck
Heat = Callable[[Sequence[int]], int]


class LeaseLost(Conflict):
    """Somebody else holds the work now, or nobody wants it any more: stop without a trace."""


def new_worker_name() -> str:
    """A name for one delivery of one task: two deliveries never share a lease."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def claim_chunk(round_: Round, worker: str, heat: Heat) -> Chunk | None:
    """Take one chunk of a live round, preferably the one with most blocks in this process's memory."""
    free = Chunk.objects.filter(
        claimable_chunks(), round=round_, round__state__in=(Round.State.QUEUED, Round.State.RUNNING)
    )
    for chunk in sorted(free, key=lambda chunk: (-heat(chunk.block_ids), chunk.index)):
        taken = Chunk.objects.filter(claimable_chunks(), pk=chunk.pk).update(
            state=Chunk.State.RUNNING,
            worker=worker,
            lease_until=_lease_end(),
            attempts=F("attempts") + 1,
            blocks_done=0,
            started_at=timezone.now(),
        )
        if taken:
            _note_start(round_)
            chunk.refresh_from_db()
            return chunk
    return None


def _note_start(round_: Round) -> None:
    """The first claimed chunk starts its round, and the first round its job."""
    queued = Round.objects.filter(pk=round_.pk, state=Round.State.QUEUED)
    if queued.update(state=Round.State.RUNNING, started_at=timezone.now()) and round_.job is not None:
        start_job(round_.job)


def renew_chunk(chunk: Chunk, worker: str, blocks_done: int) -> None:
    held = Chunk.objects.filter(pk=chunk.pk, worker=worker, state=Chunk.State.RUNNING)
    if not held.update(lease_until=_lease_end(), blocks_done=blocks_done):
        raise LeaseLost("jobs.chunk_lost", index=chunk.index, round=chunk.round_id)


def finish_chunk(chunk: Chunk, worker: str, partial: Blob) -> None:
    """Leave the partial sum; raises LeaseLost when somebody else has the chunk."""
    with transaction.atomic():
        held = Chunk.objects.filter(pk=chunk.pk, worker=worker, state=Chunk.State.RUNNING)
        done = held.update(
            state=Chunk.State.DONE, partial=partial, finished_at=timezone.now(), blocks_done=len(chunk.block_ids)
        )
        if not done:
            discard(partial)
    if not done:
        raise LeaseLost("jobs.chunk_lost_at_end", index=chunk.index, round=chunk.round_id)


def postpone_chunk(chunk: Chunk, worker: str) -> None:
    """The machine cannot do it now: tried again when the lease has run out, and not counted as a lost worker."""
    held = Chunk.objects.filter(pk=chunk.pk, worker=worker, state=Chunk.State.RUNNING)
    held.update(lease_until=_lease_end(), attempts=F("attempts") - 1)


def claim_reduction(round_: Round, worker: str) -> bool:
    """Take the adding up of a round, all of whose chunks are done."""
    now = timezone.now()
    open_chunks = Chunk.objects.filter(round=OuterRef("pk")).exclude(state=Chunk.State.DONE)
    ready = Q(state=Round.State.RUNNING) | Q(state=Round.State.REDUCING, lease_until__lt=now)
    rounds = Round.objects.filter(ready, ~Exists(open_chunks), pk=round_.pk)
    return bool(
        rounds.update(state=Round.State.REDUCING, worker=worker, lease_until=_lease_end(), attempts=F("attempts") + 1)
    )


def renew_reduction(round_: Round, worker: str) -> None:
    held = Round.objects.filter(pk=round_.pk, worker=worker, state=Round.State.REDUCING)
    if not held.update(lease_until=_lease_end()):
        raise LeaseLost("jobs.sum_lost", round=round_.pk)


def postpone_reduction(round_: Round, worker: str) -> None:
    """As ``postpone_chunk``, for the adding up of a round."""
    held = Round.objects.filter(pk=round_.pk, worker=worker, state=Round.State.REDUCING)
    held.update(lease_until=_lease_end(), attempts=F("attempts") - 1)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.HEFED_LEASE_SECONDS)
