"""Pages that join both apps: today, overview, search, glossary."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hefed.front.finding import Found
from hefed.front.finding import find as matches
from hefed.front.glossary import GROUPS
from hefed.front.overview import contributions, next_step
from hefed.front.today import today
from hefed.front.waiting import waiting_for
from hospitals.people.entry import Right, Visit, enter, show, signed_in, visit_of
from hospitals.studies.selectors import studies_of, study_overview
from training.jobs.requests import requests_waiting
from training.jobs.selectors import jobs_of

_OTHER_STUDIES = 10  # each costs a few queries
_RECENT_JOBS = 5
_LONGEST_SEARCH = 100  # characters


@require_safe
def today_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    template = "training/today.html"
    return show(request, visit, template, waiting=waiting_for(visit), today=today(visit), others=_others(visit))


def _others(visit: Visit) -> list[tuple[Visit, int]]:
    """The person's other studies, with how much waits in each."""
    rows = studies_of(visit.user).filter(membership__user=visit.user).exclude(pk=visit.study.pk)[:_OTHER_STUDIES]
    others = [visit_of(visit.user, study) for study in rows]
    return [(other, len(waiting_for(other))) for other in others]


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


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """``?q=``: what is looked for; ``?study=``: where the person is, which is looked at first."""
    user = signed_in(request)
    wanted = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    visits = [visit_of(user, study) for study in studies_of(user)]
    found = _nearest(matches(wanted, user, visits), visits, request.GET.get("study", "")) if wanted else []
    if len(found) == 1:
        return redirect(found[0].address)
    context = {"wanted": wanted, "found": found}
    return render(request, "training/find.html", context, status=404 if wanted and not found else 200)


def _nearest(found: list[Found], visits: list[Visit], slug: str) -> list[Found]:
    """job-0007 exists in many studies: the one on the screen is meant, if it has one."""
    here = next((visit.study.name for visit in visits if visit.study.slug == slug), None)
    return [item for item in found if item.where == here] or found


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "hospitals/glossary.html", {"groups": GROUPS})
