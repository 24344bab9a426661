"""What a hospital that does not lead checks before it answers: its own policy, and its own memory of what was asked.

It opens nothing, so it cannot judge sums or admit batches; the lead does. It sees kinds, hospitals, rows, rounds and
pools. It may have been away for an admission or a round: what it sees for the first time it remembers from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hefed.core.threshold.pieces import expired
from hefed.custodian.desk.cohorts import check_holdout, check_pool, check_rows, check_same
from hefed.custodian.desk.deciding import Desk
from hefed.custodian.desk.policy import check_request
from hefed.custodian.keeping.records import BatchRecord, JobRecord
from hefed.errors import PolicyRefused
from hefed.protocol.messages import CohortPart, Request
from hefed.protocol.threshold import Sharing


@dataclass(frozen=True)
class Memory:
    """What is kept of an answered request, so that the next one can be compared with it."""

    job: JobRecord | None = None
    batches: tuple[BatchRecord, ...] = ()


def check_in_use(sharing: Sharing, today: date) -> None:
    """Raise PolicyRefused after the sharing's last day."""
    if expired(sharing, today):
        raise PolicyRefused(
            f"cannot answer: the shares were made for use until {sharing.expires_on.isoformat()}; share the key anew"
        )


def check(desk: Desk, request: Request) -> Memory:
    """Raise PolicyRefused for what this hospital does not answer; gives what to remember of it."""
    check_request(desk.policy, request)
    if request.study != desk.study:
        raise PolicyRefused(f"cannot answer: the request is of study {request.study}, this share is for {desk.study}")
    if request.kind == "admission":
        return Memory(batches=_admitted(request))
    jobs, batches = list(desk.store.jobs()), {batch.batch: batch for batch in desk.store.batches()}
    check_rows(request, jobs)
    unknown = [part for part in (*request.cohort, *request.train_cohort) if not _is_known(part, batches)]
    job = _job(desk, request, jobs)
    if request.kind == "evaluation":
        check_holdout(request, jobs, set(batches), desk.thresholds)
        job = job.model_copy(update={"holdout": request.cohort})
    return Memory(job, tuple(map(_record, unknown)))


def _admitted(request: Request) -> tuple[BatchRecord, ...]:
    if len(request.cohort) != 1:
        raise PolicyRefused(f"cannot answer: the request names {len(request.cohort)} batches; an admission names one")
    return (_record(request.cohort[0]),)


def _is_known(part: CohortPart, batches: Mapping[str, BatchRecord]) -> bool:
    """Raises PolicyRefused when it was another hospital's batch before."""
    known = batches.get(part.batch)
    if known is not None and known.institution != part.institution:
        raise PolicyRefused(
            f"cannot open rows of batch {part.batch}: it was a batch of {known.institution} before, and is said to be "
            f"one of {part.institution} now; the server must make the request anew"
        )
    return known is not None


def _job(desk: Desk, request: Request, jobs: list[JobRecord]) -> JobRecord:
    """The job as it stands with this request: one pool from beginning to end, rounds that only go up."""
    pool = request.train_cohort if request.kind == "evaluation" else request.cohort
    known = next((job for job in jobs if job.job == request.job), None)
    if known is None:
        asked = request.model_copy(update={"cohort": pool})
        check_pool(asked, jobs, desk.known_batches, desk.thresholds)
        return _begun(desk, request, pool)
    if request.round <= known.round:
        raise PolicyRefused(
            f"cannot answer {request.kind} as round {request.round} of job {request.job!r}: this hospital has seen "
            f"round {known.round} of it; launch a new job"
        )
    check_same(pool, known.cohort)
    return known.model_copy(update={"round": request.round, "expects": None, "optimiser": None, "led": False})


def _begun(desk: Desk, request: Request, pool: list[CohortPart]) -> JobRecord:
    return JobRecord(
        job=request.job,
        round=request.round,
        expects=None,
        cohort=pool,
        columns=desk.column_names,
        dictionary_digest=desk.dictionary.digest,
        optimiser=None,
        led=False,
    )


def _record(part: CohortPart) -> BatchRecord:
    """Its sums stay unknown here."""
    return BatchRecord(batch=part.batch, institution=part.institution, rows=part.rows, n_columns=0, sums=[])
