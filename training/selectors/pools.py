"""Which blocks a job or an evaluation runs over."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from hefed.protocol.messages import CohortPart
from hospitals.models import Batch, Block, Institution, KeySet, Study
from training.models import Job, Round


def admitted_batches(study: Study, institutions: Iterable[Institution] | None = None) -> QuerySet[Batch]:
    """Batches that may be computed on: admitted, under the keys in use."""
    batches = Batch.objects.filter(study=study, state=Batch.State.ADMITTED, key_set__state=KeySet.State.ACTIVE)
    return batches if institutions is None else batches.filter(institution__in=list(institutions))


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
