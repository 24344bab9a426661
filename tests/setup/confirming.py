"""A coordinator who compares the key with the custodian."""

from hospitals.models import Institution, KeyConfirmation, KeySet, Role, Study, User
from hospitals.services.keys import confirm_key
from hospitals.services.people import create_person
from hospitals.services.studies import grant_role


def coordinator_of(study: Study, slug: str, name: str = "") -> User:
    institution = Institution.objects.get(slug=slug)
    user = create_person(username=name or f"of-{slug}", email=f"{name or slug}@example.org")
    grant_role(user=user, role=Role.COORDINATOR, study=study, institution=institution, by=user)
    return user


def confirmed(study: Study, key: KeySet, slug: str = "north") -> KeyConfirmation:
    """By a new coordinator, who types what the custodian reads out."""
    typed = f"{key.fingerprint[-8:-4]} {key.fingerprint[-4:]}".upper()
    by = coordinator_of(study, slug)
    return confirm_key(key_set=key, institution=Institution.objects.get(slug=slug), typed=typed, by=by)
