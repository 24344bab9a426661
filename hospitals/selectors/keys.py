"""Who holds what: keys, the custodians that hold them, who confirmed them, what is retired."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from hefed.protocol.messages import OutdatedShare, RotationEffect
from hospitals.models import Batch, EnrolmentCode, Institution, KeyConfirmation, KeySet, Study, User
from hospitals.selectors.outdated import busy_jobs, would_be_outdated
from hospitals.selectors.studies import key_in_use

SOON = timedelta(days=30)


@dataclass(frozen=True)
class ConfirmationLine:
    """A hospital of the study, and its word about the key if it gave one."""

    institution: Institution
    confirmation: KeyConfirmation | None


def confirmations_of(key_set: KeySet) -> list[ConfirmationLine]:
    """Every hospital that takes part, in the order of the study."""
    rows = {row.institution_id: row for row in key_set.confirmations.select_related("confirmed_by")}
    institutions = Institution.objects.filter(studyinstitution__study=key_set.study).order_by(
        "studyinstitution__position"
    )
    return [ConfirmationLine(institution, rows.get(institution.pk)) for institution in institutions]


def unconfirmed(key_set: KeySet) -> list[Institution]:
    """Hospitals that send nothing before they have compared the key."""
    return [line.institution for line in confirmations_of(key_set) if line.confirmation is None]


def is_confirmed_by(key_set: KeySet, institution: Institution) -> bool:
    return key_set.confirmations.filter(institution=institution).exists()


def is_publisher(key_set: KeySet, user: User) -> bool:
    """The key came with a code or token of this person. For keys from before that was kept: with any of their codes."""
    if key_set.published_by_id is not None:
        return key_set.published_by_id == user.pk
    return key_set.study.enrolment_codes.filter(created_by=user, used_at__isnull=False).exists()


def key_sets(study: Study) -> QuerySet[KeySet]:
    """The newest first, with how many batches became outdated with each and how many hospitals confirmed it."""
    rows = study.key_sets.select_related("public", "relinearisation").prefetch_related("holders")
    outdated = Count("batches", filter=Q(batches__state=Batch.State.OUTDATED), distinct=True)
    confirmed = Count("confirmations", distinct=True)
    return rows.annotate(outdated=outdated, confirmed=confirmed).order_by("-published_at")


def key_warning(key: KeySet | None) -> str:
    """ "expired", "soon" or nothing."""
    if key is None or key.expires_at is None:
        return ""
    now = timezone.now()
    return "expired" if key.expires_at <= now else "soon" if key.expires_at <= now + SOON else ""


def open_code(study: Study) -> EnrolmentCode | None:
    """The enrolment code that could still be exchanged."""
    return study.enrolment_codes.filter(used_at=None, expires_at__gt=timezone.now()).first()


def requests_waiting_count(study: Study) -> int:
    """What waits to be opened; the requests are the training application's."""
    return study.requests.filter(state="waiting").count()


def rotation_effect(study: Study) -> RotationEffect:
    key = key_in_use(study)
    return RotationEffect(
        fingerprint="" if key is None else key.fingerprint,
        expires_at="" if key is None or key.expires_at is None else key.expires_at.isoformat(),
        outdated=[
            OutdatedShare(
                institution=line.institution.slug,
                name=line.institution.name,
                batches=line.batches,
                patients=line.patients,
            )
            for line in would_be_outdated(study)
        ],
        jobs=busy_jobs(study),
    )
