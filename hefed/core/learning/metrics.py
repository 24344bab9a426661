"""Discrimination and calibration on held-out patients, and their curves; ``disclosure`` decides what is shown."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit
from scipy.stats import rankdata

from hefed.core.errors import BadInput

Vector = NDArray[np.float64]
Points = list[tuple[float, float]]

Z95 = 1.959963984540054
TIE = 3e-5  # opened scores are noisy to about 1e-6; closer ones count as equal, as they are in clear


@dataclass(frozen=True)
class Performance:
    """All numbers of one test set; what its size does not allow is NaN."""

    n: int
    events: int
    auroc: float
    auroc_ci95: tuple[float, float]
    auprc: float
    prevalence: float
    brier: float
    calibration_slope: float
    calibration_intercept: float


@dataclass(frozen=True)
class Bin:
    """Patients with neighbouring predicted risks. ``ci95``: Wilson's interval of the observed risk."""

    predicted: float
    observed: float
    ci95: tuple[float, float]
    n: int
    events: int


def performance(scores: Vector, outcomes: Vector) -> Performance:
    """Metrics of linear predictors ``scores`` (log odds) against 0/1 ``outcomes``.

    Shape:  (n,), (n,)
    Levels: none; opened scores
    Keys:   none
    Error:  AUROC and its interval exact for ties; calibration to 1e-8
    Raises: BadInput for different lengths
    Source: DeLong et al. 1988; Sun and Xu 2014 (ranks); Van Calster et al. 2016 (calibration)
    """
    if scores.shape != outcomes.shape:
        raise BadInput("rounds.scores", scores=len(scores), outcomes=len(outcomes))
    scores, died = tied(scores), outcomes > 0.5
    n, events = len(died), int(died.sum())
    area, interval = auroc(scores, died)
    slope, intercept = calibration(scores, died)
    risks = expit(scores)
    return Performance(
        n=n,
        events=events,
        auroc=area,
        auroc_ci95=interval,
        auprc=average_precision(scores, died),
        prevalence=events / n if n else math.nan,
        brier=float(np.mean(np.square(risks - died))) if n else math.nan,
        calibration_slope=slope,
        calibration_intercept=intercept,
    )


def tied(scores: Vector, width: float = TIE) -> Vector:
    """The scores with neighbours less than ``width`` apart made equal, so that noise does not break ties."""
    if len(scores) == 0:
        return scores
    order = np.argsort(scores, kind="stable")
    ascending = scores[order]
    ends: list[int] = []
    while (start := ends[-1] if ends else 0) < len(ascending):
        ends.append(int(np.searchsorted(ascending, ascending[start] + width, side="right")))
    lengths = np.diff(ends, prepend=0)
    means = np.add.reduceat(ascending, np.r_[0, ends[:-1]].astype(np.intp)) / lengths
    equal = np.empty_like(scores)
    equal[order] = np.repeat(means, lengths)
    return equal


# ---- discrimination --------------------------------------------------------------------------------------------------


def auroc(scores: Vector, died: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """Area under the ROC curve and its DeLong 95 % interval, cut to [0, 1]; NaN without both outcomes."""
    m, k = int(died.sum()), int((~died).sum())
    if m == 0 or k == 0:
        return math.nan, (math.nan, math.nan)
    ranks, among_deaths, among_survivors = rankdata(scores), rankdata(scores[died]), rankdata(scores[~died])
    # share of survivors that each death outranks, and of deaths that outrank each survivor; ties count half
    above = (ranks[died] - among_deaths) / k
    below = 1.0 - (ranks[~died] - among_survivors) / m
    area = float(above.mean())
    if min(m, k) < 2:
        return area, (math.nan, math.nan)
    half = Z95 * math.sqrt(float(above.var(ddof=1)) / m + float(below.var(ddof=1)) / k)
    return area, (max(0.0, area - half), min(1.0, area + half))


def average_precision(scores: Vector, died: NDArray[np.bool_]) -> float:
    """Sum over thresholds of precision x gain in recall; NaN without events."""
    if not died.any():
        return math.nan
    found, flagged = _by_threshold(scores, died)
    gained = np.diff(found, prepend=0)
    return float(np.sum(gained / found[-1] * found / flagged))


def _by_threshold(scores: Vector, died: NDArray[np.bool_]) -> tuple[Vector, Vector]:
    """Deaths and patients at or above each distinct score, the highest first."""
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.nonzero(np.diff(scores[order]))[0], len(order) - 1]
    return np.cumsum(died[order]).astype(np.float64)[last], (last + 1).astype(np.float64)


# ---- calibration -----------------------------------------------------------------------------------------------------


