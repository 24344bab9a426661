"""The door of every study page: who comes in, with which rights, and what the side bar offers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh

from hospitals.institutions.models import Institution
from hospitals.people.access import Forbidden, Unauthorised, check_roles
from hospitals.people.models import Role, User
from hospitals.people.permissions import RIGHTS, Right, allows, stopped_by
from hospitals.people.roles import roles_said
from hospitals.people.standing import Standing, standing_of
from hospitals.states import state_said
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from hospitals.studies.steps import Step

View = Callable[..., HttpResponseBase]
__all__ = ["RIGHTS", "Right", "Visit", "enter", "enter_platform", "private", "show", "signed_in", "visit_of"]
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
