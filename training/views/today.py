"""The first page after sign-in: what waits for the person today, and a panel for each of the roles."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hospitals.selectors.studies import studies_of
from hospitals.views.entry import Right, Visit, enter, show, visit_of
from training.selectors.today import today
from training.selectors.waiting import waiting_for

_OTHER_STUDIES = 10  # each costs a few queries


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    template = "training/today.html"
    return show(request, visit, template, waiting=waiting_for(visit), today=today(visit), others=_others(visit))


def _others(visit: Visit) -> list[tuple[Visit, int]]:
    """The person's other studies, with how much waits in each."""
    rows = studies_of(visit.user).filter(membership__user=visit.user).exclude(pk=visit.study.pk)[:_OTHER_STUDIES]
    others = [visit_of(visit.user, study) for study in rows]
    return [(other, len(waiting_for(other))) for other in others]
