"""Released results: cards, the table of pools against test hospitals, and one page per model."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from hospitals.people.entry import Visit, enter, show
from hospitals.people.permissions import NotFound, Right
from training.jobs.models import Job
from training.jobs.selectors import job_by_name
from training.releases.selectors import latest_release_of, published_versions, sealed_jobs
from training.results import words
from training.results.charts import Chart
from training.results.selectors import (
    charts_of,
    dictionary_of,
    hospital_rows,
    outcome_label,
    pool_of,
    pool_table,
    released,
    result_cards,
    scatter,
    table_csv,
    table_of,
    training_patients,
)


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RESULTS)
    cards = result_cards(visit.facts)
    return show(
        request,
        visit,
        "training/results.html",
        cards=[(card, scatter(card.result)) for card in cards],
        sealed=sealed_jobs(visit.study),
        table=pool_table(cards, visit.facts.marks),
        marks=visit.facts.marks,
        outcome=outcome_label(cards[0].dictionary) if cards else "",
    )


@require_safe
def detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """What is readable, or that nothing is yet and who could change that."""
    visit = enter(request, slug, Right.SEE_RESULTS)
    job = job_by_name(visit.study, name)
    if job.is_sealed:
        return _sealed(request, visit, job)
    version, marks = dictionary_of(job), visit.facts.marks
    result = released(job, version)
    pool, patients = pool_of(job, marks), training_patients(job)
    return show(
        request,
        visit,
        "training/result.html",
        job=job,
        result=result,
        approvals=[(one.version, one.approvals) for one in published_versions(job)],
        pooled=words.metrics_of(result),
        headline=words.headline(result, patients, len(pool), outcome_label(version)),
        rows=hospital_rows(result, marks),
        charts=charts_of(job, result, version, marks),
        table_one=table_of(result, version, marks),
        pool=pool,
        patients=patients,
        dictionary=version,
    )


def _sealed(request: HttpRequest, visit: Visit, job: Job) -> HttpResponse:
    return show(
        request,
        visit,
        "training/result_sealed.html",
        job=job,
        release=latest_release_of(job),
        pool=pool_of(job, visit.facts.marks),
        patients=training_patients(job),
    )


@require_safe
def table_one_csv(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RESULTS)
    job = job_by_name(visit.study, name)
    version = dictionary_of(job)
    result = released(job, version)
    if not result.table_one:
        raise NotFound("jobs.no_table_one", job=job.name)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-table-one.csv"'}
    text = table_csv(result, version)
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def chart_csv(request: HttpRequest, slug: str, name: str, chart: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RESULTS)
    job = job_by_name(visit.study, name)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-{chart}.csv"'}
    return HttpResponse(_chart(visit, job, chart).to_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def chart_json(request: HttpRequest, slug: str, name: str, chart: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RESULTS)
    job = job_by_name(visit.study, name)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-{chart}.json"'}
    return JsonResponse(_chart(visit, job, chart).to_json(), headers=headers, json_dumps_params={"indent": 1})


@require_safe
def result_json(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """What is released; ``sealed`` names the rest."""
    visit = enter(request, slug, Right.SEE_RESULTS)
    job = job_by_name(visit.study, name)
    result = released(job, dictionary_of(job))
    headers = {"Content-Disposition": f'attachment; filename="{job.name}.json"'}
    return JsonResponse(json.loads(result.model_dump_json()), headers=headers, json_dumps_params={"indent": 1})


def _chart(visit: Visit, job: Job, name: str) -> Chart:
    version = dictionary_of(job)
    charts = charts_of(job, released(job, version), version, visit.facts.marks)
    found = [chart for chart in charts if chart.name == name]
    if not found:
        raise NotFound("jobs.no_chart", name=name, job=job.name)
    return found[0]
