"""Roles as facts of what is said: words in the reader's language."""

from collections.abc import Iterable

from hefed.core.words import Said
from hospitals.people.models import Role

_SAID = {
    Role.PLATFORM_ADMINISTRATOR: Said("people.platform_administrator"),
    Role.PROJECT_ADMINISTRATOR: Said("people.project_administrator"),
    Role.COORDINATOR: Said("people.coordinator"),
    Role.CUSTODIAN: Said("people.custodian"),
    Role.APPROVER: Said("people.approver"),
    Role.CLINICIAN: Said("people.clinician"),
    Role.AUDITOR: Said("people.auditor"),
}


def role_said(role: str) -> Said:
    return _SAID[Role(role)]


def roles_said(roles: Iterable[str]) -> tuple[Said, ...]:
    return tuple(map(role_said, roles))
