"""The first page of a study: where the patients are, who can read them, what happens next."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitals.views.entry import Right, enter, show
from training.study_state.contributions import Contributions
from training.study_state.next_step import next_step
from training.study_state.state import StudyState

_RECENT_JOBS = 5


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
