"""What may be asked next: one check for whoever opens totals and for whoever only answers with a share.

A desk that opens knows every batch it admitted and every round it decided, so it takes only the one request that it
expects. A desk that only answers with a share may have been away: it takes rounds that go up over one pool, and
remembers from then on what it sees for the first time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from hefed.core.ckks.params import Profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import PolicyRefused, WrongKey
from hefed.core.learning.disclosure import Thresholds
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.pinned import study_fingerprint
from hefed.core.protocol.envelope import Kind, Label
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.uploads import StudyPackage
from hefed.core.words import Said
from hefed.custodian.desk.guard import Cohort
from hefed.custodian.desk.history import (
    check_holdout,
    check_new,
    check_pool,
    check_replacement,
    check_rows,
    check_snapshots,
    check_tables,
)
from hefed.custodian.desk.policy import (
    Policy,
    check_admitted,
    check_failures,
    check_jobs,
    check_openings,
    check_request,
    check_same,
    check_whole,
    read_policy,
    tightened,
)
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import BatchRecord, JobRecord, SeenBatch
from hefed.custodian.keeping.store import Store


@dataclass(frozen=True)
class Desk:
    """All that a decision depends on besides the request. ``opens``: totals are read here. ``last_day``: of the shares
    of a key that several hospitals hold."""

    study: str
    profile: Profile
    key_fingerprint: str
    dictionary: DataDictionary
    policy: Policy
    store: Store
    today: date
    opens: bool = True
    last_day: date | None = None

    def label(self, kind: Kind) -> Label:
        return Label(kind, self.study, self.profile.name, self.key_fingerprint)

    @property
    def thresholds(self) -> Thresholds:
        return self.policy.disclosure.thresholds()

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.dictionary.columns]


@dataclass(frozen=True)
class Standing:
    """What is remembered of a request's job (None: nothing yet), and the batches that are seen for the first time."""

    job: JobRecord | None = None
    unknown: tuple[BatchRecord, ...] = ()


@dataclass(frozen=True)
class Question:
    """A request that may be answered, and its payload as it was downloaded."""

    desk: Desk
    request: Request
    standing: Standing
    payload: Path


def desk_for(custodian: Custodian, study: StudyPackage, *, opens: bool = True, last_day: date | None = None) -> Desk:
    """Policy and dictionary as they are now, so that a change needs no restart. Raises WrongKey when the server speaks
    of another study or key than this directory is for."""
    header = custodian.vault.header
    if (study.study, study.profile) != (header.study, header.profile):
        raise WrongKey(
            "desk.other_study_token",
            study=study.study,
            profile=study.profile,
            own=header.study,
            own_profile=header.profile,
        )
    if study.key is not None and study.key.fingerprint != header.key_fingerprint:
        raise WrongKey(
            "desk.other_key", study=study.study, used=study.key.fingerprint[:16], held=header.key_fingerprint[:16]
        )
    dictionary = DataDictionary.from_csv(study.dictionary_csv)
    check_pinned(custodian.store, study_fingerprint(header.study, custodian.profile, dictionary))
    return Desk(
        header.study,
        custodian.profile,
        header.key_fingerprint,
        dictionary,
        tightened(read_policy(custodian.home.policy), study.rules),
        custodian.store,
        datetime.now(UTC).date(),
        opens,
        last_day,
    )


def check_pinned(store: Store, fingerprint: str) -> None:
    """Raise WrongKey when the study is not the pinned one: nothing is answered, and nothing refused, until a person
    has compared the new one. A directory that was never pinned cannot be run (``commands.work``)."""
    pinned = store.pinned()
    if pinned and pinned != fingerprint:
        raise WrongKey("desk.pin_differs", found=fingerprint[:16], pinned=pinned[:16])


def check(desk: Desk, request: Request) -> Standing:
    """Raise PolicyRefused or BadInput for what can be refused without the payload; gives what it was compared with."""
    check_request(desk.policy, request)
    _check_study(desk, request)
    if not kind_named(request.kind).belongs_to_job:
        return Standing(unknown=_admitted(desk, request))
    unknown = _batches(desk, request)
    job = desk.store.job(request.job) if request.job else None
    _check_order(desk, request, job)
    _check_cohorts(desk, request, job)
    return Standing(job, unknown)


def remembered(question: Question) -> JobRecord | None:
    """The job as it stands once this request was answered with a share; None for an admission."""
    desk, request, job = question.desk, question.request, question.standing.job
    if not kind_named(request.kind).belongs_to_job:
        return None
    changes = {"round": request.round, "expects": None, "optimiser": None, "led": False}
    known = job.model_copy(update=changes) if job else _begun(desk, request)
    return known.model_copy(update={"holdout": request.cohort}) if kind_named(request.kind).held_out else known


def seen_now(question: Question) -> SeenBatch | None:
    """The batch of an admission that is answered with a share."""
    request = question.request
    if kind_named(request.kind).belongs_to_job:
        return None
    return SeenBatch(part=request.cohort[0])


def ended(question: Question) -> JobRecord | None:
    """A job that goes no further although something of it was opened: its cohorts stay, the opened sums are dropped."""
    desk, request, job = question.desk, question.request, question.standing.job
    kind = kind_named(request.kind)
    if not kind.belongs_to_job:
        return None
    changes = {"round": request.round, "expects": None, "optimiser": None, "led": True}
    known = (job or _begun(desk, request)).model_copy(update=changes)
    return known.model_copy(update={"holdout": request.cohort}) if kind.held_out else known


