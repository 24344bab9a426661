"""Where numbers become messages: rounding, suppression and complements. Nothing else builds a ``ReleasedResult``.

Rules (docs/adr/0204): counts of 1 to 7 are suppressed, others are rounded to 5 *before* anything is derived from them;
a suppressed number that the rest would reveal takes a second one with it; estimates keep a thousandth of their
standard error.
Source: DESIGN section 4; Li and Micciancio, EUROCRYPT 2021 (why nothing leaves unrounded).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning import metrics as metrics_
from hefed.core.learning.metrics import Z95, Performance
from hefed.core.learning.optimiser import Fit
from hefed.core.protocol.results import (
    CalibrationBin,
    Coefficient,
    Curves,
    Intercept,
    Metrics,
    ModelResult,
    NaturalScale,
    Reason,
    ReleasedResult,
    TableOne,
)
from hefed.core.words import Said

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
TestSets = Mapping[str, tuple[Vector, Vector]]  # institution -> scores (log odds), outcomes of its held-out patients

FLOOR = 5
POOLED = "pooled"
COMPLEMENT = Said("disclosure.complement")
EVENTS_PER_COLUMN = 10  # below it, estimates are known to be unstable (Peduzzi et al. 1996)


@dataclass(frozen=True)
class Thresholds:
    """What a study may tighten, never loosen past the floor of 5."""

    small_cell: int = 7  # counts of 1 to this are suppressed
    round_to: int = 5
    min_events: int = 20  # deaths, and survivors, for a hospital's own metrics
    curve_events: int = 8  # deaths, and survivors, in each step of a curve

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < FLOOR:
                raise BadInput("disclosure.below_floor", name=name, value=value, floor=FLOOR)
        if self.round_to > self.curve_events:
            raise BadInput("disclosure.rounding_too_coarse", round_to=self.round_to, curve_events=self.curve_events)

    @property
    def small(self) -> Said:
        return Said("disclosure.small", small_cell=self.small_cell)

    @property
    def few_deaths(self) -> Said:
        return Said("disclosure.small_deaths", small_cell=self.small_cell)

    def is_small(self, count: int) -> bool:
        return 0 < count <= self.small_cell

    def rounded(self, count: int) -> int:
        """The count to the nearest multiple; only 0 becomes 0."""
        return self.round_to * max(round(count / self.round_to), 1 if count > 0 else 0)


DEFAULT = Thresholds()


# ---- counts ----------------------------------------------------------------------------------------------------------


def hidden_cells(counts: Sequence[int], thresholds: Thresholds) -> list[bool]:
    """Which cells of a group with a known sum to suppress: the small ones and, if it is one, the next smallest too."""
    hidden = [thresholds.is_small(count) for count in counts]
    others = [k for k, count in enumerate(counts) if not hidden[k] and count > 0]
    if sum(hidden) == 1 and others:
        hidden[min(others, key=lambda k: counts[k])] = True
    return hidden


def shown(count: int, hidden: bool, thresholds: Thresholds) -> int | None:
    return None if hidden else thresholds.rounded(count)


def significant(value: float, digits: int) -> float:
    """The value with that many significant decimal digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def on_grid(value: float, precision: float) -> float:
    """The value on the power-of-ten grid just below ``precision``."""
    return round(value, -math.floor(math.log10(precision))) + 0.0  # no negative zero


def of_deaths(why: Said) -> Said:
    return Said("disclosure.deaths", why=why)


def several(reasons: Iterable[Reason | None]) -> Reason:
    """Each reason once; empty when there is none."""
    found = tuple(dict.fromkeys(reason for reason in reasons if reason))
    if len(found) > 1:
        return Said("disclosure.reasons", reasons=found)
    return found[0] if found else ""


# ---- model -----------------------------------------------------------------------------------------------------------


def release_model(fit: Fit) -> ModelResult:
    """Estimates and standard errors on a power-of-ten grid of at most a thousandth of the standard error."""
    intercept, coefficients = _terms(fit, fit.beta, fit.covariance)
    natural = _natural(fit)
    return ModelResult(
        rounds=fit.rounds,
        intercept=intercept,
        coefficients=coefficients,
        natural=NaturalScale(intercept=natural[0], coefficients=natural[1]),
    )


def _natural(fit: Fit) -> tuple[Intercept, dict[str, Coefficient]]:
    """Per unit of the dictionary: natural = centre + scale x, so beta / scale; the centres go to the intercept."""
    scale = np.array([column.scale for column in fit.columns])
    centre = np.array([column.centre for column in fit.columns])
    transform = np.diag(1.0 / scale)
    transform[0, 1:] = -(centre / scale)[1:]
    transform[0, 0] = 1.0
    return _terms(fit, transform @ fit.beta, transform @ fit.covariance @ transform.T)


