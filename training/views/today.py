"""The first page after sign-in: what waits for the person today, and a panel for each of the roles."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitals.views.entry import Right, enter, show
from training.study_state.state import StudyState
from training.study_state.today import today
from training.study_state.waiting import waiting_for


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    state, others = StudyState(visit.facts), [study for study in visit.standing.studies if study != visit.study]
    lines, panels = waiting_for(visit, state), today(visit, state)
    return show(request, visit, "training/today.html", waiting=lines, today=panels, others=others)


@require_safe
def count(request: HttpRequest, slug: str) -> HttpResponse:
    """How much waits for the person in this study: a region of Today in the person's other studies."""
    visit = enter(request, slug, Right.SEE_STUDY)
    lines = waiting_for(visit, StudyState(visit.facts))
    return show(request, visit, "training/today_count.html", count=len(lines))
