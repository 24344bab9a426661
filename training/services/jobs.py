"""Jobs: launched on a pool, moved on by the custodian's answers, ended exactly once."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hefed.learning.kinds.table import first_kind
from hospitals.audit import Actor, Details, System, record
from hospitals.locks import next_number
from hospitals.models import Block, Institution, Study, User
from hospitals.selectors.studies import key_in_use
from hospitals.services.custody import check_custody
from hospitals.states import check_move
from training.models import Job, Round
from training.selectors.pools import admitted_batches
from training.services.rounds import RoundTask, close_round, open_round

Plan = dict[str, object]


def launch_job(*, study: Study, institutions: Iterable[Institution], plan: Plan | None = None, by: User) -> Job:
    """Freeze the pool, every admitted batch of these hospitals, and start. ``plan``: the estimate that was shown."""
    chosen = list(institutions)
    with transaction.atomic():
        key_set = key_in_use(study)
        if key_set is None:
            raise Conflict(
                _("cannot launch: study %(study)s has no keys in use; the custodian must publish them")
                % {"study": study.slug}
            )
        check_custody(key_set)
        batches = list(admitted_batches(study, chosen))
        _check_pool(study, chosen, {batch.institution_id for batch in batches})
        job = Job.objects.create(
            study=study, number=next_number(study, Job.objects.all()), key_set=key_set, plan=plan, launched_by=by
        )
        job.institutions.set(chosen)
        job.batches.set(batches)
        details: Details = {"hospitals": ",".join(sorted(i.slug for i in chosen)), "batches": len(batches)}
        record("job.launched", job.name, study=study, details=details, by=by)
        open_round(job=job, task=RoundTask(first_kind().name))
    return job


def _check_pool(study: Study, chosen: list[Institution], contributing: set[int]) -> None:
    empty = sorted(institution.slug for institution in chosen if institution.pk not in contributing)
    if not chosen or empty:
        what = (
            _("%(empty)s has no admitted batch") % {"empty": ", ".join(empty)} if empty else _("no hospital is chosen")
        )
        raise Conflict(_("cannot launch: %(what)s; choose hospitals whose patients are admitted") % {"what": what})
    batches = admitted_batches(study, chosen)
    if not Block.objects.filter(batch__in=batches, role=Block.Role.TRAIN).exists():
        raise Conflict(_("cannot launch: the chosen hospitals hold out all of their patients; add patients first"))


def cancel_job(*, job: Job, by: User) -> Job:
    """Stop at once; what was computed so far is deleted, batches stay as they are."""
    return end_job(job=job, state=Job.State.CANCELLED, reason=f"cancelled by {by.username}", by=by)


def start_job(job: Job) -> None:
    """The first worker has begun. Safe to call again."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(state=Job.State.RUNNING)


def end_job(*, job: Job, state: Job.State, reason: str = "", by: Actor) -> Job:
    """The one way in which a job ends. Raises Conflict when it has ended already."""
    with transaction.atomic():
        job = Job.objects.select_for_update().select_related("study").get(pk=job.pk)
        check_move(job.name, Job.MOVES, Job.State(job.state), state)
        job.state, job.reason, job.finished_at = state, reason, timezone.now()
        job.save(update_fields=["state", "reason", "finished_at"])
        for round_ in job.rounds.filter(state__in=Round.LIVE):
            close_round(round_, Round.State.STOPPED)
        record(f"job.{state}", job.name, study=job.study, details={"reason": reason}, by=by)
    return job


def fail_job(job: Job, reason: str) -> None:
    """A worker found that it cannot go on; someone else may have ended the job meanwhile."""
    if Job.objects.filter(pk=job.pk, state__in=Job.LIVE).exists():
        end_job(job=job, state=Job.State.FAILED, reason=reason, by=System("worker"))
