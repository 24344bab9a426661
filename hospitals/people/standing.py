"""Which roles a person has, and where: read once a request, and asked by the door, the top bar and the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from hospitals.institutions.models import Institution
from hospitals.people.access import no_such_study
from hospitals.people.models import Membership, Role, User
from hospitals.studies.models import Study

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
