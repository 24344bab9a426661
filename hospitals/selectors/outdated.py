"""What a new key or a new dictionary would do to the batches that are there, before anybody decides."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from hospitals.models import Batch, Institution, Study

_BUSY_JOBS = ("queued", "running")


@dataclass(frozen=True)
class OutdatedLine:
    """One hospital's live batches, which could no longer be trained with."""

    institution: Institution
    batches: int
    patients: int


def would_be_outdated(study: Study) -> list[OutdatedLine]:
    """Live batches by hospital, in the study's order of hospitals."""
    live = Batch.objects.filter(study=study, state__in=Batch.LIVE)
    rows = live.order_by("institution").values("institution").annotate(batches=Count("pk"), patients=Sum("patients"))
    hospitals = {row.pk: row for row in Institution.objects.filter(batches__in=live)}
    return [OutdatedLine(hospitals[row["institution"]], row["batches"], row["patients"]) for row in rows]


def busy_jobs(study: Study) -> list[str]:
    """Readable ids of the jobs under way over batches of this study."""
    numbers = Batch.objects.filter(study=study, jobs__state__in=_BUSY_JOBS).values_list("jobs__number", flat=True)
    return [f"job-{number:04d}" for number in sorted(set(numbers))]
