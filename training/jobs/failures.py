"""A round that cannot go on ends its job, or quarantines its batch, and says why."""

from hefed.core.words import Said
from training.jobs.admission import quarantine_batch
from training.jobs.models import Round
from training.jobs.services import fail_job


def fail_round(round_: Round, reason: Said) -> None:
    if round_.batch is not None:
        quarantine_batch(round_.batch, reason)
    elif round_.job is not None:
        fail_job(round_.job, reason)
