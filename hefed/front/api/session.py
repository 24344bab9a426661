"""A signed-in coordinator may use the encryptor's part of the API from the page: session cookie and CSRF token."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from hospitals.institutions.models import Institution
from hospitals.people.access import Forbidden, Unauthorised, require_role, study_for
from hospitals.people.models import Membership, Role, User
from hospitals.studies.models import Study

STUDY_HEADER = "X-HEFed-Study"


@dataclass(frozen=True)
class Coordinator:
    """Who acts, for which hospital of which study; what an encryptor token says of its bearer."""

    user: User
    study: Study
    institution: Institution


class CoordinatorSession(APIKeyCookie):
    """Looks only at requests with the study's header, which no form of another site can send."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Coordinator | None:
        slug = request.headers.get(STUDY_HEADER, "")
        if not slug or not key:
            return None
        if check_csrf(request) is not None:
            raise Forbidden("server.page_token")
        if not request.user.is_authenticated:
            raise Unauthorised("server.signed_out")
        return _coordinator(request.user, slug)


def _coordinator(user: User, slug: str) -> Coordinator:
    study = study_for(user, slug)
    require_role(user, study, Role.COORDINATOR)
    row = Membership.objects.select_related("institution").filter(user=user, study=study, role=Role.COORDINATOR).first()
    if row is None or row.institution is None:
        raise Forbidden("server.no_hospital")
    if row.institution.state != Institution.State.APPROVED:
        raise Forbidden("server.hospital_state", institution=row.institution.name, state=row.institution.state)
    return Coordinator(user, study, row.institution)
