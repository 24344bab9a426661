"""Signing in, second factors and the sessions that rest on them.

A factor belongs to the session that presented it. A session that a password opened before the account had a factor,
or that came about without the sign-in pages, reaches only the page that asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.usersessions.adapter import get_adapter as sessions_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh

from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.people.permissions import (
    RIGHTS,
    Forbidden,
    Right,
    Unauthorised,
    allows,
    check_roles,
    roles_said,
    stopped_by,
)
from hospitals.people.selectors import Standing, standing_of
from hospitals.states import state_said
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from hospitals.studies.steps import Step


def end_sessions(*, user: User, keep: str = "") -> None:
    """Sign the person out everywhere, but for the session with the key ``keep``."""
    sessions_adapter().end_sessions(UserSession.objects.filter(user=user).exclude(session_key=keep))


GetResponse = Callable[[HttpRequest], HttpResponse]
DEMANDING = (Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR, Role.CUSTODIAN, Role.APPROVER)
_ALWAYS_OPEN = ("/sign-in/", "/sign-out/", "/static/", "/i18n/")
_TO_SET_UP = ("/account/", "/second-factor/")
_TO_PRESENT = ("/account/second-factor/reauthenticate/", "/account/second-factor/webauthn/reauthenticate/")
_ENROLLED_HERE = "second_factor_enrolled_by"


def lacks_second_factor(request: HttpRequest) -> bool:
    """The person has a role that demands a second factor, and none is set up."""
    return request.user.is_authenticated and not has_factor(request) and _demanded(request)


def has_factor(request: HttpRequest) -> bool:
    """The account has a second factor; read once a request, with what the person may do."""
    return standing_of(request).has_factor


def _demanded(request: HttpRequest) -> bool:
    return settings.HEFED_REQUIRE_MFA and standing_of(request).has(*DEMANDING)


def presented_factor(request: HttpRequest) -> bool:
    """This session proved a second factor, at sign-in, later, or by setting it up."""
    if request.session.get(_ENROLLED_HERE) == request.user.pk:
        return True
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth ships no types
def ask_again(request: HttpRequest) -> None:
    """Before rights are given away: the person proves again who they are, unless they did minutes ago.

    allauth keeps what was posted, asks on a page of its own, and goes on with it afterwards.
    """


def factors_changed(request: HttpRequest, user: User, **kwargs: object) -> None:
    """A factor was added, removed or reset: this session did it, and every other one of the account ends."""
    request.session[_ENROLLED_HERE] = user.pk
    end_sessions(user=user, keep=request.session.session_key or "")


class RequireSecondFactor:
    """Sends who has not proved a factor to the page that asks for it, or that explains what to set up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *__: Any) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or request.path.startswith(_ALWAYS_OPEN):
            return None
        return _unless_presented(request, user) if has_factor(request) else _unless_set_up(request)


def _unless_presented(request: HttpRequest, user: User) -> HttpResponse | None:
    if request.path.startswith(_TO_PRESENT) or presented_factor(request):
        return None
    words = _("cannot do this: your account has a second factor and this session did not prove it; sign in again")
    return _stopped(request, str(words), _page_that_asks(request, user))


def _unless_set_up(request: HttpRequest) -> HttpResponse | None:
    if request.path.startswith(_TO_SET_UP) or not _demanded(request):
        return None
    words = _("cannot do this: your role needs a second factor; set it up on the pages first")
    return _stopped(request, str(words), "second-factor")


def _page_that_asks(request: HttpRequest, user: User) -> str:
    """allauth's page for the factor that the account has; it leads back to what was read, not to what was posted."""
    address: str = get_adapter().get_reauthentication_methods(user)[0]["url"]
    back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return f"{address}?{back}"


def _stopped(request: HttpRequest, words: str, address: str) -> HttpResponse:
    """In the form that the caller understands: a program, a region of a page, a page."""
    if request.path.startswith("/api/"):
        return JsonResponse({"error": words}, status=403)
    if "HX-Request" in request.headers:
        return HttpResponseClientRefresh()
    return redirect(address)


View = Callable[..., HttpResponseBase]
_READING = ("GET", "HEAD", "OPTIONS")


# Label, URL name, icon, right. An entry that a role cannot use is absent.
NAVIGATION = (
    (_("Today"), "today", "calendar-time", Right.SEE_STUDY),
    (_("Overview"), "study", "activity", Right.SEE_STUDY),
    (_("Data"), "batches", "database", Right.SEE_DATA),
    (_("Jobs"), "jobs", "cpu", Right.SEE_JOBS),
    (_("Results"), "results", "chart-dots", Right.SEE_RESULTS),
    (_("Releases"), "releases", "lock-open", Right.SEE_RELEASES),
    (_("Requests"), "requests", "list-check", Right.SEE_REQUESTS),
    (_("Keys"), "keys", "key", Right.SEE_STUDY),
    (_("Dictionary"), "dictionary", "book", Right.SEE_STUDY),
    (_("Terms"), "terms", "file-certificate", Right.SEE_STUDY),
    (_("Set-up"), "set-up", "list-check", Right.SET_UP_STUDY),
    (_("Tokens"), "tokens", "terminal-2", Right.USE_TOKENS),
    (_("People"), "people", "users", Right.SEE_PEOPLE),
    (_("Audit"), "audit", "clipboard-list", Right.SEE_AUDIT),
)


