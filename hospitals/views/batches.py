"""Where the patients are: batches with their state, and what to do about them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.errors import BadInput
from hospitals.forms import ConfirmForm
from hospitals.selectors.batches import batch_by_name, batches_of
from hospitals.selectors.pages import batch_lines, batch_steps, summary_lines
from hospitals.services.batches import withdraw_batch
from hospitals.views.entry import Right, enter, show


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
        raise BadInput(
            _("cannot withdraw %(batch)s: its id was not typed; go back and type %(batch)s") % {"batch": batch.name}
        )
    withdraw_batch(batch=batch, reason=f"withdrawn by {visit.user}", by=visit.user)
    messages.success(request, _("%(batch)s is withdrawn; its encrypted bytes will be deleted.") % {"batch": batch.name})
    return redirect("batches", slug)
