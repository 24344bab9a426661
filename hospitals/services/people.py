"""People: made with an address that somebody vouches for, invited into a role, and removed from it."""

from allauth.account.models import EmailAddress
from django.db import transaction

from hospitals.audit import Actor, record
from hospitals.models import Study, User


def create_person(*, username: str, email: str, study: Study | None = None, by: Actor | None = None) -> User:
    """Somebody who can get a sign-in; an operator or an invitation has verified the address."""
    with transaction.atomic():
        user = User.objects.create_user(username, email)
        verify_address(user=user)
        record("user.created", username, study=study, by=by or user)
    return user


def verify_address(*, user: User) -> None:
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
