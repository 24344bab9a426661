"""The platform administrator decides who may take part."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from hospitals.selectors.institutions import institution_by_slug, institutions, institutions_waiting
from hospitals.services.institutions import approve_institution, suspend_institution
from hospitals.views.entry import enter_platform


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    enter_platform(request)
    context = {"waiting": institutions_waiting(), "institutions": institutions().exclude(state="requested")}
    return render(request, "hospitals/institutions.html", context)


@require_POST
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    user = enter_platform(request)
    institution = approve_institution(institution=institution_by_slug(slug), by=user)
    messages.success(request, f"{institution.name} may take part in studies now.")
    return redirect("institutions")


@require_POST
def suspend(request: HttpRequest, slug: str) -> HttpResponse:
    user = enter_platform(request)
    institution = suspend_institution(institution=institution_by_slug(slug), by=user)
    messages.success(request, f"{institution.name} is suspended: its access tokens stopped working.")
    return redirect("institutions")
