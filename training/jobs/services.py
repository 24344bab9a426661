"""A job and its rounds: launched, sent to the workers, ended.

A message that cannot be sent is only logged: the row is written, and the sweep sends again.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from hefed.celery import ADMISSION, ROUNDS, app
from hefed.core.errors import Conflict
from hefed.core.learning.kinds.admission import AdmissionRound
from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.table import first_kind
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.requests import SigmoidSpec
from hefed.core.words import Said
from hospitals.audit.record import Actor, Details, System, record
from hospitals.batches.models import Batch, Block
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_custody
from hospitals.locks import next_number
from hospitals.people.models import User
from hospitals.states import check_move
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.jobs.selectors import admitted_batches, round_blocks
from training.jobs.shares import drop_shares

WORK, REDUCE, SWEEP, TIDY = "training.work", "training.reduce", "training.sweep", "training.tidy"
_log = logging.getLogger(__name__)


def work_on_commit(round_: Round, messages: int) -> None:
    """Ask for ``messages`` chunks of the round to be worked on, once the transaction is committed."""
    transaction.on_commit(lambda: send_work(round_, messages))


def send_work(round_: Round, messages: int) -> None:
    for _ in range(messages):
        _send(WORK, round_)


def send_reduce(round_: Round) -> None:
    _send(REDUCE, round_)


def queue_of(round_: Round) -> str:
    return ROUNDS if round_.round_kind.belongs_to_job else ADMISSION


def waiting_messages(queue: str) -> int | None:
    """How many messages lie in a queue; None when the broker does not answer."""
    with app.connection_for_write() as connection:
        try:
            return int(connection.default_channel.queue_declare(queue=queue, passive=True).message_count)
        except connection.channel_errors:
            return 0  # the broker knows no empty queues
        except (*connection.connection_errors, OperationalError) as error:
            _log.warning("cannot count messages: the broker does not answer (%s)", error)
            return None


def _send(task: str, round_: Round) -> None:
    try:
        app.send_task(task, args=[round_.pk], queue=queue_of(round_))
    except OperationalError as error:
        _log.warning("cannot send %s for round %s: the broker does not answer (%s)", task, round_.pk, error)


Plan = dict[str, object]


def launch_job(*, study: Study, institutions: Iterable[Institution], plan: Plan | None = None, by: User) -> Job:
    """Freeze the pool, every admitted batch of these hospitals, and start. ``plan``: the estimate that was shown."""
    chosen = list(institutions)
    with transaction.atomic():
        key_set = key_in_use(study)
        if key_set is None:
            raise Conflict("jobs.no_key", study=study.slug)
        check_custody(key_set)
        batches = list(admitted_batches(study, chosen))
        _check_pool(study, chosen, {batch.institution_id for batch in batches})
        job = Job.objects.create(
            study=study, number=next_number(study, Job.objects.all()), key_set=key_set, plan=plan, launched_by=by
        )
        job.institutions.set(chosen)
        job.batches.set(batches)
        details: Details = {"hospitals": ",".join(sorted(i.slug for i in chosen)), "batches": len(batches)}
        record("job.launched", job.name, study=study, details=details, by=by)
        open_round(job=job, task=RoundTask(first_kind().name))
    return job


def _check_pool(study: Study, chosen: list[Institution], contributing: set[int]) -> None:
    empty = sorted(institution.slug for institution in chosen if institution.pk not in contributing)
    if not chosen:
        raise Conflict("jobs.no_hospital_chosen")
    if empty:
        raise Conflict("jobs.hospitals_empty", hospitals=tuple(empty))
    batches = admitted_batches(study, chosen)
    if not Block.objects.filter(batch__in=batches, role=Block.Role.TRAIN).exists():
        raise Conflict("jobs.all_held_out")


def cancel_job(*, job: Job, by: User) -> Job:
    """Stop at once; what was computed so far is deleted, batches stay as they are."""
    return end_job(job=job, state=Job.State.CANCELLED, reason=Said("jobs.cancelled", who=by.username), by=by)


def start_job(job: Job) -> None:
    """The first worker has begun. Safe to call again."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(state=Job.State.RUNNING)


Reason = Said | list[str] | str  # what was said, or what a key holder sent: codes or sentences


def end_job(*, job: Job, state: Job.State, reason: Reason = "", by: Actor) -> Job:
    """The one way in which a job ends. Raises Conflict when it has ended already."""
    stored = reason.to_json() if isinstance(reason, Said) else reason
    with transaction.atomic():
        job = Job.objects.select_for_update().select_related("study").get(pk=job.pk)
        check_move(job.name, Job.MOVES, Job.State(job.state), state)
        job.state, job.reason, job.finished_at = state, stored, timezone.now()
        job.save(update_fields=["state", "reason", "finished_at"])
        for round_ in job.rounds.filter(state__in=Round.LIVE):
            close_round(round_, Round.State.STOPPED)
        record(f"job.{state}", job.name, study=job.study, details={"reason": stored}, by=by)
    return job


def fail_job(job: Job, reason: Reason) -> None:
    """A worker found that it cannot go on; someone else may have ended the job meanwhile."""
    if Job.objects.filter(pk=job.pk, state__in=Job.LIVE).exists():
        end_job(job=job, state=Job.State.FAILED, reason=reason, by=System("worker"))


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
