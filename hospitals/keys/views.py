"""Pages of keys."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import BadInput, Conflict
from hospitals.forms import Styled
from hospitals.keys.custody import issue_code
from hospitals.keys.selectors import is_publisher, open_code, requests_waiting_count, security_facts, would_be_outdated
from hospitals.keys.services import confirm_key
from hospitals.people.entry import Visit, ask_again, enter, show
from hospitals.people.models import Role
from hospitals.people.permissions import Forbidden, Right
from hospitals.studies.selectors import key_in_use


class ConfirmKeyForm(Styled):
    last_digits = forms.CharField(
        label=_("Last eight characters, as the custodian read them to you"), min_length=8, max_length=20
    )


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_STUDY)
    return _page(request, visit)


@require_POST
def create_code(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers with the code in the page itself: it is shown once and kept nowhere in clear."""
    visit = enter(request, slug, Right.ENROL_CUSTODIAN)
    if Role.CUSTODIAN not in visit.roles:
        raise Forbidden("keys.not_the_custodian")
    ask_again(request)
    code, text = issue_code(study=visit.study, by=visit.user)
    response = _page(request, visit, code=code, code_text=text)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.CONFIRM_KEY)
    key, form = key_in_use(visit.study), ConfirmKeyForm(request.POST)
    if key is None:
        raise Conflict("keys.no_key_in_use")
    if visit.hospital is None:
        raise Forbidden("keys.acts_for_no_hospital")
    if not form.is_valid():
        raise BadInput("keys.digits_missing")
    confirm_key(key_set=key, institution=visit.hospital, typed=form.cleaned_data["last_digits"], by=visit.user)
    words = {"hospital": visit.hospital.name}
    messages.success(request, _("The key is confirmed for %(hospital)s, which can upload now.") % words)
    return redirect("keys", slug)


def _page(request: HttpRequest, visit: Visit, **context: object) -> HttpResponse:
    study, facts = visit.study, visit.facts
    return show(
        request,
        visit,
        "hospitals/keys.html",
        key=facts.key,
        confirmations=facts.confirmations,
        confirmed=facts.key_is_confirmed,
        own=next((line for line in facts.confirmations if line.institution == visit.hospital), None),
        publisher=facts.key is not None and is_publisher(facts.key, visit.user),
        warning=facts.key_warning,
        shared=facts.shared,
        waiting=requests_waiting_count(study),
        custody=facts.custody,
        fault=facts.key_fault,
        key_sets=facts.key_sets,
        security=security_facts(study),
        tokens=facts.machines,
        waiting_code=open_code(study),
        outdated=would_be_outdated(study),
        confirm_form=ConfirmKeyForm(),
        may_confirm=visit.may_write(Right.CONFIRM_KEY),
        may_enrol=Role.CUSTODIAN in visit.roles,
        **context,
    )
