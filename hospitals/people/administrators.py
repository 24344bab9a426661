"""Who runs the platform: its administrators, and invitations of further ones."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import HEFedError
from hospitals.people.entry import ask_again, enter_platform
from hospitals.people.forms import AdministratorForm
from hospitals.people.models import Invitation, Role, User
from hospitals.people.permissions import NotFound
from hospitals.people.selectors import invitations_waiting, platform_administrators
from hospitals.people.services import end_role, invite, withdraw_invitation
from hospitals.people.views import too_many_invitations


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    enter_platform(request)
    return _page(request, AdministratorForm())


@require_POST
def send_invitation(request: HttpRequest) -> HttpResponse:
    """Answers with the link too: where mail does not arrive it is handed over, and it is shown only now."""
    user = enter_platform(request)
    ask_again(request)
    form = AdministratorForm(request.POST)
    stopped = too_many_invitations(request, form)
    if stopped:
        return stopped
    key = _invited(form, user) if form.is_valid() else None
    if key is None:
        return _page(request, form, status=422)
    context = {"email": form.cleaned_data["email"], "link": request.build_absolute_uri(f"/invitations/{key}/")}
    response = render(request, "hospitals/administrator_invited.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _invited(form: AdministratorForm, by: User) -> str | None:
    try:
        return invite(email=form.cleaned_data["email"], role=Role.PLATFORM_ADMINISTRATOR, by=by)[1]
    except HEFedError as error:
        form.add_error(None, str(error))
        return None


@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user = enter_platform(request)
    invitation = Invitation.objects.filter(study=None, pk=invitation_id).first()
    if invitation is None:
        raise NotFound("people.no_such_administrator_invitation", number=invitation_id)
    withdraw_invitation(invitation=invitation, by=user)
    messages.success(request, _("The invitation of %(email)s no longer works.") % {"email": invitation.email})
    return redirect("administrators")


@require_POST
def remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    """The last one stays: the service refuses."""
    user = enter_platform(request)
    membership = platform_administrators().filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("people.no_such_administrator", number=membership_id)
    end_role(membership=membership, by=user)
    messages.success(request, _("%(user)s is no longer platform administrator.") % {"user": membership.user})
    return redirect("home" if membership.user == user else "administrators")


def _page(request: HttpRequest, form: AdministratorForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "people": platform_administrators(), "invitations": invitations_waiting(None)}
    return render(request, "hospitals/administrators.html", context, status=status)
