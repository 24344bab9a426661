"""What is read of jobs, rounds and their progress."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.core.learning.kinds.table import KINDS, kind_named
from hefed.core.learning.optimiser import STOP
from hefed.core.protocol.requests import CohortPart, Replaced, SigmoidSpec
from hospitals.batches.models import Batch, Block
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.people.permissions import NotFound
from hospitals.studies.models import Study
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.jobs.shares import Hands, hands_of
from training.results.charts import RoundPoint


@dataclass(frozen=True)
class ChunkProgress:
    index: int
    state_label: str
    patients: int
    blocks: int
    blocks_done: int
    worker: str


@dataclass(frozen=True)
class RoundProgress:
    """One round as the page draws it. ``compute_seconds`` and ``custodian_seconds`` run on while the phase lasts."""

    number: int
    kind: str
    label: str
    state: str
    state_label: str
    degree: int | None
    chunks: list[ChunkProgress]
    blocks_done: int
    blocks: int
    compute_seconds: float
    custodian_seconds: float
    criterion: float | None
    repeated: bool
    request: str
    hands: Hands | None


@dataclass(frozen=True)
class JobProgress:
    job: Job
    rounds: list[RoundProgress]
    elapsed_seconds: float
    waiting_for_custodian: bool

    @property
    def current(self) -> RoundProgress | None:
        return self.rounds[-1] if self.rounds else None

    @property
    def criteria(self) -> list[float]:
        """The stopping criterion after each gradient round that has one, for the convergence plot."""
        return [row.criterion for row in self.rounds if row.criterion is not None]


def jobs_of(study: Study) -> QuerySet[Job]:
    """Jobs of a study, the newest first."""
    return (
        Job.objects.filter(study=study)
        .select_related("launched_by", "model", "sealed", "key_set")
        .prefetch_related("institutions", "key_set__holders")
    )


def job_by_name(study: Study, name: str) -> Job:
    digits = name.removeprefix("job-")
    known = name.startswith("job-") and digits.isdecimal() and len(digits) < 10
    job = jobs_of(study).filter(number=int(digits)).first() if known else None
    if job is None:
        raise NotFound("jobs.no_job", name=name)
    return job


def job_progress(job: Job) -> JobProgress:
    rounds = (
        Round.objects.filter(job=job)
        .select_related("request")
        .prefetch_related(Prefetch("chunks", Chunk.objects.order_by("index")), "request__share_answers")
    )
    rows = [_round_progress(row, job.key_set) for row in rounds]
    waiting = bool(rows) and rows[-1].state == Round.State.CUSTODIAN
    return JobProgress(job, rows, _seconds(job.launched_at, job.finished_at), waiting)


def _round_progress(row: Round, key: KeySet) -> RoundProgress:
    chunks = [
        ChunkProgress(c.index, c.get_state_display(), c.patients, len(c.block_ids), c.blocks_done, c.worker)
        for c in row.chunks.all()
    ]
    request: CustodianRequest | None = getattr(row, "request", None)
    return RoundProgress(
        number=row.number,
        kind=row.kind,
        label=row.get_kind_display(),
        state=row.state,
        state_label=row.get_state_display(),
        degree=None if row.sigmoid is None else SigmoidSpec.model_validate(row.sigmoid).degree,
        chunks=chunks,
        blocks_done=sum(chunk.blocks_done for chunk in chunks),
        blocks=sum(chunk.blocks for chunk in chunks),
        compute_seconds=_seconds(row.started_at, row.computed_at or row.finished_at),
        custodian_seconds=_seconds(row.computed_at, row.finished_at),
        criterion=row.criterion,
        repeated=row.repeated,
        request="" if request is None else request.name,
        hands=hands_of(request, key),
    )


def _seconds(start: datetime | None, end: datetime | None) -> float:
    """From start to end, or to now; 0 before it began."""
    return 0.0 if start is None else ((end or timezone.now()) - start).total_seconds()


def admitted_batches(study: Study, institutions: Iterable[Institution] | None = None) -> QuerySet[Batch]:
    """Batches that may be computed on: admitted, under the keys in use."""
    batches = Batch.objects.filter(study=study, state=Batch.State.ADMITTED, key_set__state=KeySet.State.ACTIVE)
    return batches if institutions is None else batches.filter(institution__in=list(institutions))


Roles = frozenset[str]
TRAIN, HOLDOUT = frozenset({"train"}), frozenset({"holdout"})
BOTH = TRAIN | HOLDOUT


def cohort_of(blocks: QuerySet[Block], roles: Roles) -> list[CohortPart]:
    """Rows per batch among these blocks, by batch number: what the custodian's policy is told. ``roles``: of them."""
    counts = dict(blocks.order_by().values_list("batch").annotate(rows=Sum("patients")))
    batches = Batch.objects.filter(pk__in=counts).select_related("institution").order_by("number")
    return [_part(batch, counts[batch.pk], roles) for batch in batches]


