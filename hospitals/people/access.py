"""Who may see and do what. A stranger to a study gets 404 (for them there is none), a member without the role 403."""

from collections.abc import Set as AbstractSet

from django.contrib.auth.models import AnonymousUser

from hefed.core.errors import BadInput, HEFedError
from hospitals.people.models import Membership, Role, User
from hospitals.people.roles import roles_said
from hospitals.studies.models import Study


class Unauthorised(HEFedError):
    """The caller did not say who it is, or the token is not valid."""


class Forbidden(HEFedError):
    """The caller is known and may not do this."""


class NotFound(HEFedError):
    """There is no such thing, or the caller may not know that there is."""


class Busy(HEFedError):
    """Somebody else is at it right now; trying again in a moment will do."""


class TooLarge(BadInput):
    """More bytes than the limit."""


def roles(user: User | AnonymousUser, study: Study | None = None) -> frozenset[str]:
    """The roles of a person in a study; a platform administrator's holds everywhere."""
    if not user.is_authenticated:
        return frozenset()
    rows = Membership.objects.filter(user=user, study__isnull=True)
    if study is not None:
        rows = rows | Membership.objects.filter(user=user, study=study)
    return frozenset(rows.values_list("role", flat=True))


def study_for(user: User | AnonymousUser, slug: str) -> Study:
    """The study, if the person has any role in it (or is a platform administrator); else NotFound."""
    study = Study.objects.filter(slug=slug).first()
    if study is None or not roles(user, study):
        raise no_such_study(slug)
    return study


def no_such_study(slug: str) -> NotFound:
    """The same words for a study that does not exist and for one that is hidden from the person."""
    return NotFound("people.no_such_study", slug=slug)


def require_role(user: User | AnonymousUser, study: Study | None, *allowed: Role) -> User:
    """The signed-in person, if one of ``allowed`` (or platform administrator) is theirs; else Forbidden."""
    if not user.is_authenticated:
        raise Unauthorised("people.not_signed_in")
    check_roles(roles(user, study), *allowed)
    return user


def check_roles(held: AbstractSet[str], *allowed: Role) -> None:
    """Raises Forbidden unless one of ``allowed`` (or platform administrator) is among the roles held."""
    if Role.PLATFORM_ADMINISTRATOR not in held and not held & set(allowed):
        raise Forbidden("people.takes_role", roles=roles_said(allowed or (Role.PLATFORM_ADMINISTRATOR,)))
