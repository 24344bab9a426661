"""Access tokens: a coordinator's for the hospital's encryptor, a custodian's for the custodian program."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospitals.people.entry import Visit, ask_again, enter, show
from hospitals.people.forms import TokenForm
from hospitals.people.models import Role
from hospitals.people.permissions import Forbidden, NotFound, Right
from hospitals.people.selectors import tokens_of
from hospitals.people.tokens import issue_token, revoke_token


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    visit = enter(request, slug, Right.USE_TOKENS)
    return _page(request, visit, TokenForm())


@require_POST
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers with the token in the page itself: it is shown once and kept nowhere in clear."""
    visit = enter(request, slug, Right.USE_TOKENS)
    _check_issuer(visit)
    ask_again(request)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, form, status=422)
    lifetime = timedelta(days=form.cleaned_data["days"])
    token, text = issue_token(
        name=form.cleaned_data["name"], study=visit.study, institution=visit.hospital, lifetime=lifetime, by=visit.user
    )
    response = show(request, visit, "hospitals/token_created.html", token=token, text=text)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    visit = enter(request, slug, Right.USE_TOKENS)
    token = tokens_of(visit.study, visit.hospital).filter(pk=token_id).first()
    if token is None:
        raise NotFound("people.no_such_token", number=token_id)
    revoke_token(token=token, by=visit.user)
    messages.success(request, _("Token “%(token)s” no longer works.") % {"token": token.name})
    return redirect("tokens", slug)


def _may_issue(visit: Visit) -> bool:
    """A platform administrator may look and revoke; a token is issued by those for whom a program will speak."""
    return visit.may_add_patients or Role.CUSTODIAN in visit.roles


def _check_issuer(visit: Visit) -> None:
    if not _may_issue(visit):
        raise Forbidden("people.token_not_yours")


def _page(request: HttpRequest, visit: Visit, form: TokenForm, status: int = 200) -> HttpResponse:
    response = show(
        request,
        visit,
        "hospitals/tokens.html",
        form=form,
        tokens=tokens_of(visit.study, visit.hospital),
        may_issue=_may_issue(visit),
    )
    response.status_code = status
    return response
