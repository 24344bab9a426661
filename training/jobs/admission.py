"""A batch's admission check begins and ends; a round that cannot go on ends its job or quarantines its batch."""

from django.db import transaction

from hefed.core.words import Said, words
from hospitals.audit.record import Actor, System
from hospitals.batches import services as batches
from hospitals.batches.models import Batch
from hospitals.batches.uploads import finish_full_blocks
from training.jobs.models import Round
from training.jobs.services import close_round, fail_job, open_admission_round


def complete_batch(*, batch: Batch, by: Actor) -> Batch:
    """The upload is complete: start the admission check. Safe to call again while it is being checked.

    Blocks that a full disk kept from being stored are stored now, before the transaction: that takes its time.
    """
    if batch.state in (Batch.State.CHECKING, Batch.State.CUSTODIAN, Batch.State.ADMITTED):
        return batch
    if batch.state == Batch.State.UPLOADING:
        finish_full_blocks(batch)
    with transaction.atomic():
        _stop_check(batch)  # an earlier one, of a batch that was set aside with its key and came back
        batch = batches.begin_checking(batch=batch, by=by)
        open_admission_round(batch=batch)
    return batch


def quarantine_batch(batch: Batch, reason: Said | str) -> None:
    """The admission check failed: the batch stays out of every pool. Someone may have withdrawn it meanwhile."""
    with transaction.atomic():
        current = Batch.objects.select_for_update().get(pk=batch.pk)
        if current.state not in (Batch.State.CHECKING, Batch.State.CUSTODIAN):
            return
        text = words(reason) if isinstance(reason, Said) else reason
        batches.move_batch(batch=current, state=Batch.State.QUARANTINED, reason=text, by=System("admission"))
        _stop_check(current)


def _stop_check(batch: Batch) -> None:
    for round_ in batch.rounds.filter(state__in=Round.LIVE):
        close_round(round_, Round.State.STOPPED)


def fail_round(round_: Round, reason: Said) -> None:
    if round_.batch is not None:
        quarantine_batch(round_.batch, reason)
    elif round_.job is not None:
        fail_job(round_.job, reason)
