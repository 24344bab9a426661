"""What a job would take, and what stands before its launch: the form asks before anything starts."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from hefed.core.ckks.params import profile
from hefed.core.learning.plan import Plan, Pool, plan
from hospitals.batches.selectors import table_one_of
from hospitals.studies.facts import HospitalShare, StudyFacts
from hospitals.studies.models import Study
from hospitals.studies.steps import Stops, away, in_the_way, steps_of
from training.jobs.selectors import admitted_batches
from training.results.selectors import columns_of
from training.study_state import StudyState

_EVENTS_PER_COLUMN = 10  # below, coefficients are unstable (Peduzzi et al. 1996)


@dataclass(frozen=True)
class Choice:
    """One hospital in the launch form."""

    option: HospitalShare
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
    def chosen(self) -> list[HospitalShare]:
        return [choice.option for choice in self.choices if choice.chosen]


def estimate(state: StudyState, chosen_slugs: Iterable[str]) -> Estimate:
    wanted, facts = set(chosen_slugs), state.facts
    choices = [Choice(share, share.institution.slug in wanted) for share in facts.shares]
    chosen = [choice.option for choice in choices if choice.chosen]
    columns = columns_of(facts.dictionary)
    events = _events(facts, chosen)
    return Estimate(
        choices=choices,
        train=sum(option.train for option in chosen),
        holdout=sum(option.holdout for option in chosen),
        events=events,
        columns=len(columns),
        plan=_plan(facts.study, len(columns), choices) if chosen and columns else None,
        blockers=_blockers(facts, chosen),
        cautions=_cautions(state, events, len(columns)),
    )


def _plan(study: Study, columns: int, choices: list[Choice]) -> Plan:
    """Held-out blocks of every hospital count: the evaluation runs over all of them."""
    pool = Pool(
        n_columns=columns,
        train_blocks=sum(choice.option.train_blocks for choice in choices if choice.chosen),
        holdout_blocks=sum(choice.option.holdout_blocks for choice in choices),
    )
    return plan(profile(study.profile), pool, settings.HEFED_WORKERS)


def _events(facts: StudyFacts, chosen: list[HospitalShare]) -> int | None:
    """Events among the chosen hospitals' patients, as the batches' summaries tell; None when one is suppressed."""
    batches = admitted_batches(facts.study, [option.institution for option in chosen])
    tables = [table_one_of(batch) for batch in batches.only("table_one")]
    counts = [table.events for table in tables if table is not None and table.events is not None]
    return sum(counts) if counts and len(counts) == len(tables) else None


def _blockers(facts: StudyFacts, chosen: list[HospitalShare]) -> list[str]:
    """What the whole study lacks, in the words of its other pages, then what the choice lacks."""
    found = in_the_way(step for step in steps_of(facts) if step.stops is Stops.JOBS)
    if not chosen:
        found.append(_("No hospital is chosen: tick at least one."))
    empty = [option.institution.name for option in chosen if option.train == 0]
    if empty:
        found.append(
            _("%(empty)s: no admitted patients to train on; leave out or add patients first.")
            % {"empty": ", ".join(empty)}
        )
    return found


def _cautions(state: StudyState, events: int | None, columns: int) -> list[str]:
    found = []
    if events is not None and events < _EVENTS_PER_COLUMN * columns:
        found.append(
            _(
                "About %(events)s events for %(columns)s columns is fewer than %(fewest)s "
                "per column: expect wide intervals."
            )
            % {"events": f"{events:,}", "columns": columns, "fewest": _EVENTS_PER_COLUMN}
        )
    found += in_the_way(away(state.facts))
    busy = state.live_job
    if busy is not None:
        found.append(_("%(busy)s is running: both will share the workers and take longer.") % {"busy": busy.name})
    return found
