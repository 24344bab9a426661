"""API tokens: shown once, kept as a hash. They carry 256 random bits, so a plain hash is enough."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hefed.core.errors import BadInput
from hefed.core.words import Said
from hospitals.audit.record import record
from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, User
from hospitals.people.permissions import Unauthorised
from hospitals.studies.models import Study, StudyInstitution
from hospitals.words import check_line

PREFIX = "hefed_"
_USE_RESOLUTION = timedelta(minutes=1)  # a write per request would make readers wait for SQLite's one writer


def issue_token(
    *,
    name: str,
    study: Study,
    institution: Institution | None = None,
    lifetime: timedelta = timedelta(days=365),
    by: User,
) -> tuple[ApiToken, str]:
    """A token for a hospital's encryptor, or, without institution, for the custodian; and its text, shown only now."""
    if institution is not None and not StudyInstitution.objects.filter(study=study, institution=institution).exists():
        raise BadInput("people.token_outsider", institution=institution.slug, study=study.slug)
    check_line(Said("people.field_name"), name)
    text = PREFIX + secrets.token_urlsafe(32)
    scope = ApiToken.Scope.CUSTODIAN if institution is None else ApiToken.Scope.ENCRYPTOR
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name,
            digest=_digest(text),
            scope=scope,
            study=study,
            institution=institution,
            created_by=by,
            expires_at=timezone.now() + lifetime,
        )
        record(f"token.issued.{scope}", name, study=study, institution=institution, by=by)
    return token, text


def revoke_token(*, token: ApiToken, by: User) -> None:
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        record("token.revoked", token.name, study=token.study, institution=token.institution, by=by)


def token_of(text: str) -> ApiToken:
    """The valid token with this text; raises Unauthorised without saying which part was wrong."""
    token = ApiToken.objects.select_related("study", "institution").filter(digest=_digest(text)).first()
    now = timezone.now()
    if token is None or token.revoked_at is not None or token.expires_at <= now or _suspended(token):
        raise Unauthorised("people.token_invalid")
    if token.last_used_at is None or now - token.last_used_at > _USE_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _suspended(token: ApiToken) -> bool:
    return token.institution is not None and token.institution.state != Institution.State.APPROVED


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
