"""Studies: created with their first dictionary; hospitals join, people get roles."""

import secrets

from django.db import IntegrityError, transaction
from django.db.models import Max

from hefed.ckks.params import profile as profile_of
from hefed.dictionary import DataDictionary
from hefed.errors import Conflict
from hospitals.audit import Details, record
from hospitals.locks import next_number
from hospitals.models import Batch, DictionaryVersion, Institution, Membership, Role, Study, StudyInstitution, User

_SALT_BYTES = 32


def create_study(*, slug: str, name: str, question: str, dictionary_csv: str, profile: str, by: User) -> Study:
    """Open a study with a fresh holdout salt and publish its dictionary as version 1."""
    profile_of(profile)
    dictionary = DataDictionary.from_csv(dictionary_csv)
    with transaction.atomic():
        if Study.objects.filter(slug=slug).exists():
            raise Conflict(f"cannot create study {slug}: the short name is taken; choose another")
        study = Study.objects.create(
            slug=slug, name=name, question=question, profile=profile, holdout_salt=secrets.token_hex(_SALT_BYTES)
        )
        record("study.created", slug, study=study, details={"profile": profile}, by=by)
        _publish(study, dictionary, by)
    return study


def publish_dictionary(*, study: Study, dictionary_csv: str, by: User) -> DictionaryVersion:
    """Publish the next version. Refused while batches of the present one are live: a pool needs one encoding."""
    dictionary = DataDictionary.from_csv(dictionary_csv)
    with transaction.atomic():
        live = Batch.objects.filter(study=study, state__in=Batch.LIVE).count()
        if live:
            raise Conflict(
                f"cannot publish a new dictionary: {live} batches follow the present one; withdraw them first"
            )
        return _publish(study, dictionary, by)


def _publish(study: Study, dictionary: DataDictionary, by: User) -> DictionaryVersion:
    version = DictionaryVersion.objects.create(
        study=study,
        number=next_number(study, DictionaryVersion.objects.all()),
        csv=dictionary.to_csv(),
        digest=dictionary.digest,
        published_by=by,
    )
    details: Details = {"digest": version.digest, "columns": len(dictionary.columns)}
    record("dictionary.published", f"version {version.number}", study=study, details=details, by=by)
    return version


def add_institution(*, study: Study, institution: Institution, by: User) -> StudyInstitution:
    """An approved hospital takes part; it keeps its place (colour, symbol) for good."""
    with transaction.atomic():
        if institution.state != Institution.State.APPROVED:
            raise Conflict(f"cannot add {institution.slug}: it is {institution.state}; approve it first")
        Study.objects.select_for_update().get(pk=study.pk)
        if StudyInstitution.objects.filter(study=study, institution=institution).exists():
            raise Conflict(f"cannot add {institution.slug}: it takes part already; nothing to do")
        last = StudyInstitution.objects.filter(study=study).aggregate(last=Max("position", default=0))["last"]
        row = StudyInstitution.objects.create(study=study, institution=institution, position=last + 1)
        record("study.institution_added", institution.slug, study=study, institution=institution, by=by)
    return row


def grant_role(
    *, user: User, role: Role, study: Study | None = None, institution: Institution | None = None, by: User
) -> Membership:
    """Give a role; a database constraint refuses the same one twice."""
    try:
        with transaction.atomic():
            row = Membership.objects.create(user=user, role=role, study=study, institution=institution)
            record(f"role.granted.{role}", user.username, study=study, institution=institution, by=by)
    except IntegrityError as error:
        raise Conflict(f"cannot make {user.username} {role}: the role is held already or needs a study") from error
    return row
