"""What pages read of people: roles, invitations, tokens."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, Invitation, Membership, Role, User
from hospitals.studies.models import Study


def people_of(study: Study) -> QuerySet[Membership]:
    """Roles in a study by name; ``protected``: the person has set up a second factor."""
    return _described(Membership.objects.filter(study=study))


def acts_for_nobody(user: User, study: Study) -> bool:
    """Administers the study for no institution, as who drafted it does at first."""
    mine = Membership.objects.filter(user=user, study=study, role=Role.PROJECT_ADMINISTRATOR)
    return mine.exists() and not mine.exclude(institution=None).exists()


def people_for(institution: Institution) -> QuerySet[Membership]:
    """Roles that people hold for an institution, in all its studies."""
    return _described(Membership.objects.filter(institution=institution))


def _described(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    protected = Exists(Authenticator.objects.filter(user=OuterRef("user")))
    rows = rows.select_related("user", "institution", "study").annotate(protected=protected)
    return rows.order_by("user__first_name", "user__username", "role")


def platform_administrators() -> QuerySet[Membership]:
    return _described(Membership.objects.filter(role=Role.PLATFORM_ADMINISTRATOR, study=None))


def invitations_waiting(study: Study | None) -> QuerySet[Invitation]:
    """Into roles of the study; None: into the platform's administration."""
    rows = Invitation.objects.filter(study=study, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    return rows.select_related("institution", "invited_by")


def person_with_address(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def tokens_of(study: Study, institution: Institution | None) -> QuerySet[ApiToken]:
    """A hospital's encryptor tokens; without a hospital the custodian's."""
    return ApiToken.objects.filter(study=study, institution=institution).select_related("created_by")
