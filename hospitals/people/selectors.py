"""What pages read of people: roles, invitations, tokens, how each stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, Invitation, Membership, Role, User
from hospitals.people.permissions import no_such_study
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


_ON_THE_REQUEST = "hefed_standing"


@dataclass(frozen=True)
class Standing:
    """The memberships of one person, with their studies and institutions; none of somebody who is not signed in."""

    user: User | AnonymousUser
    memberships: tuple[Membership, ...]
    has_factor: bool = False  # the account has a second factor

    @classmethod
    def read(cls, user: User | AnonymousUser) -> "Standing":
        if not user.is_authenticated:
            return cls(user, ())
        factors = Authenticator.objects.filter(user=OuterRef("user"))
        rows = Membership.objects.filter(user=user).select_related("study", "institution").order_by("pk")
        found = tuple(rows.annotate(has_factor=Exists(factors)))
        return cls(user, found, found[0].has_factor if found else is_mfa_enabled(user))

    @property
    def is_platform_administrator(self) -> bool:
        return self.has(Role.PLATFORM_ADMINISTRATOR)

    def has(self, *roles: Role) -> bool:
        """One of these roles, in whatever study."""
        return any(row.role in roles for row in self.memberships)

    def roles(self, study: Study | None) -> frozenset[str]:
        """In a study; a platform administrator's role holds everywhere."""
        return frozenset(row.role for row in self.memberships if row.study is None or row.study == study)

    def acts_for(self, study: Study, role: Role) -> list[Institution]:
        """The institutions for which the person has the role in the study, the one that was granted first in front."""
        rows = self._in(study)
        return [row.institution for row in rows if row.role == role and row.institution is not None]

    def _in(self, study: Study) -> Iterator[Membership]:
        return (row for row in self.memberships if row.study == study)

    @property
    def studies(self) -> list[Study]:
        """Those in which the person has a role of their own, by name."""
        found = {row.study.pk: row.study for row in self.memberships if row.study is not None}
        return sorted(found.values(), key=lambda study: study.name)

    @cached_property
    def visible_studies(self) -> list[Study]:
        """The same; every study for a platform administrator."""
        return list(Study.objects.all()) if self.is_platform_administrator else self.studies

    def study(self, slug: str) -> Study:
        """The study of that name, if the person may know of it; else NotFound."""
        found = next((study for study in self.studies if study.slug == slug), None)
        if found is None and self.is_platform_administrator:
            found = Study.objects.filter(slug=slug).first()
        if found is None:
            raise no_such_study(slug)
        return found


def standing_of(request: HttpRequest) -> Standing:
    """Of the person who asks."""
    found: Standing | None = getattr(request, _ON_THE_REQUEST, None)
    if found is None or found.user != request.user:
        found = Standing.read(request.user)
        setattr(request, _ON_THE_REQUEST, found)
    return found
