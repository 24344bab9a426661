"""Rounds: opened with their chunks, worked on elsewhere, answered by the custodian, stopped when their job ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hefed.learning.kinds.admission import AdmissionRound
from hefed.learning.kinds.kind import RoundKind
from hefed.protocol.messages import RequestKind, SigmoidSpec
from hospitals.blobs import discard
from hospitals.models import Batch, Blob
from training.dispatch import work_on_commit
from training.models import Chunk, CustodianRequest, Job, Round
from training.selectors.pools import round_blocks
from training.services.shares import drop_shares

_CHUNKS_PER_WORKER = 4  # small enough that nobody waits long for the last one, large enough that partials stay few


@dataclass(frozen=True)
class RoundTask:
    """What a round does: its kind and, after round 0, what the custodian sent for it."""

    kind: RequestKind
    sigmoid: SigmoidSpec | None = None
    coefficients: Blob | None = None


def open_admission_round(*, batch: Batch) -> Round:
    """The pass that checks every block of a batch and sums its columns."""
    round_ = Round.objects.create(batch=batch, number=0, kind=AdmissionRound.name)
    _cut(round_)
    return round_


def open_round(*, job: Job, task: RoundTask) -> Round:
    """The next pass of a job. Call it inside the transaction that decided on it."""
    sigmoid = None if task.sigmoid is None else task.sigmoid.model_dump(mode="json")
    round_ = Round.objects.create(
        job=job, number=job.rounds.count(), kind=task.kind, sigmoid=sigmoid, coefficients=task.coefficients
    )
    _cut(round_)
    return round_


def _cut(round_: Round) -> None:
    blocks = list(round_blocks(round_).values_list("pk", "patients"))
    chunks = [
        Chunk(round=round_, index=index, block_ids=[pk for pk, _ in part], patients=sum(n for _, n in part))
        for index, part in enumerate(cut(blocks, parts_of(round_.round_kind)))
    ]
    Chunk.objects.bulk_create(chunks)
    work_on_commit(round_, len(chunks))


def parts_of(kind: RoundKind) -> int:
    """Into how many chunks a large round is cut; a multiple of the workers, so that they end together."""
    return settings.HEFED_WORKERS * (1 if kind.large_partials else _CHUNKS_PER_WORKER)


def cut(rows: Sequence[tuple[int, int]], parts: int) -> list[Sequence[tuple[int, int]]]:
    """Parts of nearly equal length, none empty. Borders agree between kinds of rounds, so blocks stay with a worker."""
    borders = [part * len(rows) // parts for part in range(parts + 1)]
    return [rows[start:end] for start, end in pairwise(borders) if start < end]


def close_round(round_: Round, state: Round.State) -> None:
    """Answered or stopped: nobody works on it any more, and what only it needed is deleted."""
    now = timezone.now()
    with transaction.atomic():
        Chunk.objects.filter(round=round_, state__in=(Chunk.State.QUEUED, Chunk.State.RUNNING)).update(
            state=Chunk.State.STOPPED, finished_at=now
        )
        coefficients = round_.coefficients
        Round.objects.filter(pk=round_.pk).update(state=state, finished_at=now, coefficients=None, lease_until=None)
        discard(coefficients)
        drop_partials(round_)
        _drop_payload(round_)


def drop_partials(round_: Round) -> None:
    partials = [chunk.partial for chunk in round_.chunks.exclude(partial=None).select_related("partial")]
    round_.chunks.update(partial=None)
    for partial in partials:
        discard(partial)


def _drop_payload(round_: Round) -> None:
    request = CustodianRequest.objects.filter(round=round_).select_related("payload").first()
    if request is None:
        return
    payload = request.payload
    withdrawn = {"state": CustodianRequest.State.WITHDRAWN} if request.state == CustodianRequest.State.WAITING else {}
    CustodianRequest.objects.filter(pk=request.pk).update(payload=None, **withdrawn)
    discard(payload)
    drop_shares(request)
