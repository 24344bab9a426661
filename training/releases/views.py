"""Pages of releases: asking, reviewing, the actions of people, the key that a browser signs with."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from pydantic import ValidationError

from hefed.core.errors import BadInput, HEFedError
from hefed.core.protocol.releases import ApproverKey, SignedStatement
from hospitals.people.entry import Visit, enter, show, signed_in
from hospitals.people.models import Role
from hospitals.people.permissions import NotFound, Right
from training.jobs.models import Job
from training.jobs.selectors import job_by_name
from training.releases.forms import CommentForm, StopForm, WishForm
from training.releases.models import ApproverKey as StoredKey
from training.releases.models import Release
from training.releases.pages import preview_for, preview_words, release_lines, release_page
from training.releases.publication import approve_release, register_key
from training.releases.selectors import (
    acts_for,
    asked_now,
    current_version,
    jobs_to_ask_for,
    key_in_use,
    release_by_name,
    releases_of,
)
from training.releases.services import (
    change_release,
    comment_on_release,
    draft_release,
    reject_release,
    sign_request,
    withdraw_release,
)
from training.study_state import StudyState

_RELEASES_PER_PAGE = 25


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RELEASES)
    rows = releases_of(visit.study)
    page = Paginator(rows, _RELEASES_PER_PAGE).get_page(request.GET.get("page"))
    state = StudyState(visit.facts)
    signers = state.signers if Role.APPROVER in visit.roles and state.collecting else None
    return show(
        request,
        visit,
        "training/releases.html",
        page=page,
        lines=release_lines(asked_now(page.object_list), visit.user, signers),
        mine=[line for line in release_lines(state.collecting, visit.user, signers) if line.mine],
        jobs=jobs_to_ask_for(visit.study),
        key=key_in_use(visit.user),
    )


@require_safe
def ask_form(request: HttpRequest, slug: str) -> HttpResponse:
    """``?job=``: the job to ask for; without it the newest that can be asked for."""
    visit = enter(request, slug, Right.ASK_RELEASE)
    jobs = jobs_to_ask_for(visit.study)
    name = request.GET.get("job", "")
    job = job_by_name(visit.study, name) if name else next(iter(jobs), None)
    return _ask_page(request, visit, jobs, job, None if job is None else WishForm(job))


@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.ASK_RELEASE)
    job = job_by_name(visit.study, request.POST.get("job", ""))
    form = WishForm(job, request.POST)
    release = _drafted(visit, job, form) if form.is_valid() else None
    if release is None:
        return _ask_page(request, visit, jobs_to_ask_for(visit.study), job, form, status=422)
    return redirect("release", slug, release.name)


def _drafted(visit: Visit, job: Job, form: WishForm) -> Release | None:
    try:
        return draft_release(job=job, wish=form.wish, by=visit.user)
    except HEFedError as error:
        form.add_error(None, str(error))
        return None


def _ask_page(
    request: HttpRequest, visit: Visit, jobs: list[Job], job: Job | None, form: WishForm | None, status: int = 200
) -> HttpResponse:
    response = show(
        request,
        visit,
        "training/release_ask.html",
        job=job,
        form=form,
        jobs=jobs,
        key=key_in_use(visit.user),
        institution=acts_for(visit.user, visit.study, Role.PROJECT_ADMINISTRATOR),
    )
    response.status_code = status
    return response


@require_safe
def detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.SEE_RELEASES)
    release = release_by_name(visit.study, name)
    return _page(request, visit, release, None)


@require_POST
def change(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Writes the next version; approvals of the present one no longer count."""
    visit = enter(request, slug, Right.ASK_RELEASE)
    release = release_by_name(visit.study, name)
    form = WishForm(release.job, request.POST)
    if not form.is_valid() or not _changed(visit, release, form):
        return _page(request, visit, release, form, status=422)
    return redirect("release", slug, name)


def _changed(visit: Visit, release: Release, form: WishForm) -> bool:
    try:
        change_release(release=release, wish=form.wish, by=visit.user)
    except HEFedError as error:
        form.add_error(None, str(error))
        return False
    return True


