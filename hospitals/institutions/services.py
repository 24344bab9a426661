"""Institutions: anybody may ask to join and proves the contact's address; a platform administrator decides."""

from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.core.errors import BadInput, Conflict
from hefed.core.words import Said
from hospitals.audit.record import Actor, System, record
from hospitals.institutions.models import Institution
from hospitals.mail import send_later
from hospitals.people.models import ApiToken, Membership, User
from hospitals.people.services import end_membership
from hospitals.states import check_move
from hospitals.words import check_line, check_slug, check_text

_CONFIRM_SECONDS = 7 * 24 * 3600
_SALT = "hospitals.contact"


@dataclass(frozen=True)
class Proof:
    """What an administrator checks: the institution's domain and its committee's approval."""

    domain: str = ""
    approval_number: str = ""
    approval_date: date | None = None


def register_institution(
    *,
    slug: str,
    name: str,
    kind: Institution.Kind,
    country: str,
    contact: tuple[str, str],
    proof: Proof | None = None,
    by: Actor | None = None,
) -> Institution:
    """File a request to join. ``contact``: a person's name and e-mail address. ``by`` is None for a visitor.

    Somebody known who files it vouches for the address; a visitor's contact gets a mail with a link.
    """
    given = proof or Proof()
    _check_words(slug, name, contact[0], given)
    name = " ".join(name.split())
    with transaction.atomic():
        if Institution.objects.filter(slug__iexact=slug).exists():
            raise Conflict("people.short_name_taken", slug=slug)
        _check_name_free(name)
        institution = Institution.objects.create(
            slug=slug,
            name=name,
            kind=kind,
            country=country,
            contact_name=contact[0],
            contact_email=contact[1],
            contact_verified_at=None if by is None else timezone.now(),
            domain=given.domain,
            approval_number=given.approval_number,
            approval_date=given.approval_date,
        )
        record("institution.requested", slug, institution=institution, by=by or System("visitor"))
        if by is None:
            key = signing.dumps([slug, contact[1]], salt=_SALT)
            context = {"institution": institution, "path": f"/register/confirm/{key}/"}
            send_later("hospitals/mail/confirm_contact.txt", contact[1], _("Confirm your address"), context)
    return institution


def _check_words(slug: str, name: str, contact_name: str, given: Proof) -> None:
    check_slug(slug)
    check_line(Said("people.field_name"), name)
    check_line(Said("people.field_contact"), contact_name)
    check_line(Said("people.field_domain"), given.domain)
    check_line(Said("people.field_approval_number"), given.approval_number)


def _check_name_free(name: str, but: int = 0) -> None:
    """Two hospitals of one name would be confused; a refused or closed one keeps its name from nobody."""
    ended = (Institution.State.REFUSED, Institution.State.CLOSED)
    if Institution.objects.filter(name__iexact=name).exclude(state__in=ended).exclude(pk=but).exists():
        raise Conflict("people.institution_name_taken", name=name)


def institution_of_key(key: str) -> Institution:
    """The registration whose contact got this link; raises BadInput for an old or foreign one."""
    try:
        slug, email = signing.loads(key, salt=_SALT, max_age=_CONFIRM_SECONDS)
    except signing.BadSignature as error:
        raise BadInput("people.link_too_old") from error
    institution = Institution.objects.filter(slug=slug, contact_email=email).first()
    if institution is None:
        raise BadInput("people.registration_gone")
    return institution


def confirm_contact(*, key: str) -> Institution:
    """The contact opened the link and pressed the button. Twice is once."""
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution_of_key(key).pk)
        if institution.contact_verified_at is None:
            institution.contact_verified_at = timezone.now()
            institution.save(update_fields=["contact_verified_at"])
            record("institution.contact_confirmed", institution.slug, institution=institution, by=System("visitor"))
    return institution


def approve_institution(*, institution: Institution, reason: str = "", by: User) -> Institution:
    if institution.contact_verified_at is None:
        raise Conflict("people.address_not_confirmed", institution=institution.slug, email=institution.contact_email)
    check_slug(institution.slug)
    _check_name_free(institution.name, institution.pk)
    return _decide(institution, Institution.State.APPROVED, reason, by)


def refuse_institution(*, institution: Institution, reason: str, by: User) -> Institution:
    return _decide(institution, Institution.State.REFUSED, _given(reason), by)


def suspend_institution(*, institution: Institution, reason: str = "", by: User) -> Institution:
    """A suspended institution's tokens and uploads stop working; its admitted batches stay in finished results."""
    return _decide(institution, Institution.State.SUSPENDED, _given(reason), by)


def close_institution(*, institution: Institution, reason: str, by: User) -> Institution:
    """For good: its people lose their roles for it, its tokens are revoked."""
    with transaction.atomic():
        institution = _decide(institution, Institution.State.CLOSED, _given(reason), by)
        ApiToken.objects.filter(institution=institution, revoked_at=None).update(revoked_at=timezone.now())
        for membership in Membership.objects.filter(institution=institution).select_related("user", "study"):
            end_membership(membership=membership, by=by)
    return institution


def _given(reason: str) -> str:
    if not reason.strip():
        raise BadInput("people.no_reason")
    return reason.strip()


def _decide(institution: Institution, state: Institution.State, reason: str, by: User) -> Institution:
    check_text(Said("people.field_reason"), reason)
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        check_move(institution.slug, Institution.MOVES, Institution.State(institution.state), state)
        institution.state, institution.decided_by, institution.decided_at = state, by, timezone.now()
        institution.reason = reason
        institution.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        record(f"institution.{state}", institution.slug, institution=institution, details={"reason": reason}, by=by)
        subject = f"{institution.name}: {institution.get_state_display().lower()}"
        context = {"institution": institution}
        send_later("hospitals/mail/decision.txt", institution.contact_email, subject, context)
    return institution
