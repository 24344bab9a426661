"""What only pages read: the estimate before a launch, the time left, the lines of lists, the next step of a study."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from hefed.core.ckks.params import profile
from hefed.core.dictionary.variables import Column, DataDictionary
from hefed.core.learning.plan import Plan, Pool, plan
from hospitals.batches.selectors import table_one_of
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.marks import HospitalMark, marks_of
from hospitals.keys.selectors import key_fault, shared_key
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary, key_in_use
from training.jobs.models import Job
from training.jobs.requests import custodian_last_seen
from training.jobs.selectors import PoolOption, admitted_batches, pool_options

_EVENTS_PER_COLUMN = 10  # below, coefficients are unstable (Peduzzi et al. 1996)


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
