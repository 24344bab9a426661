"""Pages that join both apps: today, overview, search, glossary."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hefed.front.finding import Found
from hefed.front.finding import find as matches
from hefed.front.glossary import GROUPS
from hefed.front.hospitals import Contributions
from hefed.front.today import today, waiting_for
from hospitals.people.entry import Visit, enter, show, signed_in, visit_of
from hospitals.people.permissions import Right
from hospitals.people.selectors import standing_of
from training.study_state import StudyState, next_step

_RECENT_JOBS = 5
_LONGEST_SEARCH = 100  # characters


@require_safe
def today_page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    state, others = StudyState(visit.facts), [study for study in visit.standing.studies if study != visit.study]
    lines, panels = waiting_for(visit, state), today(visit, state)
    return show(request, visit, "training/today.html", waiting=lines, today=panels, others=others)


@require_safe
def today_count(request: HttpRequest, slug: str) -> HttpResponse:
    """How much waits for the person in this study: a region of Today in the person's other studies."""
    visit = enter(request, slug, Right.SEE_STUDY)
    lines = waiting_for(visit, StudyState(visit.facts))
    return show(request, visit, "training/today_count.html", count=len(lines))


@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    state = StudyState(visit.facts)
    following = next_step(state)
    return show(
        request,
        visit,
        "training/overview.html",
        pool=Contributions.of(state.facts),
        key=state.facts.key,
        next=following,
        next_address=visit.address_of(following),
        jobs=state.jobs[:_RECENT_JOBS],
        waiting=len(state.requests),
    )


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """``?q=``: what is looked for; ``?study=``: where the person is, which is looked at first."""
    user = signed_in(request)
    wanted = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    standing = standing_of(request)
    visits = [visit_of(user, study, standing=standing) for study in standing.visible_studies]
    found = _nearest(matches(wanted, standing, visits), visits, request.GET.get("study", "")) if wanted else []
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