def _terms(fit: Fit, beta: Vector, covariance: Matrix) -> tuple[Intercept, dict[str, Coefficient]]:
    errors = np.sqrt(np.diag(covariance))
    values = [(on_grid(b, se / 1000), on_grid(se, se / 1000)) for b, se in zip(beta, errors, strict=True)]
    names = [column.name for column in fit.columns]
    named = {name: _coefficient(b, se) for name, (b, se) in zip(names[1:], values[1:], strict=True)}
    return Intercept(estimate=values[0][0], standard_error=values[0][1]), named


def _coefficient(estimate: float, standard_error: float) -> Coefficient:
    low, ratio, high = (significant(math.exp(estimate + k * standard_error), 4) for k in (-Z95, 0.0, Z95))
    return Coefficient(estimate=estimate, standard_error=standard_error, odds_ratio=ratio, ci95=(low, high))


# ---- metrics and curves ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _TestSet:
    """One hospital's held-out patients, or everybody's, with the decision what to hide."""

    scores: Vector
    died: NDArray[np.bool_]
    reason: Said | None = None  # no metrics at all
    hide_events: bool = False
    hide_n: bool = False

    @property
    def n(self) -> int:
        return len(self.died)

    @property
    def events(self) -> int:
        return int(self.died.sum())

    @property
    def fewer(self) -> int:
        """Deaths or survivors, whichever are fewer."""
        return min(self.events, self.n - self.events)


def release_metrics(sets: TestSets, thresholds: Thresholds = DEFAULT) -> tuple[dict[str, Metrics], dict[str, Curves]]:
    """Metrics and curves of everybody ("pooled") and of each institution, after suppression.

    A hospital needs 20 deaths and 20 survivors for metrics of its own, and must not be nearly everybody. If exactly
    one hospital's number of deaths is suppressed, the next smallest is too, with all that it could be computed from, so
    that the pooled number minus the others does not reveal it.
    """
    own = {name: _TestSet(metrics_.tied(scores), y > 0.5) for name, (scores, y) in sets.items()}
    pooled = _TestSet(
        np.concatenate([s.scores for s in own.values()] or [np.empty(0)]),
        np.concatenate([s.died for s in own.values()] or [np.empty(0, bool)]),
    )
    decided = {POOLED: _decide_pooled(pooled, own, thresholds), **_decide_own(own, thresholds)}
    metrics = {name: _metrics(test_set, thresholds) for name, test_set in decided.items()}
    return metrics, {name: _curves(test_set, thresholds) for name, test_set in decided.items()}


def _decide_own(own: Mapping[str, _TestSet], thresholds: Thresholds) -> dict[str, _TestSet]:
    events = _complemented([[s.events, s.n - s.events] for s in own.values()], thresholds)
    sizes = hidden_cells([s.n for s in own.values()], thresholds)
    everybody = sum(s.n for s in own.values())
    return {
        name: replace(s, reason=_own_reason(s, everybody, thresholds), hide_events=no_events or no_n, hide_n=no_n)
        for (name, s), no_events, no_n in zip(own.items(), events, sizes, strict=True)
    }


def _complemented(cells: Sequence[Sequence[int]], thresholds: Thresholds) -> list[bool]:
    """Hospitals whose deaths stay hidden: deaths or survivors are few; a single one takes the next smallest with it."""
    hidden = [any(map(thresholds.is_small, pair)) for pair in cells]
    others = [k for k, pair in enumerate(cells) if not hidden[k] and min(pair) > 0]
    if sum(hidden) == 1 and others:
        hidden[min(others, key=lambda k: min(cells[k]))] = True
    return hidden


def _own_reason(test_set: _TestSet, everybody: int, thresholds: Thresholds) -> Said | None:
    if thresholds.is_small(everybody - test_set.n):
        return Said("disclosure.nearly_everybody", small_cell=thresholds.small_cell)
    if test_set.fewer >= thresholds.min_events:
        return None
    return Said("disclosure.few_held_out_here", minimum=thresholds.min_events)


