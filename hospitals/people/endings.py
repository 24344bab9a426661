"""A role ends, and in the same transaction everything that rests on it: tokens, codes, invitations, sessions."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hospitals.audit.record import Actor, record
from hospitals.keys.models import EnrolmentCode
from hospitals.people.models import ApiToken, Invitation, Membership, Role
from hospitals.people.sessions import end_sessions


def end_membership(*, membership: Membership, by: Actor) -> None:
    """The person signs in anew for what other roles allow."""
    action, name = f"role.ended.{membership.role}", membership.user.username
    with transaction.atomic():
        record(action, name, study=membership.study, institution=membership.institution, by=by)
        _revoke_tokens(membership, by)
        _void_codes(membership)
        _withdraw_invitations(membership, by)
        end_sessions(user=membership.user)
        membership.delete()


def _revoke_tokens(membership: Membership, by: Actor) -> None:
    for token in _tokens_of(membership).select_related("study", "institution"):
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record("token.revoked", token.name, study=token.study, institution=token.institution, by=by)


def _tokens_of(membership: Membership) -> QuerySet[ApiToken]:
    """What the person made by right of this role."""
    rows = ApiToken.objects.filter(created_by=membership.user, study=membership.study, revoked_at=None)
    if membership.role == Role.COORDINATOR:
        return rows.filter(institution=membership.institution)
    return rows.filter(scope=ApiToken.Scope.CUSTODIAN) if membership.role == Role.CUSTODIAN else rows.none()


def _void_codes(membership: Membership) -> None:
    """Enrolment codes that nobody has exchanged yet."""
    if membership.role == Role.CUSTODIAN:
        rows = EnrolmentCode.objects.filter(created_by=membership.user, study=membership.study, used_at=None)
        rows.filter(expires_at__gt=timezone.now()).update(expires_at=timezone.now())


def _withdraw_invitations(membership: Membership, by: Actor) -> None:
    """Links that an administrator sent and that nobody has used: their right to give roles has ended."""
    for invitation in _invitations_of(membership).select_related("study"):
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
        record("invitation.withdrawn", invitation.email, study=invitation.study, by=by)


def _invitations_of(membership: Membership) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(invited_by=membership.user, accepted_at=None, withdrawn_at=None)
    if membership.role == Role.PLATFORM_ADMINISTRATOR:
        return rows
    return rows.filter(study=membership.study) if membership.role == Role.PROJECT_ADMINISTRATOR else rows.none()
