"""What a custodian's policy allows, and the cohorts that it has answered for."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning.disclosure import DEFAULT, FLOOR, Thresholds, refuse_differencing
from hefed.core.learning.kinds.table import KINDS, KnownKind, kind_named
from hefed.core.protocol.base import Message, Slug
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.uploads import StudyRules
from hefed.custodian.keeping.records import BatchRecord, JobRecord

DEFAULT_TEXT = f"""\
# What this custodian answers. Read anew for every request; a change needs no restart.

kinds = {json.dumps(list(KINDS))}
minimum_rows = 50          # training rows of a pool
minimum_events = 10        # deaths among them, known once the moments are opened
requests_per_day = 5000    # per UTC day; later ones wait for the next day
institutions = []          # hospitals whose rows may be opened; empty: every hospital of the study
pools = []                 # allowed training pools, e.g. [["north", "south"], ["north"]]; empty: every pool

# "approval": a result stays here, sealed, until people of other institutions than the requester's sign for its release;
#   whose keys count you say with `python -m hefed.custodian approvers trust`.
# "hold": it waits here, unread, for `python -m hefed.custodian approve REQUEST`.
# "automatic": a result that passed the disclosure rules is posted and then readable by the study's members.
release = "approval"
approvals = 2              # institutions that must sign, 2 or more; the requester's never counts
agents_must_approve = 0    # of a shared key: hospitals whose agents must approve as well (`releases approve`); 0: none

