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
from hospitals.keys.selectors import (
    cards_needed,
    is_publisher,
    key_to_take_back,
    open_code,
    proposals_of,
    requests_waiting_count,
    security_facts,
    would_be_outdated,
)
from hospitals.keys.services import confirm_key
from hospitals.keys.succession import UNDO_DAYS, confirm_proposal, discard_proposal, take_back
from hospitals.people.entry import Visit, ask_again, enter, show
from hospitals.people.models import Role
from hospitals.people.permissions import Forbidden, Right
from hospitals.studies.selectors import key_in_use


class ConfirmKeyForm(Styled):
    last_digits = forms.CharField(
        label=_("Last eight characters, as the custodian read them to you"), min_length=8, max_length=20
    )


class ConfirmProposalForm(Styled):
    last_digits = forms.CharField(
        label=_("Last eight characters of the new key, as its machine shows them"), min_length=8, max_length=20
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


@require_POST
def confirm_another(request: HttpRequest, slug: str, fingerprint: str) -> HttpResponse:
    """The new key takes the place of the one in use, where no cards must sign."""
    visit = _custodian(request, slug)
    ask_again(request)
    form = ConfirmProposalForm(request.POST)
    if not form.is_valid():
        raise BadInput("keys.other_proposal_digits")
    typed = form.cleaned_data["last_digits"]
    confirm_proposal(study=visit.study, fingerprint=fingerprint, typed=typed, by=visit.user)
    messages.success(request, _("The new key is in use. Each hospital confirms it before it uploads."))
    return redirect("keys", slug)


@require_POST
def discard(request: HttpRequest, slug: str, fingerprint: str) -> HttpResponse:
    visit = _custodian(request, slug)
    discard_proposal(study=visit.study, fingerprint=fingerprint, by=visit.user)
    messages.success(request, _("The proposed key is discarded; the key in use stays."))
    return redirect("keys", slug)


@require_POST
def put_back(request: HttpRequest, slug: str) -> HttpResponse:
    visit = _custodian(request, slug)
    ask_again(request)
    take_back(study=visit.study, by=visit.user)
    messages.success(request, _("The earlier key is in use again, with its batches."))
    return redirect("keys", slug)


def _custodian(request: HttpRequest, slug: str) -> Visit:
    """A platform administrator has every right, and is no custodian."""
    visit = enter(request, slug, Right.REPLACE_KEY)
    if Role.CUSTODIAN not in visit.roles:
        raise Forbidden("keys.custodian_replaces")
    return visit


def _page(request: HttpRequest, visit: Visit, **context: object) -> HttpResponse:
    study, facts = visit.study, visit.facts
    proposals = proposals_of(facts.key_sets)
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
        proposals=proposals,
        cards=cards_needed(facts.key) if proposals and facts.key else 0,
        before=key_to_take_back(facts.key),
        undo_days=UNDO_DAYS,
        proposal_form=ConfirmProposalForm(),
        may_replace=Role.CUSTODIAN in visit.roles,
        confirm_form=ConfirmKeyForm(),
        may_confirm=visit.may_write(Right.CONFIRM_KEY),
        may_enrol=Role.CUSTODIAN in visit.roles,
        **context,
    )
