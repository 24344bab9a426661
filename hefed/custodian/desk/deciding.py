"""Decides one request: opens what may be opened, advances the job, says what is answered. No network, no writing.

How a request is decided is one function; which, its kind of round names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from hefed.core.errors import BadInput, FitFailed, HEFedError, PolicyRefused
from hefed.core.learning import disclosure, moments, optimiser
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.optimiser import OptimiserState, Step
from hefed.core.learning.table_one import table_one
from hefed.core.protocol.requests import Answer, NextRound, Progress, Request
from hefed.core.protocol.results import ReleasedResult
from hefed.core.words import Said
from hefed.custodian.desk.admission import BatchSums, find_faults, is_copy
from hefed.custodian.desk.asking import Desk, Question, ended, led_job, whole_batches
from hefed.custodian.desk.guard import nearest
from hefed.custodian.desk.policy import check_events
from hefed.custodian.desk.results import (
    CountingOpening,
    Opening,
    collect_rows,
    commitments,
    read_scores,
    read_totals,
    seal,
    tables_of_pool,
)
from hefed.custodian.keeping.ledger import Rule
from hefed.custodian.keeping.records import BatchRecord, JobRecord, Outcome, SealedRecord, SeenBatch

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """An answer that is not yet encrypted or stored. ``step`` holds the coefficients that its envelope will carry."""

    answer: Answer
    rule: Rule = ""
    openings: int = 0
    step: Step | None = None
    state: JobRecord | None = None
    batch: BatchRecord | None = None
    sealed: SealedRecord | None = None
    seen: SeenBatch | None = None

    def outcome(self) -> Outcome:
        """What is kept of it beside the answer."""
        state, batch, sealed = self.state, self.batch, self.sealed
        return Outcome(self.answer.outcome, self.rule, self.openings, state, batch, sealed, self.seen)


@dataclass(frozen=True)
class _Case:
    """One question with whoever opens it."""

    question: Question
    opening: Opening = field(repr=False)

    @property
    def desk(self) -> Desk:
        return self.question.desk

    @property
    def request(self) -> Request:
        return self.question.request

    @property
    def job(self) -> JobRecord:
        """As of its last answered round."""
        return led_job(self.request, self.question.standing.job)

    def open_totals(self) -> list[float]:
        desk, columns = self.desk, len(self.desk.dictionary.columns)
        totals = read_totals(self.question.payload, desk.label("totals"), desk.profile, self.request, columns)
        return list(self.opening.open_totals(totals))

    def answer(self, outcome: str, **parts: object) -> Answer:
        request = self.request
        fields = {"request": request.request, "payload_sha256": request.payload_sha256, "outcome": outcome, **parts}
        return Answer.model_validate(fields)


def decide(question: Question, opening: Opening) -> Decision:
    """The decision on a checked and downloaded request; a broken rule or a failed fit becomes a reason."""
    counting = CountingOpening(opening)
    case = _Case(question, counting)
    try:
        decision = kind_named(question.request.kind).handled_by(_Handlers(case))
    except FitFailed as error:
        decision = replace(refusal(question.request, error, "failed"), state=ended(question))
    except (BadInput, PolicyRefused) as error:
        state = ended(question) if counting.count else None
        decision = replace(refusal(question.request, error), state=state)
    return replace(decision, openings=counting.count)


def refusal(request: Request, error: HEFedError, outcome: str = "") -> Decision:
    """Bytes that cannot be used quarantine a batch; everything else is refused. The answer has the code alone."""
    quarantined = not isinstance(error, PolicyRefused) and not kind_named(request.kind).belongs_to_job
    fields = {
        "request": request.request,
        "payload_sha256": request.payload_sha256,
        "outcome": outcome or ("quarantined" if quarantined else "refused"),
        "reasons": (error.code,),
    }
    return Decision(Answer.model_validate(fields), rule=error.said)


# ---- one function per part of a job ----------------------------------------------------------------------------------


def _admission(case: _Case) -> Decision:
    desk, request = case.desk, case.request
    (part,) = request.cohort
    columns = desk.dictionary.columns
    sums = BatchSums(part.rows, tuple(case.open_totals()), len(columns))
    reasons = [*find_faults(sums, desk.dictionary), *_copies(desk, part.batch, sums)]
    if reasons:
        codes = tuple(dict.fromkeys(reason.code for reason in reasons))
        return Decision(case.answer("quarantined", reasons=codes), rule=Said("admission.faults", faults=tuple(reasons)))
    awaits = desk.policy.release == "approval"  # then Table 1 is an item of a release
    table = None if awaits else table_one(sums.sums, columns, desk.thresholds)
    record = BatchRecord(
        batch=part.batch, institution=part.institution, rows=part.rows, n_columns=len(columns), sums=list(sums.sums)
    )
    answer, seen = case.answer("admitted", table_one=table), SeenBatch(part=part)
    return Decision(answer, rule=Said("admission.sums_fit"), batch=record, seen=seen)


def _copies(desk: Desk, batch: str, sums: BatchSums) -> Iterator[Said]:
    for old in desk.store.batches():
        same = is_copy(sums, BatchSums(old.rows, tuple(old.sums), old.n_columns), desk.dictionary.columns)
        if same and old.batch != batch:
            yield Said("admission.copy", batch=old.batch, institution=old.institution)


def _moments(case: _Case) -> Decision:
    desk, request = case.desk, case.request
    columns, totals = desk.dictionary.columns, case.open_totals()
    found = moments.from_totals(totals, columns)
    rows = sum(part.rows for part in request.cohort)
    if abs(totals[0] - rows) > 0.25 + 1e-6 * rows:
        raise PolicyRefused("desk.rows_declared", rows=rows)
    check_events(desk.policy, float(found.deaths[0, 0]))
    with _arithmetic():
        state, step = optimiser.start(found)
    record = JobRecord(
        job=request.job,
        round=0,
        expects=step.kind,
        cohort=request.cohort,
        columns=desk.column_names,
        dictionary_digest=desk.dictionary.digest,
        optimiser=state.model_dump(mode="json"),
        whole=whole_batches(desk, request.cohort),
    )
    return _next(case, step, record)


def _training_round(case: _Case) -> Decision:
    job, totals = case.job, case.open_totals()
    with _arithmetic():
        state, step = optimiser.advance(optimiser_state(job), totals)
    changes = {"round": case.request.round, "expects": step.kind, "optimiser": state.model_dump(mode="json")}
    return _next(case, step, job.model_copy(update=changes))


def _next(case: _Case, step: Step, record: JobRecord) -> Decision:
    criterion = None if step.criterion is None else float(f"{step.criterion:.0e}")
    answer = case.answer(
        "next",
        progress=Progress(criterion=criterion, repeated=step.repeated),
        next=NextRound(kind=step.kind, sigmoid=step.sigmoid),
    )
    return Decision(answer, rule=Said("desk.next_round", kind=step.kind), step=step, state=record)


def _evaluation(case: _Case) -> Decision:
    desk, request, job = case.desk, case.request, case.job
    blocks = read_scores(case.question.payload, desk.label("scores"), desk.profile)
    rows = collect_rows(blocks, case.opening, request.cohort)
    tables = tables_of_pool(job.cohort, desk.store.batches(), desk.dictionary.columns, desk.thresholds)
    fit = optimiser.fitted(optimiser_state(job))
    result = disclosure.release(fit, rows.by_institution, desk.thresholds, tables)
    changes = {"round": request.round, "expects": None, "optimiser": None, "holdout": request.cohort}
    return replace(_result(case, result), state=job.model_copy(update=changes))


def _result(case: _Case, result: ReleasedResult) -> Decision:
    desk = case.desk
    if desk.policy.release != "approval":
        return Decision(case.answer("result", result=result), rule=Said("desk.rules_applied"))
    pools = {job.job: job.cohort for job in desk.store.jobs() if job.job != case.request.job}
    sealed = seal(case.request, result, desk.thresholds, nearest(case.job.cohort, pools, desk.thresholds))
    rule = Said("desk.sealed", approvals=desk.policy.approvals)
    return Decision(case.answer("sealed", sealed=commitments(sealed)), rule=rule, sealed=sealed)


@dataclass(frozen=True)
class _Handlers:
    """What can be decided; the kind of round names which (``RoundKind.handled_by``)."""

    case: _Case

    def admit(self) -> Decision:
        return _admission(self.case)

    def begin(self) -> Decision:
        return _moments(self.case)

    def advance(self) -> Decision:
        return _training_round(self.case)

    def evaluate(self) -> Decision:
        return _evaluation(self.case)


@contextmanager
def _arithmetic() -> Iterator[None]:
    """Totals that no table has (singular, not finite) end the fit, not the agent."""
    try:
        with np.errstate(all="ignore"):
            yield
    except (ArithmeticError, ValueError) as error:
        raise FitFailed("desk.no_table", error=type(error).__name__) from error


def optimiser_state(job: JobRecord) -> OptimiserState:
    """The optimiser as it was stored; raises BadInput for a record of another version."""
    try:
        return OptimiserState.model_validate(job.optimiser)
    except ValidationError as error:
        first = ".".join(map(str, error.errors()[0]["loc"]))
        raise BadInput("desk.state_unknown", job=job.job, field=first) from None
