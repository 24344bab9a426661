"""What pages and the API read about batches."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from hefed.core.protocol.results import TableOne
from hefed.core.protocol.uploads import BatchManifest
from hospitals.batches.models import Batch, Block
from hospitals.institutions.models import Institution
from hospitals.people.permissions import NotFound
from hospitals.studies.models import Study


@dataclass(frozen=True)
class BatchProgress:
    """How far an upload is."""

    received_bytes: int
    bytes: int
    stored_blocks: int
    blocks: int

    @property
    def fraction(self) -> float:
        return self.received_bytes / self.bytes if self.bytes else 0.0


def batches_of(study: Study, institution: Institution | None = None) -> QuerySet[Batch]:
    """Batches of a study (of one hospital), the newest first."""
    batches = Batch.objects.filter(study=study).select_related("institution", "key_set", "dictionary")
    return (batches if institution is None else batches.filter(institution=institution)).order_by("-number")


def batch_by_name(study: Study, name: str, institution: Institution | None = None) -> Batch:
    """The batch of that readable id; NotFound when it does not exist or belongs to another hospital."""
    number = _number(name, "batch-")
    batch = batches_of(study, institution).filter(number=number).first() if number is not None else None
    if batch is None:
        raise NotFound("batches.no_such_batch", batch=name)
    return batch


def _number(name: str, prefix: str) -> int | None:
    digits = name.removeprefix(prefix)
    return int(digits) if name.startswith(prefix) and digits.isdecimal() and len(digits) < 10 else None


def progress_of(batches: Iterable[Batch]) -> dict[int, BatchProgress]:
    """Of each of these batches, by primary key."""
    wanted = [batch.pk for batch in batches]
    rows = Block.objects.filter(batch__in=wanted).order_by().values("batch")
    sums = rows.annotate(
        received=Sum("received_bytes", default=0),
        size=Sum("bytes", default=0),
        stored=Count("pk", filter=Q(state=Block.State.STORED)),
        blocks=Count("pk"),
    )
    found = {row["batch"]: BatchProgress(row["received"], row["size"], row["stored"], row["blocks"]) for row in sums}
    return {pk: found.get(pk, BatchProgress(0, 0, 0, 0)) for pk in wanted}


def manifest_of(batch: Batch) -> BatchManifest:
    return BatchManifest.model_validate(batch.manifest)


def table_one_of(batch: Batch) -> TableOne | None:
    """The custodian's summary of an admitted batch; None before it answered."""
    return None if batch.table_one is None else TableOne.model_validate(batch.table_one)


def patients_by_role(batch: Batch, role: Block.Role | None = None) -> int:
    """Patients of a batch (of one role) by its manifest."""
    blocks = batch.blocks.all() if role is None else batch.blocks.filter(role=role)
    return int(blocks.aggregate(n=Sum("patients", default=0))["n"])