def _page(
    request: HttpRequest, visit: Visit, release: Release, form: WishForm | None, status: int = 200
) -> HttpResponse:
    page = release_page(release, visit.user, visit.roles)
    wanted = {name: getattr(page.version, name) for name in ("items", "justification", "audience", "expires_on")}
    response = show(
        request,
        visit,
        "training/release.html",
        page=page,
        release=release,
        words=preview_words(release.job, visit.facts.marks),
        form=form or WishForm(release.job, initial=wanted),
        form_open=form is not None,
        comments=release.comments.select_related("user"),
        comment_form=CommentForm(),
        stop_form=StopForm(),
        may=_rights(visit, release),
    )
    response.status_code = status
    return response


def _rights(visit: Visit, release: Release) -> dict[str, bool]:
    """What the caller may do with this release in its present state."""
    is_open = release.state in Release.OPEN
    collecting = release.state == Release.State.COLLECTING
    return {
        "change": is_open and visit.may(Right.ASK_RELEASE),
        "withdraw": is_open and visit.may(Right.ASK_RELEASE),
        "reject": collecting and visit.may(Right.REVIEW_RELEASE),
        "comment": visit.may(Right.DISCUSS_RELEASE),
    }


@require_safe
def preview(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """What would be published, as the custodian encrypted it to the caller's key."""
    visit = enter(request, slug, Right.REVIEW_RELEASE)
    version = current_version(release_by_name(visit.study, name))
    key, found = key_in_use(visit.user), preview_for(version, visit.user)
    if key is None:
        raise NotFound("approvals.preview_without_key")
    if found is None:
        unknown = key.fingerprint in version.unknown
        raise NotFound("approvals.preview_key_unknown" if unknown else "approvals.preview_not_yet", name=name)
    response = HttpResponse(found.jwe, content_type="application/jose")
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def request_release(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The requester's signature, from the page's script."""
    visit = enter(request, slug, Right.ASK_RELEASE)
    release = release_by_name(visit.study, name)
    sign_request(release=release, statement=_statement(request), by=visit.user)
    messages.success(request, _("Signed. The approvers get a mail now."))
    return HttpResponse(status=204)


@require_POST
def approve(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """An approver's signature, from the page's script."""
    visit = enter(request, slug, Right.REVIEW_RELEASE)
    release = release_by_name(visit.study, name)
    approve_release(release=release, statement=_statement(request), by=visit.user)
    messages.success(request, _("You approved %(name)s.") % {"name": name})
    return HttpResponse(status=204)


def _statement(request: HttpRequest) -> str:
    try:
        return SignedStatement.model_validate_json(request.body).jws
    except ValidationError as error:
        raise BadInput("approvals.no_statement") from error


@require_POST
def reject(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.REVIEW_RELEASE)
    release = release_by_name(visit.study, name)
    reject_release(release=release, reason=_reason(request), by=visit.user)
    messages.success(request, _("%(name)s is rejected.") % {"name": name})
    return redirect("release", slug, name)


@require_POST
def withdraw(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.ASK_RELEASE)
    release = release_by_name(visit.study, name)
    withdraw_release(release=release, reason=_reason(request), by=visit.user)
    messages.success(request, _("%(name)s is withdrawn.") % {"name": name})
    return redirect("release", slug, name)


def _reason(request: HttpRequest) -> str:
    form = StopForm(request.POST)
    if not form.is_valid():
        raise BadInput("approvals.no_reason")
    return str(form.cleaned_data["reason"])


@require_POST
def comment(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.DISCUSS_RELEASE)
    release = release_by_name(visit.study, name)
    form = CommentForm(request.POST)
    if not form.is_valid():
        raise BadInput("approvals.no_comment")
    comment_on_release(release=release, text=form.cleaned_data["text"], by=visit.user)
    return redirect("release", slug, name)


@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """The public halves of the keys that the page's script made."""
    user = signed_in(request)
    try:
        key = ApproverKey.model_validate_json(request.body)
    except ValidationError as error:
        raise BadInput("approvals.no_public_keys") from error
    register_key(key=key, by=user)
    messages.success(request, _("Your key is registered. The custodian must vouch for it before it counts."))
    return HttpResponse(status=204)


@require_safe
def approval_key(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    old = StoredKey.objects.filter(user=user, retired_at__isnull=False).order_by("-retired_at")
    return render(request, "training/approval_key.html", {"key": key_in_use(user), "old": old})
