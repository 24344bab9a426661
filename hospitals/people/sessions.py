"""Sessions of people, which django-allauth lists from each sign-in on."""

from allauth.usersessions.adapter import get_adapter as sessions_adapter
from allauth.usersessions.models import UserSession

from hospitals.people.models import User


def end_sessions(*, user: User, keep: str = "") -> None:
    """Sign the person out everywhere, but for the session with the key ``keep``."""
    sessions_adapter().end_sessions(UserSession.objects.filter(user=user).exclude(session_key=keep))
