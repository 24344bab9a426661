"""Pages of institutions: registration by anybody, approval and closing by platform administrators."""

from collections.abc import Callable

from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import BadInput, Conflict, HEFedError
from hospitals.audit.selectors import institution_events
from hospitals.forms import ReasonForm
from hospitals.institutions.forms import RegistrationForm
from hospitals.institutions.models import Institution
from hospitals.institutions.selectors import institution_by_slug, institutions, institutions_waiting
from hospitals.institutions.services import (
    Proof,
    approve_institution,
    close_institution,
    confirm_contact,
    institution_of_key,
    refuse_institution,
    register_institution,
    suspend_institution,
)
from hospitals.people.entry import enter_platform, lacks_second_factor, signed_in
from hospitals.people.selectors import people_for, standing_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The public page; somebody signed in goes to what waits for them today."""
    if not request.user.is_authenticated:
        return render(request, "hospitals/home.html")
    return _landing(request)


def _landing(request: HttpRequest) -> HttpResponse:
    """To the first study in which the person has a role; a platform administrator without one decides on hospitals."""
    standing = standing_of(request)
    for study in standing.studies:
        return redirect("today", study.slug)
    if standing.is_platform_administrator:
        return redirect("institutions")
    return render(request, "hospitals/no_study.html")


def register(request: HttpRequest) -> HttpResponse:
    """Ask to join. Anybody may; an administrator decides."""
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        stopped = consume_or_429(request, action="register", key=form.cleaned_data["contact_email"].lower())
        if stopped or _registered(form):
            return stopped or redirect("registered")
    return render(request, "hospitals/register.html", {"form": form}, status=422 if form.errors else 200)


def _registered(form: RegistrationForm) -> bool:
    """File the request; a short name that is taken or cannot be used becomes an error of its field."""
    data = form.cleaned_data
    try:
        register_institution(
            slug=data["slug"],
            name=data["name"],
            kind=Institution.Kind(data["kind"]),
            country=data["country"],
            contact=(data["contact_name"], data["contact_email"]),
            proof=Proof(data["domain"], data["approval_number"], data["approval_date"]),
        )
    except (BadInput, Conflict) as error:
        form.add_error("slug", str(error))
        return False
    return True


@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where somebody whose role demands a second factor is sent while there is none."""
    signed_in(request)
    return render(request, "account/second_factor.html") if lacks_second_factor(request) else redirect("home")


@require_safe
def registered(request: HttpRequest) -> HttpResponse:
    return render(request, "hospitals/registered.html")


@require_safe
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """What the link in the contact person's mail opens; the button on it confirms."""
    return render(request, "hospitals/confirm_contact.html", {"institution": institution_of_key(key), "key": key})


@require_POST
def confirmed(request: HttpRequest, key: str) -> HttpResponse:
    institution = confirm_contact(key=key)
    return render(request, "hospitals/contact_confirmed.html", {"institution": institution})


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