@dataclass(frozen=True)
class NavigationEntry:
    label: str
    address: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Visit:
    """One person on one page of one study."""

    study: Study
    user: User
    roles: frozenset[str]
    hospital: Institution | None  # for which a coordinator acts
    address: str
    standing: Standing

    @cached_property
    def facts(self) -> StudyFacts:
        """What the study's pages know of it; each fact is read once a visit, when it is first asked for."""
        return StudyFacts(self.study)

    def address_of(self, step: Step) -> str:
        """Where the step is done, or nothing for a person who cannot open that page."""
        return reverse(step.page, args=[self.study.slug, *step.args]) if step.page and self.may(step.right) else ""

    def may(self, right: Right) -> bool:
        return allows(right, self.roles)

    @property
    def scope(self) -> Institution | None:
        """The only hospital whose batches the person sees; None: all of them."""
        sees_all = self.roles & {Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR, Role.AUDITOR}
        return None if sees_all else self.hospital

    @property
    def may_run_jobs(self) -> bool:
        return self.may(Right.RUN_JOBS)

    @property
    def may_see_jobs(self) -> bool:
        return self.may(Right.SEE_JOBS)

    @property
    def may_see_data(self) -> bool:
        return self.may(Right.SEE_DATA)

    @property
    def may_see_requests(self) -> bool:
        return self.may(Right.SEE_REQUESTS)

    @property
    def may_see_releases(self) -> bool:
        return self.may(Right.SEE_RELEASES)

    @property
    def may_ask_release(self) -> bool:
        return self.may(Right.ASK_RELEASE)

    @property
    def may_sign_releases(self) -> bool:
        """Signs as requester or approver, so needs a key."""
        return bool(self.roles & {Role.PROJECT_ADMINISTRATOR, Role.APPROVER})

    @property
    def may_set_up(self) -> bool:
        return self.may(Right.SET_UP_STUDY)

    @property
    def may_use_tokens(self) -> bool:
        return self.may(Right.USE_TOKENS)

    @property
    def acts_for_hospital(self) -> bool:
        """Batches come from hospitals only."""
        return Role.COORDINATOR in self.roles and self.hospital is not None

    @property
    def may_add_patients(self) -> bool:
        return self.acts_for_hospital and not self.stopped_hospital

    @property
    def stopped_hospital(self) -> Institution | None:
        """The hospital of a coordinator who reads but changes nothing, because it is suspended or closed."""
        stopped = self.hospital is not None and self.hospital.state != Institution.State.APPROVED
        return self.hospital if stopped else None

    def may_write(self, right: Right) -> bool:
        """Has the right, and not only by acting for a hospital that is suspended or closed."""
        return allows(right, self.roles - {Role.COORDINATOR} if self.stopped_hospital else self.roles)

    def check_writing(self, right: Right) -> None:
        hospital = self.stopped_hospital
        if hospital is None or self.may_write(right):
            return
        raise Forbidden("people.hospital_stopped", hospital=hospital.name, state=state_said(hospital.state))

    def check_roles(self, right: Right) -> None:
        """Roles that exclude each other give nobody a right to change anything."""
        odd = stopped_by(right, self.roles)
        if odd:
            raise Forbidden("people.roles_at_odds", roles=roles_said(sorted(odd)))

    @property
    def navigation(self) -> list[NavigationEntry]:
        return [self._entry(str(label), name, icon) for label, name, icon, right in NAVIGATION if self.may(right)]

    def _entry(self, label: str, name: str, icon: str) -> NavigationEntry:
        """The overview is current on its own page only: every other address begins with its address."""
        address = reverse(name, args=[self.study.slug])
        current = self.address == address if name == "study" else self.address.startswith(address)
        return NavigationEntry(label, address, icon, current)


def enter(request: HttpRequest, slug: str, right: Right) -> Visit:
    """Let the person in: a stranger to the study gets NotFound, a member without the right Forbidden.

    Who acts for a suspended hospital reads as before and sends nothing.
    """
    user, standing = signed_in(request), standing_of(request)
    study = standing.study(slug)
    check_roles(standing.roles(study), *RIGHTS[right])
    visit = visit_of(user, study, request.path, standing)
    if request.method not in _READING:
        visit.check_writing(right)
        visit.check_roles(right)
    return visit


def visit_of(user: User, study: Study, address: str = "", standing: Standing | None = None) -> Visit:
    """Somebody who was let in, or in whose other studies is looked."""
    known = standing or Standing.read(user)
    hospital = next(iter(known.acts_for(study, Role.COORDINATOR)), None)
    return Visit(study, user, known.roles(study), hospital, address, known)


def enter_platform(request: HttpRequest) -> User:
    """For platform administrators only."""
    user = signed_in(request)
    check_roles(standing_of(request).roles(None))
    return user


def signed_in(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise Unauthorised("people.not_signed_in_page")
    return request.user


def show(request: HttpRequest, visit: Visit, template: str, **context: Any) -> HttpResponse:
    """Render a study page."""
    return render(request, template, {"visit": visit, "study": visit.study, **context})


def private(route: str, view: View, name: str) -> URLPattern:
    """An address whose visitors are sent to the sign-in page first, and then back."""
    return path(route, _signed_in_only(view), name=name)


def _signed_in_only(view: View) -> View:
    """A region of a page whose session has ended reloads the page: the sign-in page must not appear inside it."""
    guarded = login_required(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "HX-Request" in request.headers and not request.user.is_authenticated:
            return HttpResponseClientRefresh()
        return guarded(request, *args, **kwargs)

    return inner
