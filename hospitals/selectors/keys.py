"""Who holds what: keys, the custodians that hold them, who confirmed them, what is retired."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from hefed.protocol.messages import OutdatedShare, RotationEffect
from hospitals.models import Batch, EnrolmentCode, KeySet, Study
from hospitals.selectors.outdated import busy_jobs, would_be_outdated
from hospitals.selectors.studies import key_in_use

SOON = timedelta(days=30)


def is_confirmed(key_set: KeySet) -> bool:
    """Someone compared it with the custodian; a study set up by a script trusts its first key."""
    if key_set.confirmed_at is not None:
        return True
    others = KeySet.objects.filter(study=key_set.study).exclude(pk=key_set.pk)
    return key_set.study.set_up_by_script and not others.exists()


def key_sets(study: Study) -> QuerySet[KeySet]:
    """The newest first, with how many batches became outdated with each."""
    rows = study.key_sets.select_related("public", "relinearisation", "confirmed_by").prefetch_related("holders")
    outdated = Count("batches", filter=Q(batches__state=Batch.State.OUTDATED))
    return rows.annotate(outdated=outdated).order_by("-published_at")


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
