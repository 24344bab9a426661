"""Who decides or holds a key proves it twice: without a second factor such a person reaches only its set-up."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from hospitals.people.models import Membership, Role, User

GetResponse = Callable[[HttpRequest], HttpResponse]
DEMANDING = (Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR, Role.CUSTODIAN, Role.APPROVER)
_OPEN = ("/account/", "/sign-in/", "/sign-out/", "/second-factor/", "/static/", "/i18n/")


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Has a role that demands a second factor, and none is set up."""
    if not settings.HEFED_REQUIRE_MFA or not user.is_authenticated:
        return False
    demanded = Membership.objects.filter(user=user, role__in=DEMANDING).exists()
    return demanded and not is_mfa_enabled(user)


class RequireSecondFactor:
    """Sends such a person from any page to the one that explains what to set up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *__: Any) -> HttpResponse | None:
        if request.path.startswith(_OPEN) or not lacks_second_factor(request.user):
            return None
        if request.path.startswith("/api/"):
            words = _("cannot do this: your role needs a second factor; set it up on the pages first")
            return JsonResponse({"error": words}, status=403)
        if "HX-Request" in request.headers:
            return HttpResponseClientRefresh()
        return redirect("second-factor")
