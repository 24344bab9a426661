"""Which blocks a job or an evaluation runs over."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from hefed.protocol.messages import CohortPart
from hospitals.models import Batch, Block, Institution, Study
from hospitals.selectors.studies import key_in_use, participants
from training.models import Job, Round


@dataclass(frozen=True)
class PoolOption:
    """One hospital as a choice in the launch form."""

    institution: Institution
    position: int
    batches: int
    train: int
    holdout: int
    train_blocks: int
    holdout_blocks: int


def admitted_batches(study: Study, institutions: Iterable[Institution] | None = None) -> QuerySet[Batch]:
    """Batches that may be computed on: admitted, under the keys in use."""
    batches = Batch.objects.filter(study=study, state=Batch.State.ADMITTED, key_set=key_in_use(study))
    return batches if institutions is None else batches.filter(institution__in=list(institutions))


def pool_options(study: Study) -> list[PoolOption]:
    """Every hospital of the study with what it could contribute now."""
    return [_option(study, row.institution, row.position) for row in participants(study)]


def _option(study: Study, institution: Institution, position: int) -> PoolOption:
    batches = admitted_batches(study, [institution])
    train, holdout = Q(role=Block.Role.TRAIN), Q(role=Block.Role.HOLDOUT)
    sums = Block.objects.filter(batch__in=batches).aggregate(
        train=Sum("patients", filter=train, default=0),
        holdout=Sum("patients", filter=holdout, default=0),
        train_blocks=Count("pk", filter=train),
        holdout_blocks=Count("pk", filter=holdout),
    )
    return PoolOption(institution, position, batches.count(), **sums)


def cohort_of(blocks: QuerySet[Block]) -> list[CohortPart]:
    """Rows per batch among these blocks, by batch number: what the custodian's policy is told."""
    rows = (
        blocks.order_by("batch__number")
        .values("batch__number", "batch__institution__slug")
        .annotate(rows=Sum("patients"))
    )
    return [
        CohortPart(
            batch=f"batch-{row['batch__number']:04d}", institution=row["batch__institution__slug"], rows=row["rows"]
        )
        for row in rows
    ]


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
