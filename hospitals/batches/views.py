"""Pages of batches, and what they show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from hefed.core.ckks.params import profile as profile_of
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput
from hefed.core.protocol.results import TableOne, VariableSummary
from hospitals.batches.models import Batch
from hospitals.batches.selectors import BatchProgress, batch_by_name, batches_of, progress_of, table_one_of
from hospitals.batches.services import withdraw_batch
from hospitals.batches.uploads import block_payload_bytes
from hospitals.forms import ConfirmForm
from hospitals.institutions.selectors import HospitalMark
from hospitals.people.entry import Visit, enter, show
from hospitals.people.permissions import Forbidden, Right
from hospitals.studies.facts import StudyFacts

_STEP_LABELS = (_("Uploading"), _("Checking"), _("Custodian"), _("Admitted"))


@dataclass(frozen=True)
class BatchLine:
    batch: Batch
    mark: HospitalMark
    progress: BatchProgress


@dataclass(frozen=True)
class Step:
    """One step of a batch's way into the pool; ``look``: done, now, bad or empty."""

    label: str
    look: str
    at: datetime | None


@dataclass(frozen=True)
class SummaryLine:
    label: str
    unit: str
    summary: VariableSummary
    binary: bool
    share: float | None


@dataclass(frozen=True)
class Summary:
    """A batch's Table 1 with the dictionary's labels."""

    table: TableOne
    lines: list[SummaryLine]


def batch_lines(facts: StudyFacts, batches: Iterable[Batch]) -> list[BatchLine]:
    rows = list(batches)
    progress = progress_of(rows)
    return [BatchLine(batch, facts.mark_of(batch.institution), progress[batch.pk]) for batch in rows]


def batch_steps(batch: Batch) -> list[Step]:
    """The four steps; the one a batch was stopped at is marked bad."""
    ended = {"admitted": 4, "quarantined": 2, "outdated": 4, "withdrawn": 4}
    reached = {"uploading": 0, "checking": 1, "custodian": 2, **ended}
    stopped = batch.state == Batch.State.QUARANTINED
    now = reached[batch.state]
    times = (batch.created_at, batch.completed_at, batch.completed_at, batch.decided_at)
    ends = {Batch.State.WITHDRAWN: _("Withdrawn"), Batch.State.OUTDATED: _("Outdated")}
    labels = (*_STEP_LABELS[:3], ends.get(Batch.State(batch.state), _("Admitted")))
    return [
        Step(str(label), _look(place, now, stopped), at if place <= now else None)
        for place, (label, at) in enumerate(zip(labels, times, strict=True))
    ]


def _look(place: int, now: int, stopped: bool) -> str:
    if place < now:
        return "done"
    if place > now:
        return ""
    return "bad" if stopped else "now"


def summary_lines(batch: Batch) -> Summary | None:
    """Table 1 of an admitted batch; None before the custodian released it."""
    table = table_one_of(batch)
    if table is None:
        return None
    columns = {column.name: column for column in DataDictionary.from_csv(batch.dictionary.csv).columns}
    known = [(columns[row.column], row) for row in table.variables if row.column in columns]
    return Summary(
        table,
        [
            SummaryLine(column.label, column.unit, row, column.kind == "indicator01", _share(row, table))
            for column, row in known
        ],
    )


def _share(row: VariableSummary, table: TableOne) -> float | None:
    return row.count / table.n if row.count is not None and table.n else None


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_DATA)
    lines = batch_lines(visit.facts, batches_of(visit.study, visit.scope))
    admitted = [line for line in lines if line.batch.state == "admitted"]
    return show(
        request,
        visit,
        "hospitals/batches.html",
        lines=lines,
        key=visit.facts.key,
        admitted_patients=sum(line.batch.patients for line in admitted),
        admitted_bytes=sum(line.progress.bytes for line in admitted),
        waiting=[line for line in lines if line.batch.state in ("uploading", "checking", "custodian")],
        quarantined=[line for line in lines if line.batch.state == "quarantined"],
    )


@require_safe
def detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_DATA)
    batch = batch_by_name(visit.study, name, visit.scope)
    return show(
        request,
        visit,
        "hospitals/batch.html",
        batch=batch,
        mark=visit.facts.mark_of(batch.institution),
        steps=batch_steps(batch),
        blocks=batch.blocks.all(),
        table=summary_lines(batch),
        jobs=batch.jobs.order_by("number") if visit.may(Right.SEE_JOBS) else None,
        may_replace=visit.may_add_patients and batch.institution == visit.hospital and batch.state != "withdrawn",
        may_withdraw=visit.may_write(Right.CHANGE_DATA) and batch.state != "withdrawn",
    )


@require_POST
def withdraw(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.CHANGE_DATA)
    batch = batch_by_name(visit.study, name, visit.scope)
    if not ConfirmForm(batch.name, request.POST).is_valid():
        raise BadInput("batches.id_not_typed", batch=batch.name)
    reason = "batches.withdrawn_by_hospital" if visit.acts_for_hospital else "batches.withdrawn_by_administrator"
    withdraw_batch(batch=batch, reason=reason, by=visit.user)
    messages.success(request, _("%(batch)s is withdrawn; its encrypted bytes will be deleted.") % {"batch": batch.name})
    return redirect("batches", slug)


@require_safe
@ensure_csrf_cookie
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """The four steps; ``?replaces=batch-0003`` withdraws that batch at the moment of sending."""
    visit = enter(request, slug, Right.CHANGE_DATA)
    visit.check_writing(Right.CHANGE_DATA)
    if not visit.may_add_patients:
        raise Forbidden("batches.no_hospital")
    return show(request, visit, "hospitals/add_patients_page.html", replaces=_replaced(request, visit))


def _replaced(request: HttpRequest, visit: Visit) -> Batch | None:
    name = request.GET.get("replaces", "")
    batch = batch_by_name(visit.study, name, visit.hospital) if name else None
    return None if batch is None or batch.state == Batch.State.WITHDRAWN else batch


@require_safe
def what_leaves(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    profile, dictionary = profile_of(visit.study.profile), visit.facts.dictionary
    columns = 0 if dictionary is None else len(DataDictionary.from_csv(dictionary.csv).columns)
    block_bytes = block_payload_bytes(profile, columns)
    template = "hospitals/add_patients_leaves.html"
    return show(request, visit, template, profile=profile, columns=columns, block_bytes=block_bytes)
