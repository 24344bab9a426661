"""What only pages read: the estimate before a launch, the time left, the lines of lists, the next step of a study."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from hefed.ckks.params import profile
from hefed.dictionary import Column, DataDictionary
from hefed.learning.optimiser import STOP
from hefed.learning.plan import Plan, Pool, plan
from hefed.protocol.messages import CohortPart, Metrics
from hospitals.badges import Badge
from hospitals.marks import HospitalMark, marks_of
from hospitals.models import ApiToken, Batch, Block, DictionaryVersion, Study
from hospitals.selectors.batches import table_one_of
from hospitals.selectors.custody import key_fault
from hospitals.selectors.shared_keys import shared_key
from hospitals.selectors.studies import current_dictionary, key_in_use
from training import words
from training.charts import RoundPoint
from training.models import CustodianRequest, Job, Round
from training.selectors.jobs import JobProgress, RoundProgress
from training.selectors.pools import PoolOption, admitted_batches, pool_options
from training.selectors.results import ReadableResult, result_of

STOP_BELOW = STOP
_EVENTS_PER_COLUMN = 10  # below, coefficients are unstable (Peduzzi et al. 1996)
_AFTER_THE_FIT = (Round.Kind.HESSIAN, Round.Kind.EVALUATION)


@dataclass(frozen=True)
class Choice:
    """One hospital in the launch form."""

    option: PoolOption
    mark: HospitalMark
    chosen: bool


@dataclass(frozen=True)
class Estimate:
    """What a job would take. ``blockers`` forbid the launch; ``cautions`` are said before it."""

    choices: list[Choice]
    train: int
    holdout: int
    events: int | None
    columns: int
    plan: Plan | None
    blockers: list[str]
    cautions: list[str]

    @property
    def plan_as_json(self) -> dict[str, object] | None:
        return None if self.plan is None else asdict(self.plan)

    @property
    def chosen(self) -> list[PoolOption]:
        return [choice.option for choice in self.choices if choice.chosen]


@dataclass(frozen=True)
class TimeLeft:
    """From the rounds that were measured; ``measured`` says how many."""

    seconds: float
    rounds: int
    measured: int


@dataclass(frozen=True)
class RequestLine:
    request: CustodianRequest
    cohort: list[tuple[HospitalMark | None, str, int]]
    patients: int


@dataclass(frozen=True)
class ResultCard:
    job: Job
    result: ReadableResult
    pool: list[HospitalMark]
    patients: int

    @property
    def pooled(self) -> Metrics:
        return words.metrics_of(self.result)

    @property
    def badge(self) -> Badge:
        if self.job.withdrawn_batches:
            return Badge("failed", _("Uses withdrawn patients"))
        return Badge("open", _("Partly released") if self.result.sealed else _("Released"))


def estimate(study: Study, chosen_slugs: Iterable[str]) -> Estimate:
    wanted = set(chosen_slugs)
    marks = {mark.slug: mark for mark in marks_of(study)}
    choices = [
        Choice(option, marks[option.institution.slug], option.institution.slug in wanted)
        for option in pool_options(study)
    ]
    chosen = [choice.option for choice in choices if choice.chosen]
    columns = _columns(current_dictionary(study))
    events = _events(study, chosen)
    return Estimate(
        choices=choices,
        train=sum(option.train for option in chosen),
        holdout=sum(option.holdout for option in chosen),
        events=events,
        columns=len(columns),
        plan=_plan(study, len(columns), choices) if chosen and columns else None,
        blockers=_blockers(study, chosen),
        cautions=_cautions(study, events, len(columns)),
    )


def _plan(study: Study, columns: int, choices: list[Choice]) -> Plan:
    """Held-out blocks of every hospital count: the evaluation runs over all of them."""
    pool = Pool(
        n_columns=columns,
        train_blocks=sum(choice.option.train_blocks for choice in choices if choice.chosen),
        holdout_blocks=sum(choice.option.holdout_blocks for choice in choices),
    )
    return plan(profile(study.profile), pool, settings.HEFED_WORKERS)


def _columns(version: DictionaryVersion | None) -> tuple[Column, ...]:
    return () if version is None else DataDictionary.from_csv(version.csv).columns


def _events(study: Study, chosen: list[PoolOption]) -> int | None:
    """Events among the chosen hospitals' patients, as the batches' summaries tell; None when one is suppressed."""
    batches = admitted_batches(study, [option.institution for option in chosen])
    tables = [table_one_of(batch) for batch in batches]
    counts = [table.events for table in tables if table is not None and table.events is not None]
    return sum(counts) if counts and len(counts) == len(tables) else None


def _blockers(study: Study, chosen: list[PoolOption]) -> list[str]:
    found = []
    if key_in_use(study) is None:
        found.append(_("The study has no key in use: the custodian must publish it first."))
    fault = key_fault(study, key_in_use(study))
    if fault:
        found.append(_("The key is not held as decided: %(fault)s.") % {"fault": fault})
    if not chosen:
        found.append(_("No hospital is chosen: tick at least one."))
    empty = [option.institution.name for option in chosen if option.train == 0]
    if empty:
        found.append(
            _("%(empty)s: no admitted patients to train on; leave out or add patients first.")
            % {"empty": ", ".join(empty)}
        )
    return found


def _cautions(study: Study, events: int | None, columns: int) -> list[str]:
    found = []
    if events is not None and events < _EVENTS_PER_COLUMN * columns:
        found.append(
            _(
                "About %(events)s events for %(columns)s columns is fewer than %(fewest)s "
                "per column: expect wide intervals."
            )
            % {"events": f"{events:,}", "columns": columns, "fewest": _EVENTS_PER_COLUMN}
        )
    shared = shared_key(key_in_use(study))
    if shared is not None and shared.short:
        found.append(
            _(
                "%(online)s of %(parties)s hospitals with a share are online; %(threshold)s must open together, and "
                "one of them leads: the job will wait for them."
            )
            % {"online": shared.online, "parties": shared.parties, "threshold": shared.threshold}
        )
    elif shared is None and custodian_last_seen(study) is None:
        found.append(_("The custodian program has never called: the job will wait until it runs."))
    busy = Job.objects.filter(study=study, state__in=Job.LIVE).first()
    if busy is not None:
        found.append(_("%(busy)s is running: both will share the workers and take longer.") % {"busy": busy.name})
    return found


def custodian_last_seen(study: Study) -> datetime | None:
    """When the custodian program last called, to the minute."""
    tokens = ApiToken.objects.filter(study=study, scope=ApiToken.Scope.CUSTODIAN)
    seen: datetime | None = tokens.aggregate(seen=Max("last_used_at"))["seen"]
    return seen


def time_left(progress: JobProgress) -> TimeLeft | None:
    """Mean of the measured rounds times the rounds that the plan still expects; None before a round is measured."""
    measured = [row for row in progress.rounds if row.state == Round.State.ANSWERED and row.kind == Round.Kind.GRADIENT]
    current = progress.current
    if not measured or current is None or progress.job.state not in Job.LIVE:
        return None
    mean = sum(row.compute_seconds + row.custodian_seconds for row in measured) / len(measured)
    rounds = _rounds_left(progress, current)
    spent = current.compute_seconds + current.custodian_seconds
    return TimeLeft(max(mean * rounds - spent, 0.0), rounds, len(measured))


def _rounds_left(progress: JobProgress, current: RoundProgress) -> int:
    """With the one under way. Standard errors and evaluation always follow the fit."""
    if current.kind == Round.Kind.EVALUATION:
        return 1
    if current.kind == Round.Kind.HESSIAN:
        return 2
    planned = int((progress.job.plan or {}).get("rounds", 0))
    return max(planned - current.number, 3)


def planned_steps(progress: JobProgress) -> list[str]:
    """What a job that still runs has before it, for the end of the strip."""
    kinds = {row.kind for row in progress.rounds}
    if progress.job.state not in Job.LIVE:
        return []
    return [str(kind.label) for kind in _AFTER_THE_FIT if kind not in kinds]


def convergence_points(progress: JobProgress) -> list[RoundPoint]:
    rows = [row for row in progress.rounds if row.criterion is not None or row.repeated]
    return [RoundPoint(row.number, row.label, row.criterion, row.repeated) for row in rows]


def request_lines(study: Study, requests: Iterable[CustodianRequest]) -> list[RequestLine]:
    marks = {mark.slug: mark for mark in marks_of(study)}
    return [_request_line(request, marks) for request in requests]


def _request_line(request: CustodianRequest, marks: dict[str, HospitalMark]) -> RequestLine:
    rows: dict[str, int] = {}
    for part in map(CohortPart.model_validate, request.cohort):
        rows[part.institution] = rows.get(part.institution, 0) + part.rows
    cohort = [(marks.get(slug), slug, count) for slug, count in rows.items()]
    return RequestLine(request, cohort, sum(rows.values()))


def result_cards(study: Study) -> list[ResultCard]:
    """Finished jobs with what was released of them, the newest first."""
    marks = marks_of(study)
    jobs = Job.objects.filter(study=study, model__isnull=False).prefetch_related("institutions")
    return [card for job in jobs if (card := _card(job, marks)) is not None]


def _card(job: Job, marks: list[HospitalMark]) -> ResultCard | None:
    result = result_of(job)
    return None if result is None else ResultCard(job, result, pool_of(job, marks), training_patients(job))


def pool_of(job: Job, marks: list[HospitalMark]) -> list[HospitalMark]:
    slugs = set(job.institutions.values_list("slug", flat=True))
    return [mark for mark in marks if mark.slug in slugs]


def training_patients(job: Job) -> int:
    blocks = Block.objects.filter(batch__in=job.batches.all(), role=Block.Role.TRAIN)
    return int(blocks.aggregate(n=Sum("patients", default=0))["n"])


def dictionary_of(job: Job) -> DictionaryVersion | None:
    """The dictionary that the job's batches follow: one for all of them."""
    batch: Batch | None = job.batches.select_related("dictionary").first()
    return None if batch is None else batch.dictionary


def column_labels(version: DictionaryVersion | None) -> dict[str, str]:
    """Names of the model's columns for people, with what one unit of a coefficient means."""
    return {column.name: _column_label(column) for column in _columns(version)}


def _column_label(column: Column) -> str:
    if column.kind != "continuous":
        return column.label
    step = f"{column.scale:.3g} {column.unit}".strip()
    return _("%(label)s, per %(step)s") % {"label": column.label, "step": step}


def outcome_label(version: DictionaryVersion | None) -> str:
    return _("the outcome") if version is None else DataDictionary.from_csv(version.csv).outcome.label