def calibration(scores: Vector, died: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept.

    The slope is that of a logistic regression of the outcome on the linear predictor (1 is right, below 1 means
    predictions too extreme). The intercept is calibration in the large: the intercept of a logistic regression with
    the linear predictor as an offset, slope fixed at 1 (0 is right, above 0 means too few deaths predicted).
    NaN where there is no maximum: one outcome only, or perfect separation.
    """
    if died.all() or not died.any():
        return math.nan, math.nan
    return _slope(scores, died), _intercept(scores, died)


def _intercept(scores: Vector, died: NDArray[np.bool_]) -> float:
    shift = float(logit(died.mean()) - scores.mean())
    for _ in range(100):
        p = expit(scores + shift)
        step = float((p.sum() - died.sum()) / max(float(np.sum(p * (1 - p))), 1e-300))
        shift -= float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-10:
            return shift
    return math.nan


def _slope(scores: Vector, died: NDArray[np.bool_]) -> float:
    sd = float(scores.std())
    if sd < 1e-9 or scores[died].min() > scores[~died].max() or scores[died].max() < scores[~died].min():
        return math.nan
    x = np.column_stack([np.ones_like(scores), (scores - scores.mean()) / sd])
    beta = np.array([float(logit(died.mean())), 0.0])
    for _ in range(100):
        p = expit(x @ beta)
        step = np.linalg.lstsq((x * (p * (1 - p))[:, None]).T @ x, x.T @ (p - died), rcond=None)[0]
        beta = _lower(beta, step, x, died)
        if float(np.abs(step).max()) < 1e-9:
            return float(beta[1]) / sd
    return math.nan


def _lower(beta: Vector, step: Vector, x: Vector, died: NDArray[np.bool_]) -> Vector:
    """Newton's step, halved until the log-loss does not rise."""

    def loss(at: Vector) -> float:
        z = x @ at
        return float(-np.sum(np.where(died, log_expit(z), log_expit(-z))))

    before, size = loss(beta), 1.0
    while loss(beta - size * step) > before + 1e-9 and size > 1e-6:
        size /= 2
    return np.asarray(beta - size * step)


def wilson(events: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion."""
    share, z2 = events / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


# ---- curves, in steps that hold enough events ------------------------------------------------------------------------


def _steps(scores: Vector, died: NDArray[np.bool_], per_step: int, both: bool) -> tuple[Vector, Vector]:
    """(deaths, patients) at or above thresholds such that each step adds at least ``per_step`` deaths.

    ``both`` asks the same of survivors. What is left at the end joins the last step.
    """
    found, flagged = _by_threshold(scores, died)
    kept: list[int] = []
    last_found = last_missed = 0.0
    for i, (deaths, patients) in enumerate(zip(found, flagged, strict=True)):
        enough = deaths - last_found >= per_step
        if both:
            enough = enough and patients - deaths - last_missed >= per_step
        if enough:
            kept.append(i)
            last_found, last_missed = deaths, patients - deaths
    end = len(found) - 1
    kept = [*kept[:-1], end] if kept else []
    return found[kept], flagged[kept]


def roc_curve(scores: Vector, died: NDArray[np.bool_], per_step: int, round_to: int = 1) -> Points:
    """(false positive rate, true positive rate) from (0, 0) to (1, 1); empty if not one step holds enough.

    Counts are rounded to ``round_to`` before they become rates, so that no rate tells a count more exactly.
    """
    found, flagged = _steps(scores, died, per_step, both=True)
    if len(found) == 0:
        return []
    true, false = _rounded(found, round_to), _rounded(flagged - found, round_to)
    return [(0.0, 0.0), *_pairs(false / false[-1], true / true[-1])]


def precision_recall_curve(scores: Vector, died: NDArray[np.bool_], per_step: int, round_to: int = 1) -> Points:
    """(recall, precision), the highest threshold first, from rounded counts; empty if not one step holds enough."""
    found, flagged = _steps(scores, died, per_step, both=False)
    if len(found) == 0:
        return []
    true, called = _rounded(found, round_to), _rounded(flagged, round_to)
    return _pairs(true / true[-1], np.minimum(true / called, 1.0))


def _rounded(counts: Vector, round_to: int) -> Vector:
    return np.asarray(round_to * np.round(counts / round_to))


def _pairs(x: Vector, y: Vector) -> Points:
    return [(round(float(a), 6), round(float(b), 6)) for a, b in zip(x, y, strict=True)]


def calibration_bins(scores: Vector, died: NDArray[np.bool_], per_bin: int, at_most: int = 10) -> list[Bin]:
    """Bins of neighbouring predicted risk with equally many deaths, at least ``per_bin`` deaths and survivors each."""
    events = int(died.sum())
    per_step = max(per_bin, math.ceil(events / at_most))
    found, flagged = _steps(scores, died, per_step, both=False)
    order = np.argsort(-scores, kind="stable")
    starts = np.r_[0.0, flagged[:-1]] if len(flagged) else flagged
    groups = [order[int(a) : int(b)] for a, b in zip(starts, flagged, strict=True)]
    return [_bin(scores[rows], died[rows]) for rows in reversed(_merge(groups, died, per_bin))]


def _merge(groups: list[NDArray[np.intp]], died: NDArray[np.bool_], per_bin: int) -> list[NDArray[np.intp]]:
    """Join a group with too few survivors to the next, the highest risks first."""
    merged: list[NDArray[np.intp]] = []
    for rows in groups:
        if merged and int((~died[merged[-1]]).sum()) < per_bin:
            merged[-1] = np.r_[merged[-1], rows]
        else:
            merged.append(rows)
    if len(merged) > 1 and int((~died[merged[-1]]).sum()) < per_bin:
        merged[-2:] = [np.r_[merged[-2], merged[-1]]]
    return merged if merged and int((~died[merged[-1]]).sum()) >= per_bin else []


def _bin(scores: Vector, died: NDArray[np.bool_]) -> Bin:
    n, events = len(died), int(died.sum())
    return Bin(float(expit(scores).mean()), events / n, wilson(events, n), n, events)
