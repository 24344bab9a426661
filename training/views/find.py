"""Search in the top bar: one hit leads straight to it, several are offered, none is said in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hospitals.standing import standing_of
from hospitals.views.entry import Visit, signed_in, visit_of
from training.selectors.finding import Found
from training.selectors.finding import find as matches

_LONGEST = 100


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """``?q=``: what is looked for; ``?study=``: where the person is, which is looked at first."""
    user = signed_in(request)
    wanted = request.GET.get("q", "").strip()[:_LONGEST]
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
