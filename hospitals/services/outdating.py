"""Batches whose key was retired or whose dictionary was replaced: they leave the pool, and say what to do."""

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hospitals.audit import Actor
from hospitals.models import Batch, Study
from hospitals.selectors.outdated import busy_jobs
from hospitals.services.batches import move_batch


def outdate_batches(*, study: Study, reason: str, by: Actor) -> int:
    """Move every live batch; call inside the transaction of the change. Refused while a job is under way."""
    if busy := busy_jobs(study):
        raise Conflict(
            _("cannot make this change: %(busy)s is under way; wait for it or cancel it first")
            % {"busy": ", ".join(busy)}
        )
    live = list(Batch.objects.filter(study=study, state__in=Batch.LIVE))
    for batch in live:
        move_batch(batch=batch, state=Batch.State.OUTDATED, reason=reason, by=by)
    return len(live)
