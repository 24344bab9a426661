"""What pages read about institutions."""

from django.db.models import QuerySet

from hospitals.institutions.models import Institution
from hospitals.people.access import NotFound
from hospitals.people.models import Membership, User
from hospitals.studies.models import Study


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
