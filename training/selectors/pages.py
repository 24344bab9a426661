"""What only pages read: the time that a job has left, the lines of lists, names of columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from hefed.dictionary import Column, DataDictionary
from hefed.learning.kinds.table import KINDS, kind_named
from hefed.learning.optimiser import STOP
from hefed.protocol.messages import CohortPart, Metrics
from hospitals.badges import Badge
from hospitals.marks import HospitalMark
from hospitals.models import Block, DictionaryVersion
from hospitals.selectors.study_facts import StudyFacts
from training import words
from training.charts import RoundPoint
from training.models import CustodianRequest, Job, Round
from training.selectors.jobs import JobProgress, RoundProgress
from training.selectors.results import ReadableResult, dictionaries_of, jobs_with_results, readable

STOP_BELOW = STOP
_AFTER_THE_FIT = 2  # rounds that always follow the fit: standard errors and evaluation


@dataclass(frozen=True)
class TimeLeft:
    """From the rounds that were measured; ``measured`` says how many."""

    seconds: float
    rounds: int
    measured: int


@dataclass(frozen=True)
class RequestLine:
    request: CustodianRequest
    cohort: list[tuple[HospitalMark | None, str, int]]
    patients: int


@dataclass(frozen=True)
class ResultCard:
    job: Job
    result: ReadableResult
    dictionary: DictionaryVersion | None
    pool: list[HospitalMark]
    patients: int

    @property
    def pooled(self) -> Metrics:
        return words.metrics_of(self.result)

    @property
    def badge(self) -> Badge:
        if self.job.withdrawn_batches:
            return Badge("failed", _("Uses withdrawn patients"))
        return Badge("open", _("Partly released") if self.result.sealed else _("Released"))


def columns_of(version: DictionaryVersion | None) -> tuple[Column, ...]:
    return () if version is None else DataDictionary.from_csv(version.csv).columns


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


def request_lines(marks: Iterable[HospitalMark], requests: Iterable[CustodianRequest]) -> list[RequestLine]:
    by_slug = {mark.slug: mark for mark in marks}
    return [_request_line(request, by_slug) for request in requests]


def _request_line(request: CustodianRequest, marks: dict[str, HospitalMark]) -> RequestLine:
    rows: dict[str, int] = {}
    for part in map(CohortPart.model_validate, request.cohort):
        rows[part.institution] = rows.get(part.institution, 0) + part.rows
    cohort = [(marks.get(slug), slug, count) for slug, count in rows.items()]
    return RequestLine(request, cohort, sum(rows.values()))


def result_cards(facts: StudyFacts) -> list[ResultCard]:
    """Finished jobs with what was released of them, the newest first."""
    jobs = jobs_with_results(Job.objects.filter(study=facts.study))
    patients, versions = training_patients_of(jobs), dictionaries_of(jobs)
    found = [(job, readable(job, versions.get(job.pk))) for job in jobs]
    return [
        ResultCard(job, result, versions.get(job.pk), pool_of(job, facts.marks), patients[job.pk])
        for job, result in found
        if result is not None
    ]


def pool_of(job: Job, marks: list[HospitalMark]) -> list[HospitalMark]:
    slugs = {institution.slug for institution in job.institutions.all()}
    return [mark for mark in marks if mark.slug in slugs]


def training_patients_of(jobs: Iterable[Job]) -> dict[int, int]:
    """Patients that trained each of these jobs, by primary key."""
    wanted = [job.pk for job in jobs]
    rows = Block.objects.filter(batch__jobs__in=wanted, role=Block.Role.TRAIN).order_by().values("batch__jobs")
    found = {row["batch__jobs"]: int(row["n"]) for row in rows.annotate(n=Sum("patients", default=0))}
    return {pk: found.get(pk, 0) for pk in wanted}


def training_patients(job: Job) -> int:
    return training_patients_of([job])[job.pk]


def column_labels(version: DictionaryVersion | None) -> dict[str, str]:
    """Names of the model's columns for people, with what one unit of a coefficient means."""
    return {column.name: _column_label(column) for column in columns_of(version)}


def _column_label(column: Column) -> str:
    if column.kind != "continuous":
        return column.label
    step = f"{column.scale:.3g} {column.unit}".strip()
    return _("%(label)s, per %(step)s") % {"label": column.label, "step": step}


def outcome_label(version: DictionaryVersion | None) -> str:
    return _("the outcome") if version is None else DataDictionary.from_csv(version.csv).outcome.label