def whole_batches(desk: Desk, cohort: Cohort) -> list[CohortPart]:
    """The pool's batches with all their patients, as Table 1 counts them; those that this desk admitted."""
    known = {batch.batch: CohortPart(**batch.model_dump(include=_PART)) for batch in desk.store.batches()}
    known |= {seen.part.batch: seen.part for seen in desk.store.seen()}
    return [known[part.batch] for part in cohort if part.batch in known]


_PART = {"batch", "institution", "rows"}


def _begun(desk: Desk, request: Request) -> JobRecord:
    return JobRecord(
        job=request.job,
        round=request.round,
        expects=None,
        cohort=kind_named(request.kind).trained_on(request),
        columns=desk.column_names,
        dictionary_digest=desk.dictionary.digest,
        optimiser=None,
        whole=whole_batches(desk, kind_named(request.kind).trained_on(request)) if desk.opens else [],
        led=False,
    )


def _check_study(desk: Desk, request: Request) -> None:
    if request.study != desk.study:
        raise PolicyRefused("desk.other_study", study=request.study, own=desk.study)
    if desk.last_day is not None and desk.today > desk.last_day:
        raise PolicyRefused("desk.shares_expired", day=desk.last_day.isoformat())


# ---- batches ---------------------------------------------------------------------------------------------------------


def _admitted(desk: Desk, request: Request) -> tuple[BatchRecord, ...]:
    if len(request.cohort) != 1:
        raise PolicyRefused("desk.one_batch", batches=len(request.cohort))
    (part,), seen = request.cohort, list(desk.store.seen())
    check_new(request, seen)
    check_replacement(part, seen, desk.thresholds)
    check_failures(desk.policy, part.institution, len(desk.store.failures(part.institution)))
    return () if desk.opens else (_record(part),)


def _batches(desk: Desk, request: Request) -> tuple[BatchRecord, ...]:
    """Batches that this desk does not know yet: none, where it admitted them itself."""
    if desk.opens:
        check_admitted(request, desk.store.batches())
        return ()
    known = {batch.batch: batch for batch in desk.store.batches()}
    parts = (*request.cohort, *request.train_cohort)
    return tuple(_record(part) for part in _unknown(parts, known))


def _unknown(parts: Iterable[CohortPart], known: Mapping[str, BatchRecord]) -> list[CohortPart]:
    """Raises PolicyRefused for a batch that was another hospital's before."""
    for part in parts:
        before = known.get(part.batch)
        if before is not None and before.institution != part.institution:
            raise PolicyRefused(
                "desk.other_hospital", batch=part.batch, before=before.institution, now=part.institution
            )
    return [part for part in parts if part.batch not in known]


def _record(part: CohortPart) -> BatchRecord:
    """Its sums stay unknown here."""
    return BatchRecord(batch=part.batch, institution=part.institution, rows=part.rows, n_columns=0, sums=[])


# ---- order -----------------------------------------------------------------------------------------------------------


def _check_order(desk: Desk, request: Request, job: JobRecord | None) -> None:
    """Raise PolicyRefused unless this request may follow what is remembered of its job."""
    if not desk.opens:
        _check_later(request, job)
    elif kind_named(request.kind).begins_job:
        _check_first(request, job)
    else:
        _check_next(desk, request, job)


def _check_later(request: Request, job: JobRecord | None) -> None:
    if job is not None and request.round <= job.round:
        raise PolicyRefused("desk.round_seen", kind=request.kind, round=request.round, job=request.job, seen=job.round)


def _check_first(request: Request, job: JobRecord | None) -> None:
    if request.round != 0 or not request.job:
        raise PolicyRefused("desk.begins_later", job=request.job, round=request.round)
    if job is not None and (job.led or job.round > 0):  # else this hospital answered with its share before it led
        raise PolicyRefused("desk.begun_before", job=request.job)


def led_job(request: Request, job: JobRecord | None) -> JobRecord:
    """The request's job; raises PolicyRefused unless its rounds are decided here."""
    if job is None or not job.led:
        raise PolicyRefused("desk.not_begun", job=request.job)
    return job


def _check_next(desk: Desk, request: Request, found: JobRecord | None) -> None:
    job = led_job(request, found)
    if (request.kind, request.round) != (job.expects, job.round + 1):
        following = Said("desk.expected_round", kind=job.expects, round=job.round + 1) if job.expects else None
        expected = following or Said("desk.expected_nothing")
        raise PolicyRefused("desk.not_expected", kind=request.kind, round=request.round, job=job.job, expected=expected)
    if (job.columns, job.dictionary_digest) != (desk.column_names, desk.dictionary.digest):
        raise PolicyRefused("desk.dictionary_changed", job=job.job)


# ---- cohorts ---------------------------------------------------------------------------------------------------------


def _check_cohorts(desk: Desk, request: Request, job: JobRecord | None) -> None:
    """One pool from beginning to end, of whole hospitals, and no two cohorts that tell on a few patients."""
    kind, jobs, batches = kind_named(request.kind), list(desk.store.jobs()), list(desk.store.batches())
    pool, others = kind.trained_on(request), [other for other in jobs if other.job != request.job]
    check_rows(request, jobs)
    if job is not None:
        check_same(pool, job.cohort)
    if job is None or kind.begins_job:
        check_snapshots(pool, desk.store.seen(), "train", [other.cohort for other in jobs])
        check_pool(pool, jobs, desk.thresholds)
        check_jobs(desk.policy, pool, [other.cohort for other in others])
    if desk.opens and kind.begins_job:
        check_tables(whole_batches(desk, pool), jobs, desk.thresholds)
    if kind.held_out:
        if desk.opens:
            check_whole(request, batches)
        check_snapshots(request.cohort, desk.store.seen(), "holdout", [other.holdout for other in jobs])
        check_holdout(request.cohort, jobs, desk.thresholds)
        check_openings(desk.policy, request.cohort, [other.holdout for other in others])
