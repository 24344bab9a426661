"""The one table of who may do what. Views ask it, docs/permissions.md is printed from it, denial tests walk it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from hospitals.people.models import Role


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
    yield "token it was published. Enrolment codes, tokens and invitations ask for the second factor again."
    yield ""
    yield "| | " + " | ".join(str(role.label) for role in Role) + " |"
    yield "|---|" + "---|" * len(Role)
    for right in RIGHTS:
        yield f"| {right} | " + " | ".join("yes" if allows(right, [role]) else "–" for role in Role) + " |"
