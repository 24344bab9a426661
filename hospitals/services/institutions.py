"""Institutions: anybody may ask to join, an administrator decides."""

from django.db import transaction
from django.utils import timezone

from hefed.errors import Conflict
from hospitals.audit import Actor, System, record
from hospitals.models import Institution, User
from hospitals.states import check_move


def register_institution(
    *, slug: str, name: str, kind: Institution.Kind, country: str, contact: tuple[str, str], by: Actor | None = None
) -> Institution:
    """File a request to join. ``contact``: a person's name and e-mail address. ``by`` is None for a visitor."""
    with transaction.atomic():
        if Institution.objects.filter(slug=slug).exists():
            raise Conflict(f"cannot register {slug}: the short name is taken; choose another")
        institution = Institution.objects.create(
            slug=slug, name=name, kind=kind, country=country, contact_name=contact[0], contact_email=contact[1]
        )
        record("institution.requested", slug, institution=institution, by=by or System("visitor"))
    return institution


def approve_institution(*, institution: Institution, by: User) -> Institution:
    return _decide(institution, Institution.State.APPROVED, by)


def suspend_institution(*, institution: Institution, by: User) -> Institution:
    """A suspended institution's tokens stop working; its admitted batches stay in finished results."""
    return _decide(institution, Institution.State.SUSPENDED, by)


def _decide(institution: Institution, state: Institution.State, by: User) -> Institution:
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=institution.pk)
        check_move(institution.slug, Institution.MOVES, Institution.State(institution.state), state)
        institution.state, institution.decided_by, institution.decided_at = state, by, timezone.now()
        institution.save(update_fields=["state", "decided_by", "decided_at"])
        record(f"institution.{state}", institution.slug, institution=institution, by=by)
    return institution
