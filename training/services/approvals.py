"""An approver signs a version of a release; the signature is kept as it came."""

from django.db import IntegrityError, transaction

from hefed.errors import Conflict
from hospitals.audit import Details, record
from hospitals.models import User
from training.models import Release, ReleaseApproval
from training.selectors.approving import already_approved, approving_institution, check_waits
from training.selectors.releases import current_version
from training.services.statements import check_statement


def approve_release(*, release: Release, statement: str, by: User) -> ReleaseApproval:
    """By an approver of another institution than the requester's; one approval per person and institution."""
    with transaction.atomic():
        release = Release.objects.select_for_update(of=("self",)).select_related("study", "job").get(pk=release.pk)
        version = current_version(release)
        institution = approving_institution(version, by)
        check_waits(version)
        key = check_statement(version, "approve", statement, by)
        approval = _create(ReleaseApproval(version=version, user=by, institution=institution, key=key), statement)
        details: Details = {"version": version.number, "digest": version.digest, "fingerprint": key.fingerprint}
        record("release.approved", release.name, study=release.study, institution=institution, details=details, by=by)
    return approval


def _create(approval: ReleaseApproval, statement: str) -> ReleaseApproval:
    approval.statement = statement
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(already_approved(approval.version, approval)) from error
    return approval
