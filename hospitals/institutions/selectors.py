"""What pages read of institutions, and the marks they are known by in charts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from hospitals.institutions.models import Institution
from hospitals.people.models import Membership, User
from hospitals.people.permissions import NotFound
from hospitals.studies.models import Study
from hospitals.studies.selectors import participants

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True)
class HospitalMark:
    """``place`` counts from 0 in the study's fixed order; after six hospitals colours come again with other symbols."""

    slug: str
    name: str
    place: int

    @property
    def number(self) -> int:
        """1 to 6: the class names ``hospital-1`` ... of the style sheet."""
        return self.place % 6 + 1

    @property
    def colour(self) -> str:
        return f"var(--hospital-{self.number})"

    @property
    def symbol(self) -> str:
        return SYMBOLS[(self.place + self.place // 6) % 6]

    @property
    def dash(self) -> str:
        return DASHES[(self.place + self.place // 6) % 6]


def marks_of(study: Study) -> list[HospitalMark]:
    return numbered(row.institution for row in participants(study))


def numbered(institutions: Iterable[Institution]) -> list[HospitalMark]:
    """``institutions`` in the study's order."""
    return [HospitalMark(one.slug, one.name, place) for place, one in enumerate(institutions)]


def institutions() -> QuerySet[Institution]:
    return Institution.objects.select_related("decided_by")


def institutions_waiting() -> QuerySet[Institution]:
    """Registrations that nobody has decided yet, the oldest first."""
    return institutions().filter(state=Institution.State.REQUESTED).order_by("requested_at")


def institution_by_slug(slug: str) -> Institution:
    institution = institutions().filter(slug=slug).first()
    if institution is None:
        raise NotFound("people.no_such_institution", slug=slug)
    return institution


def institution_of(user: User, study: Study) -> Institution | None:
    """The hospital for which the person acts in the study, if any."""
    membership = Membership.objects.filter(user=user, study=study, institution__isnull=False).first()
    return None if membership is None else membership.institution


def memberships_of(study: Study) -> QuerySet[Membership]:
    """Who has which role in the study."""
    return Membership.objects.filter(study=study).select_related("user", "institution").order_by("user__username")