def cohort_of_round(round_: Round) -> list[CohortPart]:
    if round_.batch is not None:
        return cohort_of(round_blocks(round_), BOTH)
    return cohort_of(round_blocks(round_), HOLDOUT if round_.round_kind.held_out else TRAIN)


def _part(batch: Batch, rows: int, roles: Roles) -> CohortPart:
    replaced, counted = _replaced(batch, roles)
    return CohortPart(
        batch=batch.name,
        institution=batch.institution.slug,
        rows=rows,
        replaced=replaced,
        counted=counted,
        held_out=_rows(batch, HOLDOUT) if roles == BOTH else None,
    )


def _replaced(batch: Batch, roles: Roles) -> tuple[tuple[Replaced, ...], bool]:
    """What a batch shares with earlier ones of its hospital, by its manifest; the same patients are recognised anyhow.

    The second is true if the manifest counts every batch that was complete before this one was announced.
    """
    earlier = Batch.objects.filter(study=batch.study_id, institution=batch.institution_id, number__lt=batch.number)
    before = list(earlier.filter(completed_at__lt=batch.created_at).order_by("number"))
    listed = {one["cohort_digest"]: sum(one[role] for role in roles) for one in batch.manifest.get("shared") or ()}
    own, found = _rows(batch, roles), []
    for other in before:
        theirs = _rows(other, roles)
        kept = own if other.cohort_digest == batch.cohort_digest else listed.get(other.cohort_digest, 0)
        if kept:
            found.append(Replaced(batch=other.name, added=max(own - kept, 0), removed=max(theirs - kept, 0)))
    counted = batch.manifest.get("shared") is not None and {other.cohort_digest for other in before} <= {*listed}
    return tuple(found), counted


def _rows(batch: Batch, roles: Roles) -> int:
    return sum(block["patients"] for block in batch.manifest["blocks"] if block["role"] in roles)


def round_blocks(round_: Round) -> QuerySet[Block]:
    """The blocks of a round in a fixed order, so that a worker finds in memory what it had in the round before."""
    if round_.batch is not None:
        blocks = Block.objects.filter(batch=round_.batch)
    elif round_.job is None:
        blocks = Block.objects.none()
    elif round_.round_kind.held_out:
        blocks = evaluation_blocks(round_.job.study)
    else:
        blocks = pool_blocks(round_.job)
    return blocks.order_by("batch__number", "index")


def evaluation_blocks(study: Study) -> QuerySet[Block]:
    """The held-out blocks of every admitted batch, whatever the pool of the job."""
    return Block.objects.filter(batch__in=admitted_batches(study), role=Block.Role.HOLDOUT)


def pool_blocks(job: Job) -> QuerySet[Block]:
    """The training blocks of the pool as it was at launch."""
    return Block.objects.filter(batch__jobs=job, role=Block.Role.TRAIN)


STOP_BELOW = STOP


_AFTER_THE_FIT = 2  # rounds that always follow the fit: standard errors and evaluation


@dataclass(frozen=True)
class TimeLeft:
    """From the rounds that were measured; ``measured`` says how many."""

    seconds: float
    rounds: int
    measured: int


def time_left(progress: JobProgress) -> TimeLeft | None:
    """Mean of the measured rounds times the rounds that the plan still expects; None before a round is measured."""
    answered = [row for row in progress.rounds if row.state == Round.State.ANSWERED]
    measured = [row for row in answered if kind_named(row.kind).iterates]
    current = progress.current
    if not measured or current is None or progress.job.state not in Job.LIVE:
        return None
    mean = sum(row.compute_seconds + row.custodian_seconds for row in measured) / len(measured)
    rounds = _rounds_left(progress, current)
    spent = current.compute_seconds + current.custodian_seconds
    return TimeLeft(max(mean * rounds - spent, 0.0), rounds, len(measured))


def _rounds_left(progress: JobProgress, current: RoundProgress) -> int:
    """With the one under way."""
    planned = int((progress.job.plan or {}).get("rounds", 0))
    return kind_named(current.kind).closing_rounds or max(planned - current.number, 1 + _AFTER_THE_FIT)


def planned_steps(progress: JobProgress) -> list[str]:
    """What a job that still runs has before it, for the end of the strip."""
    done = {row.kind for row in progress.rounds}
    if progress.job.state not in Job.LIVE:
        return []
    return [_(kind.words.label) for kind in KINDS.values() if kind.closing_rounds and kind.name not in done]


def convergence_points(progress: JobProgress) -> list[RoundPoint]:
    rows = [row for row in progress.rounds if row.criterion is not None or row.repeated]
    return [RoundPoint(row.number, row.label, row.criterion, row.repeated) for row in rows]
