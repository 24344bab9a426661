"""Who has which role in a study; invitations into a role."""

from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import HEFedError
from hospitals.people.entry import Visit, ask_again, enter, show, signed_in
from hospitals.people.forms import ActForForm, InvitationForm, NewcomerForm
from hospitals.people.models import Invitation, Role, User
from hospitals.people.permissions import NotFound, Right
from hospitals.people.selectors import acts_for_nobody, invitations_waiting, people_of, person_with_address
from hospitals.people.services import (
    Newcomer,
    accept_as,
    accept_as_newcomer,
    act_for,
    end_role,
    invitation_by_key,
    invite,
    withdraw_invitation,
)


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_PEOPLE)
    return _page(request, visit, InvitationForm(visit.study))


@require_POST
def send_invitation(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.MANAGE_PEOPLE)
    ask_again(request)
    form = InvitationForm(visit.study, request.POST)
    stopped = too_many_invitations(request, form)
    if stopped:
        return stopped
    key = _invited(visit, form) if form.is_valid() else None
    if key is None:
        return _page(request, visit, form, status=422)
    link = request.build_absolute_uri(f"/invitations/{key}/")
    response = show(request, visit, "hospitals/invited.html", email=form.cleaned_data["email"], link=link)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def act_for_institution(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom the visitor acts, who administers the study for no institution."""
    visit = enter(request, slug, Right.MANAGE_PEOPLE)
    form = ActForForm(visit.study, request.POST)
    if not form.is_valid():
        return _page(request, visit, InvitationForm(visit.study), status=422, act_for_form=form)
    row = act_for(study=visit.study, institution=form.cleaned_data["institution"], by=visit.user)
    messages.success(request, _("You act for %(institution)s now.") % {"institution": row.institution})
    return redirect("people", slug)


def too_many_invitations(request: HttpRequest, form: Form) -> HttpResponse | None:
    """A person sends so many an hour, and one mail address gets so few a day: nobody is flooded by way of us."""
    if not form.is_valid():
        return None
    answer: HttpResponse | None = consume_or_429(request, action="invite", key=form.cleaned_data["email"].lower())
    return answer


def _invited(visit: Visit, form: InvitationForm) -> str | None:
    data = form.cleaned_data
    role, institution = Role(data["role"]), data["institution"]
    try:
        return invite(email=data["email"], role=role, study=visit.study, institution=institution, by=visit.user)[1]
    except HEFedError as error:
        form.add_error(None, str(error))
        return None


@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id: int) -> HttpResponse:
    visit = enter(request, slug, Right.MANAGE_PEOPLE)
    invitation = Invitation.objects.filter(study=visit.study, pk=invitation_id).first()
    if invitation is None:
        raise NotFound("people.no_such_invitation", number=invitation_id)
    withdraw_invitation(invitation=invitation, by=visit.user)
    messages.success(request, _("The invitation of %(email)s no longer works.") % {"email": invitation.email})
    return redirect("people", slug)


@require_POST
def remove(request: HttpRequest, slug: str, membership_id: int) -> HttpResponse:
    visit = enter(request, slug, Right.MANAGE_PEOPLE)
    membership = people_of(visit.study).filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("people.no_such_role", number=membership_id)
    end_role(membership=membership, by=visit.user)
    messages.success(
        request,
        _("%(user)s is no longer %(label)s.") % {"user": membership.user, "label": Role(membership.role).label.lower()},
    )
    return redirect("people", slug)


def _page(
    request: HttpRequest,
    visit: Visit,
    form: InvitationForm,
    status: int = 200,
    act_for_form: ActForForm | None = None,
) -> HttpResponse:
    unsaid = acts_for_nobody(visit.user, visit.study)
    response = show(
        request,
        visit,
        "hospitals/people.html",
        form=form,
        act_for_form=(act_for_form or ActForForm(visit.study)) if unsaid else None,
        people=people_of(visit.study),
        invitations=invitations_waiting(visit.study),
        may_manage=visit.may(Right.MANAGE_PEOPLE),
    )
    response.status_code = status
    return response


@require_safe
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """What the link of the mail opens; it changes nothing by itself."""
    return _invitation_page(request, key, NewcomerForm())


def _invitation_page(request: HttpRequest, key: str, form: NewcomerForm, status: int = 200) -> HttpResponse:
    found = invitation_by_key(key)
    context = {"invitation": found, "key": key, "form": form, "known": person_with_address(found.email)}
    return render(request, "hospitals/invitation.html", context, status=status)


@require_POST
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """For somebody signed in."""
    accept_as(key=key, by=signed_in(request))
    messages.success(request, _("You have the role now."))
    return redirect("home")


@require_POST
def join(request: HttpRequest, key: str) -> HttpResponse:
    """For somebody without a sign-in: makes one."""
    form = NewcomerForm(request.POST)
    user = _joined(key, form) if form.is_valid() else None
    if user is None:
        return _invitation_page(request, key, form, status=422)
    messages.success(request, _("Your sign-in %(user)s works now; sign in with it.") % {"user": user.username})
    return redirect("sign-in")


def _joined(key: str, form: NewcomerForm) -> User | None:
    try:
        return accept_as_newcomer(key=key, newcomer=Newcomer(**form.cleaned_data))
    except NotFound:
        raise
    except HEFedError as error:
        form.add_error(None, str(error))
        return None
