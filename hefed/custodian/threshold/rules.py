"""What a hospital that does not lead checks before it answers: its own policy, and its own memory of what was asked.

It opens nothing, so it cannot judge sums; the lead does. It sees kinds, hospitals, rows, rounds and pools.
"""

from dataclasses import dataclass
from datetime import date

from hefed.custodian.cohorts import check_admitted, check_holdout, check_pool, check_rows, check_same
from hefed.custodian.desk import Desk
from hefed.custodian.policy import check_request
from hefed.custodian.records import BatchRecord, JobRecord
from hefed.custodian.threshold.pieces import expired
from hefed.errors import PolicyRefused
from hefed.protocol.messages import Request
from hefed.protocol.threshold import Sharing


@dataclass(frozen=True)
class Memory:
    """What is kept of an answered request, so that the next one can be compared with it."""

    job: JobRecord | None = None
    batch: BatchRecord | None = None


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
        return Memory(batch=_batch(request))
    check_admitted(request, desk.store.batches())
    jobs = list(desk.store.jobs())
    check_rows(request, jobs)
    return Memory(job=_first(desk, request, jobs) if request.kind == "moments" else _later(desk, request, jobs))


def _batch(request: Request) -> BatchRecord:
    if len(request.cohort) != 1:
        raise PolicyRefused(f"cannot answer: the request names {len(request.cohort)} batches; an admission names one")
    (part,) = request.cohort
    return BatchRecord(batch=part.batch, institution=part.institution, rows=part.rows, n_columns=0, sums=[])


def _first(desk: Desk, request: Request, jobs: list[JobRecord]) -> JobRecord:
    if request.round != 0 or not request.job or any(job.job == request.job for job in jobs):
        raise PolicyRefused(
            f"cannot begin job {request.job!r} at round {request.round}: moments are round 0 of a new job; "
            "launch a new job"
        )
    check_pool(request, jobs, desk.known_batches, desk.thresholds)
    return JobRecord(
        job=request.job,
        round=0,
        expects=None,
        cohort=request.cohort,
        columns=desk.column_names,
        dictionary_digest=desk.dictionary.digest,
        optimiser=None,
    )


def _later(desk: Desk, request: Request, jobs: list[JobRecord]) -> JobRecord:
    job = next((job for job in jobs if job.job == request.job), None)
    if job is None or request.round != job.round + 1:
        expected = "its moments" if job is None else f"round {job.round + 1}"
        raise PolicyRefused(
            f"cannot answer {request.kind} as round {request.round} of job {request.job!r}: this hospital expects "
            f"{expected}; launch a new job"
        )
    if request.kind != "evaluation":
        check_same(request.cohort, job.cohort)
        return job.model_copy(update={"round": request.round})
    check_same(request.train_cohort, job.cohort)
    check_holdout(request, jobs, desk.known_batches, desk.thresholds)
    return job.model_copy(update={"round": request.round, "holdout": request.cohort})
