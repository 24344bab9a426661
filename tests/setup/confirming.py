"""A coordinator who compares the key with the custodian."""

from hospitals.institutions.models import Institution
from hospitals.keys.models import KeyConfirmation, KeySet
from hospitals.keys.services import confirm_key
from hospitals.people.models import Role, User
from hospitals.people.services import create_person
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role


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
