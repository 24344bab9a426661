"""The page of a study's terms: read by everybody in it, accepted by coordinators for their hospitals."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import Conflict
from hospitals.people.access import Forbidden
from hospitals.people.entry import Right, enter, show
from hospitals.studies.terms import accept_terms, current_terms


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    mine = visit.may_add_patients and visit.hospital is not None
    accepted = visit.facts.acceptance_of(visit.hospital) if visit.hospital is not None else None
    return show(
        request,
        visit,
        "hospitals/terms.html",
        terms=visit.facts.terms,
        lines=visit.facts.terms_lines,
        accepted=accepted,
        may_accept=mine and accepted is None,
    )


@require_POST
def accept(request: HttpRequest, slug: str) -> HttpResponse:
    """``version``: the one that was on the page."""
    visit = enter(request, slug, Right.ACCEPT_TERMS)
    terms = current_terms(visit.study)
    if visit.hospital is None:
        raise Forbidden("studies.not_your_terms")
    if terms is None or str(terms.number) != request.POST.get("version"):
        raise Conflict("studies.terms_changed")
    accept_terms(terms=terms, institution=visit.hospital, by=visit.user)
    messages.success(
        request,
        _("%(hospital)s accepted version %(terms_number)s of the terms.")
        % {"hospital": visit.hospital.name, "terms_number": terms.number},
    )
    return redirect("terms", slug)
