"""How people keep their sign-in: django-allauth, with our rules and our audit log (docs/adr/0801)."""

from logging import getLogger
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hospitals.audit.record import record
from hospitals.people.models import User

_log = getLogger(__name__)
_WRONG = _("Name or password is wrong. Passwords are sensitive to capitals.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up alone, and the audit log tells of every sign-in and of every change to how somebody signs in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(("username_password_mismatch", "email_password_mismatch"), _WRONG),
        "too_many_login_attempts": _("Too many wrong attempts from here: wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation (``hospitals.people.services``)."""
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        """Whoever has a second factor confirms with it: a password alone does not change how the account is kept."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        return factors or methods

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords count for one account from one address, so that a stranger elsewhere locks nobody out.

        All names and addresses of a person are one account.
        """
        login = str(credentials.get("email") or credentials.get("username") or "").lower()
        known = Q(username__iexact=login) | Q(email__iexact=login) | Q(emailaddress__email__iexact=login)
        person = User.objects.filter(known).values_list("pk", flat=True).first()
        return f"{get_ip(request)} {login if person is None else person}"

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            record("person.signed_in", user.username, by=user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that fails does not fail what the person did; whoever waits for the mail asks for it again."""
        try:
            super().send_mail(template_prefix, email, context)
        except Exception:  # noqa: BLE001  whatever a mail backend raises
            _log.exception("mail %s could not be sent", template_prefix)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Called for each change: a password, an address, an authenticator, a passkey, recovery codes."""
        what = template_prefix.rsplit("/", 1)[-1]
        with transaction.atomic():
            record(f"person.{what}", user.username, by=user)
        super().send_notification_mail(template_prefix, user, *args, **kwargs)
