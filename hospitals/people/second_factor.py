"""The second factor: whose role demands one, which session presented it, and what asks for it again.

A factor belongs to the session that presented it. A session that a password opened before the account had a factor,
or that came about without the sign-in pages, reaches only the page that asks for it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from hospitals.people.models import Role, User
from hospitals.people.sessions import end_sessions
from hospitals.people.standing import standing_of

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
    return _stopped(request, words, _page_that_asks(request, user))


def _unless_set_up(request: HttpRequest) -> HttpResponse | None:
    if request.path.startswith(_TO_SET_UP) or not _demanded(request):
        return None
    words = _("cannot do this: your role needs a second factor; set it up on the pages first")
    return _stopped(request, words, "second-factor")


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
