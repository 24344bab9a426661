"""Roles, invitations and their ends, with everything that rests on them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.core.errors import BadInput, Conflict
from hefed.core.words import Said
from hospitals.audit.record import Actor, record
from hospitals.institutions.models import Institution
from hospitals.keys.models import EnrolmentCode
from hospitals.mail import send_later
from hospitals.people.entry import end_sessions
from hospitals.people.models import ApiToken, Invitation, Membership, Role, User
from hospitals.people.permissions import NotFound, at_odds, role_said
from hospitals.people.selectors import person_with_address
from hospitals.states import state_said
from hospitals.studies.models import Study, StudyInstitution
from hospitals.studies.services import check_compatible, grant_role
from hospitals.words import check_line


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


def create_person(*, username: str, email: str, study: Study | None = None, by: Actor | None = None) -> User:
    """Somebody who can get a sign-in; an operator or an invitation has verified the address."""
    check_line(Said("people.field_name"), username)
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("people.username_taken", name=username)
    with transaction.atomic():
        user = User.objects.create_user(username, email)
        verify_address(user=user)
        record("user.created", username, study=study, by=by or user)
    return user


def verify_address(*, user: User) -> None:
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )


def act_for(*, study: Study, institution: Institution, by: User) -> Membership:
    """A project administrator without an institution, as who drafted the study is, says once for whom they act.

    The audit log keeps it. What it is worth for a release the custodian decides, whose list names institutions itself.
    """
    with transaction.atomic():
        role = Role.PROJECT_ADMINISTRATOR
        mine = Membership.objects.select_for_update().filter(user=by, study=study, role=role)
        row = mine.filter(institution=None).first()
        if row is None or mine.exclude(pk=row.pk).exists():
            raise Conflict("people.cannot_act_for", institution=institution.slug)
        if not study.institutions.filter(pk=institution.pk, state=Institution.State.APPROVED).exists():
            raise BadInput("people.act_for_outsider", institution=institution.slug, study=study.slug)
        row.institution = institution
        row.save(update_fields=["institution"])
        record(f"role.acts_for.{role}", by.username, study=study, institution=institution, by=by)
    return row


_LIFETIME = timedelta(days=14)
_OF_AN_INSTITUTION = (Role.PROJECT_ADMINISTRATOR, Role.COORDINATOR, Role.APPROVER)


@dataclass(frozen=True)
class Newcomer:
    """What somebody without a sign-in chooses when accepting."""

    username: str
    name: str
    password: str


def invite(
    *, email: str, role: Role, study: Study | None = None, institution: Institution | None = None, by: User
) -> tuple[Invitation, str]:
    """Send the link; also returned, so that it can be handed over where there is no mail."""
    _check_hospital(role, study, institution)
    _check_other_roles(email, role, study)
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        if _open(email, role, study).exists():
            raise Conflict("people.invitation_waits", email=email)
        invitation = Invitation.objects.create(
            email=email.lower(),
            role=role,
            study=study,
            institution=institution,
            digest=_digest(key),
            invited_by=by,
            expires_at=timezone.now() + _LIFETIME,
        )
        record(f"invitation.sent.{role}", email, study=study, institution=institution, by=by)
        context = {"invitation": invitation, "path": f"/invitations/{key}/"}
        send_later("hospitals/mail/invitation.txt", email, _("You are invited"), context)
    return invitation, key


def _open(email: str, role: Role, study: Study | None) -> QuerySet[Invitation]:
    now = timezone.now()
    rows = Invitation.objects.filter(email=email.lower(), role=role, study=study, expires_at__gt=now)
    return rows.filter(accepted_at=None, withdrawn_at=None)


def _check_other_roles(email: str, role: Role, study: Study | None) -> None:
    """Raise Conflict for a role that excludes one the person has, or is invited into already."""
    person = person_with_address(email)
    if person is not None:
        check_compatible(person, role, study)
    for other in Role:
        if at_odds({role, other}) and _open(email, other, study).exists():
            raise Conflict("people.invitation_at_odds", email=email, other=role_said(other))


def _check_hospital(role: Role, study: Study | None, institution: Institution | None) -> None:
    if institution is None:
        if role in _OF_AN_INSTITUTION:
            raise BadInput("people.no_institution_chosen", role=role_said(role))
        return
    if institution.state != Institution.State.APPROVED:
        raise Conflict(
            "people.institution_not_approved", institution=institution.slug, state=state_said(institution.state)
        )
    if study is not None and not StudyInstitution.objects.filter(study=study, institution=institution).exists():
        raise BadInput("people.institution_not_in_study", institution=institution.slug, study=study.slug)


def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    with transaction.atomic():
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
        if not changed.update(withdrawn_at=timezone.now()):
            raise Conflict("people.invitation_used", email=invitation.email)
        record("invitation.withdrawn", invitation.email, study=invitation.study, by=by)


def invitation_by_key(key: str) -> Invitation:
    """The invitation of a link that still works."""
    rows = Invitation.objects.select_related("study", "institution", "invited_by").filter(digest=_digest(key))
    invitation = rows.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()).first()
    if invitation is None:
        raise NotFound("people.invitation_void")
    return invitation


def accept_as_newcomer(*, key: str, newcomer: Newcomer) -> User:
    """Make the sign-in: the link proved the address."""
    check_line(Said("people.field_name"), newcomer.name)
    with transaction.atomic():
        invitation = invitation_by_key(key)
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise Conflict("people.has_sign_in", email=invitation.email)
        user = create_person(username=newcomer.username, email=invitation.email, study=invitation.study)
        user.first_name = newcomer.name
        _set_password(user, newcomer.password)
        _accept(invitation, user)
    return user


def accept_as(*, key: str, by: User) -> Membership:
    """Somebody signed in takes the role; the address must be the invited one."""
    with transaction.atomic():
        invitation = invitation_by_key(key)
        if by.email.lower() != invitation.email:
            raise Conflict("people.invitation_of_another", email=invitation.email, own=by.email)
        return _accept(invitation, by)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput("people.bad_password", problems=" ".join(error.messages)) from error
    user.set_password(password)
    user.save()


def _accept(invitation: Invitation, user: User) -> Membership:
    now = timezone.now()
    claimed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not claimed.update(accepted_at=now, accepted_by=user):
        raise Conflict("people.invitation_just_used")
    study, institution = invitation.study, invitation.institution
    record("invitation.accepted", user.username, study=study, institution=institution, by=user)
    return grant_role(
        user=user, role=Role(invitation.role), study=study, institution=institution, by=invitation.invited_by
    )


def end_role(*, membership: Membership, by: User) -> None:
    """Take a role away, and what rests on it; the last administrator keeps it, or nobody could give roles any more."""
    role, user, study = membership.role, membership.user, membership.study
    with transaction.atomic():
        others = Membership.objects.filter(role=role, study=study).exclude(pk=membership.pk)
        if role in (Role.PLATFORM_ADMINISTRATOR, Role.PROJECT_ADMINISTRATOR) and not others.exists():
            raise Conflict("people.last_of_role", user=str(user), role=role_said(role))
        end_membership(membership=membership, by=by)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
