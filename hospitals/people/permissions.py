"""Roles and what each may do; who may reach a page."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser

from hefed.core.errors import BadInput, HEFedError
from hefed.core.words import Said
from hospitals.people.models import Membership, Role, User
from hospitals.studies.models import Study

_SAID = {
    Role.PLATFORM_ADMINISTRATOR: Said("people.platform_administrator"),
    Role.PROJECT_ADMINISTRATOR: Said("people.project_administrator"),
    Role.COORDINATOR: Said("people.coordinator"),
    Role.CUSTODIAN: Said("people.custodian"),
    Role.APPROVER: Said("people.approver"),
    Role.CLINICIAN: Said("people.clinician"),
    Role.AUDITOR: Said("people.auditor"),
}


def role_said(role: str) -> Said:
    return _SAID[Role(role)]


def roles_said(roles: Iterable[str]) -> tuple[Said, ...]:
    return tuple(map(role_said, roles))


class Right(StrEnum):
    """What a page or an action lets somebody see or do."""

    SEE_STUDY = "see the study"
    SEE_DATA = "see batches"
    CHANGE_DATA = "change batches"
    USE_TOKENS = "use access tokens"
    SEE_JOBS = "see jobs"
    RUN_JOBS = "run jobs"
    SEE_RESULTS = "see results"
    SEE_REQUESTS = "see requests to the custodian"
    SEE_RELEASES = "see releases"
    ASK_RELEASE = "ask for a release and withdraw it"
    REVIEW_RELEASE = "approve or reject a release"
    DISCUSS_RELEASE = "comment on a release"
    SEE_PEOPLE = "see who has which role"
    MANAGE_PEOPLE = "invite and remove people"
    SET_UP_STUDY = "set up the study"
    ACCEPT_TERMS = "accept the terms for the hospital"
    CONFIRM_KEY = "confirm the key's fingerprint"
    ENROL_CUSTODIAN = "enrol the custodian's machine"
    REPLACE_KEY = "replace the study's key, or put the earlier one back"
    SEE_AUDIT = "see the audit log"
    RUN_PLATFORM = "decide on institutions, invite platform administrators, see the whole audit log"


_EVERYONE = tuple(role for role in Role if role != Role.PLATFORM_ADMINISTRATOR)
_MANAGER, _COORDINATOR, _CUSTODIAN, _AUDITOR, _APPROVER = (
    Role.PROJECT_ADMINISTRATOR,
    Role.COORDINATOR,
    Role.CUSTODIAN,
    Role.AUDITOR,
    Role.APPROVER,
)

# Who gives roles and asks for results, who holds the key, and who lets results out are three people in a study.
EXCLUSIVE = frozenset({_MANAGER, _CUSTODIAN, _APPROVER})

# A platform administrator has every right: who runs the server sees its database anyway, which is all ciphertext.
RIGHTS: dict[Right, tuple[Role, ...]] = {
    Right.SEE_STUDY: _EVERYONE,
    Right.SEE_DATA: (_MANAGER, _COORDINATOR, _AUDITOR),
    Right.CHANGE_DATA: (_COORDINATOR,),
    Right.USE_TOKENS: (_COORDINATOR, _CUSTODIAN),
    Right.SEE_JOBS: (_MANAGER, _COORDINATOR, _CUSTODIAN, _AUDITOR, _APPROVER),
    Right.RUN_JOBS: (_MANAGER,),
    Right.SEE_RESULTS: _EVERYONE,
    Right.SEE_REQUESTS: (_CUSTODIAN, _MANAGER, _AUDITOR),
    Right.SEE_RELEASES: (_MANAGER, _APPROVER, _CUSTODIAN, _AUDITOR),
    Right.ASK_RELEASE: (_MANAGER,),
    Right.REVIEW_RELEASE: (_APPROVER,),
    Right.DISCUSS_RELEASE: (_MANAGER, _APPROVER, _CUSTODIAN),
    Right.SEE_PEOPLE: (_MANAGER, _COORDINATOR, _CUSTODIAN, _AUDITOR, _APPROVER),
    Right.MANAGE_PEOPLE: (_MANAGER,),
    Right.SET_UP_STUDY: (_MANAGER,),
    Right.ACCEPT_TERMS: (_COORDINATOR,),
    Right.CONFIRM_KEY: (_COORDINATOR,),
    Right.ENROL_CUSTODIAN: (_CUSTODIAN,),
    Right.REPLACE_KEY: (_CUSTODIAN,),
    Right.SEE_AUDIT: (_AUDITOR, _MANAGER),
    Right.RUN_PLATFORM: (),
}


def allows(right: Right, held: Iterable[str]) -> bool:
    """One of these roles carries the right."""
    roles = set(held)
    return Role.PLATFORM_ADMINISTRATOR in roles or bool(roles & set(RIGHTS[right]))


def at_odds(held: Iterable[str]) -> frozenset[str]:
    """Of these roles of one person in one study those that exclude each other; empty when none do.

    A platform administrator has what a project administrator has.
    """
    roles = set(held)
    found = roles & (EXCLUSIVE | {Role.PLATFORM_ADMINISTRATOR})
    parts = {_MANAGER if role == Role.PLATFORM_ADMINISTRATOR else role for role in found}
    return frozenset(found) if len(parts) > 1 else frozenset()


def stopped_by(right: Right, held: Iterable[str]) -> frozenset[str]:
    """The roles that exclude each other, where this right comes from one of them. Roles can be ended all the same."""
    odd = at_odds(held)
    return odd if set(RIGHTS[right]) & odd and right != Right.MANAGE_PEOPLE else frozenset()


def as_markdown() -> str:
    """The table as docs/permissions.md shows it."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Who may do what"
    yield ""
    yield "Printed by `manage.py permissions`; a test keeps this page and the code the same. A stranger"
    yield "to a study gets 404 for everything in it, a member without the right 403, a visitor the sign-in page."
    yield "A coordinator sees batches and tokens of the own hospital only; those of another hospital answer 404. While"
    yield "the hospital is suspended, its coordinators read as before and every address that writes answers 403."
    yield ""
    yield "Project administrator, key custodian and approver of one study are three different people; a platform"
    yield "administrator is neither custodian nor approver. Who holds two such roles, from before, reads only until one"
    yield "has ended. A key is confirmed by a coordinator for the own hospital, never by the person with whose code or"
    yield "token it was published. Enrolment codes, tokens, invitations and another key for the study ask for the"
    yield "second factor again."
    yield ""
    yield "| | " + " | ".join(str(role.label) for role in Role) + " |"
    yield "|---|" + "---|" * len(Role)
    for right in RIGHTS:
        yield f"| {right} | " + " | ".join("yes" if allows(right, [role]) else "–" for role in Role) + " |"


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
