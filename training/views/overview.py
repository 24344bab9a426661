"""The first page of a study: where the patients are, who can read them, what happens next."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitals.selectors.studies import study_overview
from hospitals.views.entry import Right, enter, show
from training.selectors.jobs import jobs_of
from training.selectors.overview import contributions, next_step
from training.selectors.requests import requests_waiting

_RECENT_JOBS = 5


@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    facts = study_overview(visit.study)
    return show(
        request,
        visit,
        "training/overview.html",
        overview=facts,
        contributions=contributions(facts),
        next=next_step(facts),
        jobs=jobs_of(visit.study)[:_RECENT_JOBS],
        waiting=requests_waiting(visit.study).count(),
    )