def _decide_pooled(pooled: _TestSet, own: Mapping[str, _TestSet], thresholds: Thresholds) -> _TestSet:
    """The pool needs more than a small cell of deaths; 20 if they are one hospital's, for then they are its own."""
    contributors = sum(s.fewer > 0 for s in own.values())
    needed = thresholds.min_events if contributors <= 1 else thresholds.small_cell + 1
    if pooled.fewer >= needed:
        return pooled
    few = thresholds.is_small(pooled.events) or thresholds.is_small(pooled.n - pooled.events)
    reason = Said("disclosure.few_held_out", minimum=needed)
    return replace(pooled, reason=reason, hide_events=few, hide_n=thresholds.is_small(pooled.n))


def _metrics(test_set: _TestSet, thresholds: Thresholds) -> Metrics:
    n = shown(test_set.n, test_set.hide_n, thresholds)
    events = shown(test_set.events, test_set.hide_events, thresholds)
    p = None if test_set.reason else metrics_.performance(test_set.scores, test_set.died.astype(np.float64))
    return Metrics(
        n=n,
        events=events,
        prevalence=None if test_set.reason or not n or events is None else significant(events / n, 4),
        suppressed=several([test_set.reason, _events_reason(test_set, thresholds)]),
        **_measures(p),
    )


def _events_reason(test_set: _TestSet, thresholds: Thresholds) -> Said | None:
    if not test_set.hide_events:
        return None
    few = thresholds.is_small(test_set.events) or thresholds.is_small(test_set.n - test_set.events)
    return thresholds.few_deaths if few else of_deaths(COMPLEMENT)


def _measures(p: Performance | None) -> dict[str, float | tuple[float, float] | None]:
    if p is None:
        names = ("auroc", "auroc_ci95", "auprc", "brier", "calibration_slope", "calibration_intercept")
        return dict.fromkeys(names)
    low, high = (_finite(limit, 4) for limit in p.auroc_ci95)
    return {
        "auroc": _finite(p.auroc, 4),
        "auroc_ci95": None if low is None or high is None else (low, high),
        "auprc": _finite(p.auprc, 4),
        "brier": significant(p.brier, 4),
        "calibration_slope": _finite(p.calibration_slope, 3),
        "calibration_intercept": _finite(p.calibration_intercept, 3),
    }


def _finite(value: float, decimals: int) -> float | None:
    return round(value, decimals) + 0.0 if math.isfinite(value) else None


def _curves(test_set: _TestSet, thresholds: Thresholds) -> Curves:
    if test_set.reason or test_set.hide_events:  # a curve's last point tells deaths per patient
        reason = test_set.reason or of_deaths(COMPLEMENT)
        return Curves(roc=[], precision_recall=[], calibration=[], suppressed=reason)
    scores, died, per_step = test_set.scores, test_set.died, thresholds.curve_events
    bins = metrics_.calibration_bins(scores, died, per_step)
    return Curves(
        roc=metrics_.roc_curve(scores, died, per_step, thresholds.round_to),
        precision_recall=metrics_.precision_recall_curve(scores, died, per_step, thresholds.round_to),
        calibration=[_bin(b, thresholds) for b in bins],
        suppressed="" if bins else Said("disclosure.few_in_step", minimum=per_step),
    )


def _bin(found: metrics_.Bin, thresholds: Thresholds) -> CalibrationBin:
    n, events = thresholds.rounded(found.n), thresholds.rounded(found.events)
    low, high = metrics_.wilson(events, n)
    return CalibrationBin(
        predicted=significant(found.predicted, 4),
        observed=significant(events / n, 4),
        ci95=(significant(low, 4), significant(high, 4)),
        n=n,
        events=events,
    )


# ---- everything ------------------------------------------------------------------------------------------------------


def release(
    fit: Fit, sets: TestSets, thresholds: Thresholds = DEFAULT, tables: Mapping[str, TableOne] | None = None
) -> ReleasedResult:
    """All that leaves the custodian of a job. ``tables``: Table 1 by scope (``table_one.pool_tables``).

    Raises: PolicyRefused if the training pool has too few deaths or survivors to release a model at all
    """
    fewer = min(fit.events, fit.n - fit.events)
    if fewer <= thresholds.small_cell:
        raise PolicyRefused("disclosure.few_events", small_cell=thresholds.small_cell)
    metrics, curves = release_metrics(sets, thresholds)
    return ReleasedResult(
        model=release_model(fit),
        metrics=metrics,
        curves=curves,
        table_one=dict(tables or {}),
        warnings=_warnings(fit, fewer),
    )


def _warnings(fit: Fit, fewer: int) -> list[Reason]:
    columns = len(fit.columns) - 1
    if fewer >= EVENTS_PER_COLUMN * columns:
        return []
    return [Said("disclosure.unstable", per_column=EVENTS_PER_COLUMN, columns=columns)]
