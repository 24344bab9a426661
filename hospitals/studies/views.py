"""Pages of a study: settings, people's terms."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hefed.core.errors import BadInput, Conflict
from hospitals.forms import Styled
from hospitals.institutions.selectors import institution_by_slug
from hospitals.keys.custody import decide_custody
from hospitals.keys.selectors import custody_of, custody_said, suggested_custody
from hospitals.people.entry import Visit, enter, show, signed_in
from hospitals.people.models import Role
from hospitals.people.permissions import Forbidden, Right
from hospitals.people.selectors import Standing, standing_of
from hospitals.studies.forms import PROFILES, CustodyForm, InviteForm, NewStudyForm, QuestionForm, RulesForm, TermsForm
from hospitals.studies.services import (
    RULES,
    StudyName,
    add_institution,
    change_question,
    change_rules,
    draft_study,
    publish_study,
)
from hospitals.studies.setup import can_be_invited, profile_in_words, set_up_state
from hospitals.studies.steps import first_step
from hospitals.studies.terms import accept_terms, current_terms, publish_terms
from hospitals.words import page_words


def new_study(request: HttpRequest) -> HttpResponse:
    """Draft a study; for platform administrators, and for those who administer a study already."""
    user = signed_in(request)
    _check_may_draft(standing_of(request))
    form = NewStudyForm(request.POST or None, initial={"profile": PROFILES[0][0]})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            named = StudyName(data["slug"], data["name"], data["question"])
            study = draft_study(named=named, profile=data["profile"], by=user)
        except (BadInput, Conflict) as error:
            form.add_error("slug", str(error))
        else:
            return redirect("set-up", study.slug)
    context = {"form": form, "ring": profile_in_words(PROFILES[0][0])}
    return render(request, "hospitals/study_new.html", context, status=422 if form.errors else 200)


def _check_may_draft(standing: Standing) -> None:
    if not standing.has(Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR):
        raise Forbidden("studies.may_not_draft")


@require_safe
def set_up(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    return _page(request, visit)


@require_POST
def question(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, question_form=form)
    change_question(study=visit.study, **form.cleaned_data, by=visit.user)
    messages.success(request, _("The question is saved."))
    return redirect("set-up", slug)


@require_POST
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, rules_form=form)
    change_rules(study=visit.study, rules=form.cleaned_data, by=visit.user)
    messages.success(request, _("The rules are saved. The custodian applies the stricter of these and its own."))
    return redirect("set-up", slug)


@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    form = InviteForm(request.POST)
    if not form.is_valid():
        raise BadInput("studies.none_chosen")
    institution = institution_by_slug(form.cleaned_data["institution"])
    add_institution(study=visit.study, institution=institution, by=visit.user)
    messages.success(request, _("%(institution)s takes part now.") % {"institution": institution.name})
    return redirect("set-up", slug)


@require_POST
def custody(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    form = CustodyForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, custody_form=form)
    decide_custody(study=visit.study, custody=form.custody, by=visit.user)
    who = page_words(custody_said(form.custody))
    messages.success(request, _("It is decided who holds the key: %(who)s.") % {"who": who})
    return redirect("set-up", slug)


@require_POST
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    form = TermsForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, terms_form=form)
    version = publish_terms(study=visit.study, text=form.cleaned_data["text"], by=visit.user)
    messages.success(
        request, _("Version %(version_number)s of the terms is in force.") % {"version_number": version.number}
    )
    return redirect("set-up", slug)


@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SET_UP_STUDY)
    publish_study(study=visit.study, by=visit.user)
    messages.success(request, _("The study is published. Next: what its custodians do stands on the page Keys."))
    return redirect("keys", slug)


def _page(request: HttpRequest, visit: Visit, **forms: Styled) -> HttpResponse:
    study, facts, state = visit.study, visit.facts, set_up_state(visit.facts)
    key, terms_now = facts.key, facts.terms
    suggested = suggested_custody(len(state.hospitals)) if key is None else custody_of(key)
    following = None if study.state == study.State.DRAFT else first_step(facts)
    context = {
        "question_form": QuestionForm(initial={"name": study.name, "question": study.question}),
        "rules_form": RulesForm(initial={name: getattr(study, name) for name in RULES}),
        "terms_form": TermsForm(initial={"text": "" if terms_now is None else terms_now.text}),
        "terms": terms_now,
        "state": state,
        "custody_form": CustodyForm.showing(state.custody or suggested),
        "custody_words": "" if state.custody is None else page_words(custody_said(state.custody)),
        "suggested": page_words(custody_said(suggested)),
        "key": key,
        "invitable": can_be_invited(facts),
        "next": following,
        "next_address": "" if following is None else visit.address_of(following),
        "ring": profile_in_words(study.profile),
        **forms,
    }
    response = show(request, visit, "hospitals/study_setup.html", **context)
    response.status_code = 422 if forms else 200
    return response


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
