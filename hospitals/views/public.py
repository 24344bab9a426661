"""Pages before sign-in, and where people land after it."""

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from hefed.errors import BadInput, Conflict
from hospitals.forms import RegistrationForm
from hospitals.models import Institution
from hospitals.second_factor import lacks_second_factor
from hospitals.services.institutions import Proof, confirm_contact, institution_of_key, register_institution
from hospitals.standing import standing_of
from hospitals.views.entry import signed_in


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
    user = signed_in(request)
    return render(request, "account/second_factor.html") if lacks_second_factor(user) else redirect("home")


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
