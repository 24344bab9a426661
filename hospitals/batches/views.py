"""Pages of batches: the list, one batch, adding patients."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from hefed.core.ckks.params import profile as profile_of
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput
from hospitals.batches.manifests import block_payload_bytes
from hospitals.batches.models import Batch
from hospitals.batches.pages import batch_lines, batch_steps, summary_lines
from hospitals.batches.selectors import batch_by_name, batches_of
from hospitals.batches.services import withdraw_batch
from hospitals.forms import ConfirmForm
from hospitals.people.access import Forbidden
from hospitals.people.entry import Right, Visit, enter, show


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
