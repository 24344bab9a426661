"""What people do to a release: sign, approve, reject, withdraw, comment. One address, one action."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from hefed.errors import BadInput
from hefed.protocol.releases import ApproverKey, SignedStatement
from hospitals.views.entry import Right, enter, signed_in
from training.release_forms import CommentForm, StopForm
from training.selectors.releases import release_by_name
from training.services.approvals import approve_release
from training.services.approver_keys import register_key
from training.services.releases import comment_on_release, reject_release, sign_request, withdraw_release


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
        raise BadInput(_("cannot use the signature: it is no signed statement; reload the page")) from error


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
        raise BadInput(_("cannot end the release: no reason is given; write one or two sentences"))
    return str(form.cleaned_data["reason"])


@require_POST
def comment(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    visit = enter(request, slug, Right.DISCUSS_RELEASE)
    release = release_by_name(visit.study, name)
    form = CommentForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("cannot comment: the text is empty; write a sentence"))
    comment_on_release(release=release, text=form.cleaned_data["text"], by=visit.user)
    return redirect("release", slug, name)


@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """The public halves of the keys that the page's script made."""
    user = signed_in(request)
    try:
        key = ApproverKey.model_validate_json(request.body)
    except ValidationError as error:
        raise BadInput(_("cannot register the key: it is not two public P-256 keys; make a new one")) from error
    register_key(key=key, by=user)
    messages.success(request, _("Your key is registered. The custodian must vouch for it before it counts."))
    return HttpResponse(status=204)
