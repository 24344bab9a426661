"""The platform administrator decides who may take part, and says why."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.errors import HEFedError
from hospitals.forms import ReasonForm
from hospitals.models import Institution
from hospitals.selectors.audit import institution_events
from hospitals.selectors.institutions import institution_by_slug, institutions, institutions_waiting
from hospitals.selectors.people import people_for
from hospitals.services.institutions import (
    approve_institution,
    close_institution,
    refuse_institution,
    suspend_institution,
)
from hospitals.views.entry import enter_platform


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    enter_platform(request)
    context = {"waiting": institutions_waiting(), "institutions": institutions().exclude(state="requested")}
    return render(request, "hospitals/institutions.html", context)


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    enter_platform(request)
    return _page(request, institution_by_slug(slug), "")


def _page(request: HttpRequest, institution: Institution, problem: str) -> HttpResponse:
    context = {
        "institution": institution,
        "people": people_for(institution),
        "events": institution_events(institution),
        "form": ReasonForm(),
        "problem": problem,
    }
    return render(request, "hospitals/institution.html", context, status=422 if problem else 200)


@require_POST
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    return _decided(request, slug, approve_institution, _("%(institution)s may take part in studies now."))


@require_POST
def refuse(request: HttpRequest, slug: str) -> HttpResponse:
    return _decided(
        request, slug, refuse_institution, _("%(institution)s is refused; the contact person is told the reason.")
    )


@require_POST
def suspend(request: HttpRequest, slug: str) -> HttpResponse:
    return _decided(
        request, slug, suspend_institution, _("%(institution)s is suspended: its access tokens stopped working.")
    )


@require_POST
def close(request: HttpRequest, slug: str) -> HttpResponse:
    return _decided(request, slug, close_institution, _("%(institution)s is closed: its roles and tokens have ended."))


def _decided(request: HttpRequest, slug: str, decide: Callable[..., Institution], words: str) -> HttpResponse:
    """What is wrong with a decision is said on the institution's page, beside the reason."""
    user = enter_platform(request)
    institution = institution_by_slug(slug)
    try:
        decide(institution=institution, reason=request.POST.get("reason", ""), by=user)
    except HEFedError as error:
        return _page(request, institution, str(error))
    messages.success(request, words % {"institution": institution.name})
    return redirect("institution", slug)