# A study may tighten these, never loosen them below 5.
[disclosure]
small_cell = 7             # counts of 1 to this many are suppressed; pools that differ by so few are not both answered
round_to = 5               # other counts are rounded to multiples of this
min_events = 20            # a hospital's own metrics need so many deaths, and survivors, among its held-out patients
curve_events = 8           # each step of a curve holds so many deaths, and survivors
"""

RELEASE_LINE = 'release = "approval"'
MINIMUM_APPROVALS = 2
ReleaseRule = Literal["approval", "hold", "automatic"]
_Threshold = Annotated[int, Field(ge=FLOOR)]


class DisclosurePolicy(Message):
    """Thresholds of the disclosure rules in the file; the floor of 5 is part of the type."""

    small_cell: _Threshold = DEFAULT.small_cell
    round_to: _Threshold = DEFAULT.round_to
    min_events: _Threshold = DEFAULT.min_events
    curve_events: _Threshold = DEFAULT.curve_events

    @model_validator(mode="after")
    def _steps_outlast_rounding(self) -> Self:
        if self.round_to > self.curve_events:
            raise ValueError(f"round_to {self.round_to} is larger than curve_events {self.curve_events}")
        return self

    def thresholds(self) -> Thresholds:
        return Thresholds(**self.model_dump())


class Policy(Message):
    kinds: Annotated[tuple[KnownKind, ...], Field(default_factory=lambda: tuple(KINDS))]
    minimum_rows: Annotated[int, Field(ge=FLOOR)] = 50
    minimum_events: Annotated[int, Field(ge=FLOOR)] = 10
    requests_per_day: Annotated[int, Field(ge=1)] = 5000
    institutions: tuple[Slug, ...] = ()
    pools: tuple[frozenset[Slug], ...] = ()
    release: ReleaseRule = "approval"
    approvals: Annotated[int, Field(ge=MINIMUM_APPROVALS)] = MINIMUM_APPROVALS
    agents_must_approve: Annotated[int, Field(ge=0, le=9)] = 0
    disclosure: DisclosurePolicy = DisclosurePolicy()


def policy_text(release: ReleaseRule) -> str:
    """The default policy with this rule for results."""
    return DEFAULT_TEXT.replace(RELEASE_LINE, f'release = "{release}"')


def read_policy(path: Path) -> Policy:
    """The policy in the file; raises BadInput naming the setting that cannot be used."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text()))
    except FileNotFoundError:
        raise BadInput("policy.missing", path=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput("policy.toml", path=str(path), why=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        raise BadInput("policy.setting", path=str(path), setting=setting, why=first["msg"]) from None


def tightened(policy: Policy, rules: StudyRules | None) -> Policy:
    """The stricter of this custodian's policy and the study's rules, number by number; a study cannot loosen any.

    Where agents must approve, every result waits for a release: nothing else asks them.
    """
    if rules is not None:
        own, wanted = policy.disclosure.model_dump(), rules.model_dump()
        stricter = {name: max(value, wanted[name]) for name, value in own.items()}
        stricter["curve_events"] = max(stricter["curve_events"], stricter["round_to"])  # whatever the study says
        disclosure = DisclosurePolicy(**stricter)
        names = ("minimum_rows", "agents_must_approve")
        numbers = {name: max(getattr(policy, name), wanted[name]) for name in names}
        policy = policy.model_copy(update={**numbers, "disclosure": disclosure})
    return policy.model_copy(update={"release": "approval"}) if policy.agents_must_approve else policy


def check_request(policy: Policy, request: Request) -> None:
    """Raise PolicyRefused unless this kind of request over these hospitals' rows is allowed.

    An evaluation is judged by the pool that its model was trained on: a policy that became stricter stops it too.
    """
    if request.kind not in policy.kinds:
        raise PolicyRefused("policy.kinds", kind=request.kind, allowed=tuple(policy.kinds))
    _check_institutions(policy, (*request.cohort, *request.train_cohort))
    kind = kind_named(request.kind)
    if kind.belongs_to_job:
        _check_pool(policy, kind.trained_on(request))


def check_events(policy: Policy, events: float) -> None:
    """Raise PolicyRefused when the pool holds too few events; the text does not say how many."""
    if round(events) < policy.minimum_events:
        raise PolicyRefused("policy.minimum_events", minimum=policy.minimum_events)


def _check_institutions(policy: Policy, parts: Iterable[CohortPart]) -> None:
    strangers = sorted({part.institution for part in parts} - set(policy.institutions))
    if policy.institutions and strangers:
        raise PolicyRefused("policy.institutions", hospitals=tuple(strangers), allowed=tuple(policy.institutions))


def _check_pool(policy: Policy, cohort: list[CohortPart]) -> None:
    rows, members = sum(part.rows for part in cohort), frozenset(part.institution for part in cohort)
    if rows < policy.minimum_rows:
        raise PolicyRefused("policy.minimum_rows", rows=rows, minimum=policy.minimum_rows)
    if policy.pools and members not in policy.pools:
        raise PolicyRefused("policy.pools", pool=tuple(sorted(members)))


Cohort = Sequence[CohortPart]


def check_admitted(request: Request, batches: Iterable[BatchRecord]) -> None:
    """Raise PolicyRefused unless the cohort is made of admitted batches, with no more rows than were seen then."""
    known = {batch.batch: batch for batch in batches}
    for part in (*request.cohort, *request.train_cohort):
        batch = known.get(part.batch)
        opened = batch is not None and batch.sums  # else known by name only, from when another hospital led
        if batch is None or not opened or batch.institution != part.institution or batch.rows < part.rows:
            raise PolicyRefused("desk.not_admitted", batch=part.batch, rows=part.rows, institution=part.institution)


def check_whole(request: Request, batches: Iterable[BatchRecord]) -> None:
    """Raise PolicyRefused unless an evaluated batch's training and held-out rows are all that were admitted."""
    admitted = {batch.batch: batch.rows for batch in batches}
    trained = {part.batch: part.rows for part in request.train_cohort}
    for part in request.cohort:
        if part.batch in trained and trained[part.batch] + part.rows != admitted[part.batch]:
            raise PolicyRefused(
                "desk.not_whole",
                batch=part.batch,
                trained=trained[part.batch],
                held_out=part.rows,
                admitted=admitted[part.batch],
            )


def check_same(new: Cohort, old: Cohort) -> None:
    """Raise PolicyRefused when a job's cohort is not the one it began with."""
    if sorted(part.model_dump_json() for part in new) != sorted(part.model_dump_json() for part in old):
        raise PolicyRefused("desk.other_cohort")


def check_pool(pool: Cohort, jobs: Iterable[JobRecord], known: set[str], thresholds: Thresholds) -> None:
    """Raise PolicyRefused when the pool differs from an earlier job's by a few patients; the same pool is fine.

    Jobs over a batch that a person told this custodian to forget no longer count.
    """
    refuse_differencing(pool, _remembered((job.cohort for job in jobs), known), thresholds)


def check_tables(
    request: Request, jobs: Iterable[JobRecord], batches: Iterable[BatchRecord], thresholds: Thresholds
) -> None:
    """The same for Table 1, which counts all patients of a pool's batches and of each hospital's."""
    admitted = {batch.batch: batch.rows for batch in batches}
    known = _remembered((job.cohort for job in jobs), set(admitted))
    earlier = [unit for cohort in known for unit in units(_whole(cohort, admitted), thresholds)]
    for unit in units(_whole(request.cohort, admitted), thresholds):
        refuse_differencing(unit, earlier, thresholds)


def _whole(cohort: Cohort, admitted: Mapping[str, int]) -> list[CohortPart]:
    return [part.model_copy(update={"rows": admitted[part.batch]}) for part in cohort]


def check_holdout(request: Request, jobs: Iterable[JobRecord], known: set[str], thresholds: Thresholds) -> None:
    """The same for held-out patients: whoever has metrics, pooled or of one hospital, against whoever had them."""
    evaluated = _remembered((job.holdout for job in jobs if job.holdout), known)
    earlier = [unit for cohort in evaluated for unit in units(cohort, thresholds)]
    for unit in units(request.cohort, thresholds):
        refuse_differencing(unit, earlier, thresholds)


def check_rows(request: Request, jobs: Iterable[JobRecord]) -> None:
    """Raise PolicyRefused when a batch brings another number of rows than to an earlier job: batches never change."""
    earlier = (job.holdout if kind_named(request.kind).held_out else job.cohort for job in jobs)
    rows = {part.batch: part.rows for cohort in earlier for part in cohort}
    for part in request.cohort:
        if rows.get(part.batch, part.rows) != part.rows:
            raise PolicyRefused("desk.rows_changed", rows=part.rows, batch=part.batch, before=rows[part.batch])


def units(cohort: Cohort, thresholds: Thresholds) -> list[Cohort]:
    """Everybody, and each hospital that can have numbers of its own: it is neither tiny nor nearly everybody."""
    everybody = sum(part.rows for part in cohort)
    found: list[Cohort] = [cohort]
    for _, parts in _per_institution(cohort):
        own = sum(part.rows for part in parts)
        if own > thresholds.small_cell and not thresholds.is_small(everybody - own):
            found.append(parts)
    return found


def _remembered(cohorts: Iterable[Cohort], known: set[str]) -> list[Cohort]:
    return [cohort for cohort in cohorts if {part.batch for part in cohort} <= known]


def _per_institution(cohort: Cohort) -> Iterator[tuple[str, list[CohortPart]]]:
    ordered = sorted(cohort, key=lambda part: part.institution)
    for name, group in groupby(ordered, key=lambda part: part.institution):
        yield name, list(group)
