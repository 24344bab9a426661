"""Pages of jobs and of requests."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import BadInput, Conflict
from hospitals.forms import ConfirmForm
from hospitals.people.entry import Visit, enter, show
from hospitals.people.permissions import Right
from training.jobs.launching import estimate
from training.jobs.models import Job
from training.jobs.requests import (
    REQUESTS_PER_PAGE,
    counts_by_kind,
    custodian_note,
    refusals_of,
    request_lines,
    requests_of,
    with_rules,
)
from training.jobs.selectors import (
    STOP_BELOW,
    convergence_points,
    job_by_name,
    job_progress,
    jobs_of,
    planned_steps,
    time_left,
)
from training.jobs.services import cancel_job, launch_job
from training.results import charts
from training.results.selectors import pool_of, training_patients
from training.study_state import StudyState

_STOP_POLLING = 286  # htmx: swap this answer in and ask no more


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_JOBS)
    return show(request, visit, "training/jobs.html", jobs=jobs_of(visit.study), marks=visit.facts.marks)


@require_safe
def launch_form(request: HttpRequest, slug: str) -> HttpResponse:
    """All hospitals that have admitted patients are ticked at first."""
    visit = enter(request, slug, Right.RUN_JOBS)
    ready = [share.institution.slug for share in visit.facts.shares if share.train]
    return show(request, visit, "training/launch.html", estimate=estimate(StudyState(visit.facts), ready))


@require_safe
def launch_estimate(request: HttpRequest, slug: str) -> HttpResponse:
    """The region of the launch page that follows the ticks."""
    visit = enter(request, slug, Right.RUN_JOBS)
    found = estimate(StudyState(visit.facts), request.GET.getlist("hospital"))
    return show(request, visit, "training/launch_estimate.html", estimate=found)


@require_POST
def launch(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.RUN_JOBS)
    found = estimate(StudyState(visit.facts), request.POST.getlist("hospital"))
    if found.blockers:
        raise Conflict("jobs.launch_blocked", blocker=found.blockers[0])
    chosen = [option.institution for option in found.chosen]
    job = launch_job(study=visit.study, institutions=chosen, plan=found.plan_as_json, by=visit.user)
    return redirect("job", slug, job.name)


@require_safe
def detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_JOBS)
    job = job_by_name(visit.study, name)
    return _live(request, visit, job, "training/job.html")


@require_safe
def live(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The region of the job page that renews itself; its last answer ends the polling."""
    visit = enter(request, slug, Right.SEE_JOBS)
    job = job_by_name(visit.study, name)
    response = _live(request, visit, job, "training/job_live.html")
    if job.state not in Job.LIVE:
        response.status_code = _STOP_POLLING
    return response


def _live(request: HttpRequest, visit: Visit, job: Job, template: str) -> HttpResponse:
    progress = job_progress(job)
    return show(
        request,
        visit,
        template,
        job=job,
        progress=progress,
        running=job.state in Job.LIVE,
        pool=pool_of(job, visit.facts.marks),
        patients=training_patients(job),
        left=time_left(progress),
        planned=planned_steps(progress),
        custodian_seen=visit.facts.custodian_seen,
        refusals=refusals_of(job),
        note=custodian_note(visit.study),
        chart=charts.convergence(convergence_points(progress), STOP_BELOW),
    )


@require_POST
def cancel(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.RUN_JOBS)
    job = job_by_name(visit.study, name)
    if not ConfirmForm(job.name, request.POST).is_valid():
        raise BadInput("jobs.cancel_not_typed", job=job.name)
    cancel_job(job=job, by=visit.user)
    messages.success(request, _("%(job)s is cancelled.") % {"job": job.name})
    return redirect("job", slug, name)


@require_POST
def retry(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A new job on the same hospitals, with what they have admitted by now."""
    visit = enter(request, slug, Right.RUN_JOBS)
    job = job_by_name(visit.study, name)
    if job.state in Job.LIVE:
        raise Conflict("jobs.still_runs", job=job.name, state=job.state)
    again = launch_job(study=visit.study, institutions=job.institutions.all(), plan=job.plan, by=visit.user)
    return redirect("job", slug, again.name)


@require_safe
def request_list(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_REQUESTS)
    page = Paginator(requests_of(visit.study), REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        visit,
        "training/requests.html",
        page=page,
        lines=with_rules(visit.study, request_lines(visit.facts.marks, page.object_list)),
        kinds=counts_by_kind(visit.study),
        note=custodian_note(visit.study),
        custodian_seen=visit.facts.custodian_seen,
    )
