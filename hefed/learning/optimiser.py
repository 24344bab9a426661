"""The custodian's optimiser as a pure state machine: opened totals in, the next round out.

``OptimiserState`` is frozen and survives JSON; nothing else is remembered between rounds.
Source: docs/circuits/optimiser.md (BFGS from Stein's curvature; interval and degree per round; last Newton step).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hefed.dictionary import Column
from hefed.errors import BadInput, FitFailed
from hefed.learning import moments as moments_
from hefed.learning import plausibility
from hefed.learning import sigmoid as sigmoid_
from hefed.learning.moments import CLIP, Moments
from hefed.learning.totals import total_names
from hefed.protocol.messages import Message, SigmoidSpec

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Floats = tuple[float, ...]

STOP = 2e-3  # g' B^-1 g: the squared distance to the optimum in standard errors, all directions together
ACCEPT = 5e-3  # the same with the true Hessian; a last Newton step removes what is left
MAX_LAST_STEP = 0.02  # change of a log odds that the last Newton step may still make
MAX_STEP_SD = 2.0  # of the linear predictor, per step
MAX_ROUNDS = 30
MAX_CLAMPED = 3  # steps in a row that the widest interval cut short
FIRST_CRITERION = 20.0  # what is assumed of the start: some four standard errors away
_PROGRESS = 0.1  # what a BFGS step leaves of the criterion, roughly
_SEPARATED_SE = 3.0  # standard error times the column's range
_SEPARATED_LOSS = 1e-2  # information left, against a model without effects


class Step(Message):
    """The round to run next. ``beta`` is in clear; ``scaled_betas`` says what is encrypted."""

    kind: Literal["gradient", "hessian", "evaluation"]
    beta: Floats
    sigmoid: SigmoidSpec | None
    criterion: float | None = None
    repeated: bool = False


class Evaluated(Message):
    """A point, the gradient there, and the predicted bias and half-width of the sigmoid it was computed with."""

    beta: Floats
    gradient: Floats
    bias: float
    half_width: float


class OptimiserState(Message):
    """Everything between two answers. ``curvature`` and ``covariance`` are upper triangles, row by row.

    ``at_least`` is the half-width that an explosion has taught; ``clamped`` counts steps in a row that the widest
    interval cut short.
    """

    columns: tuple[Column, ...]
    totals: Floats
    step: Step
    bias: float
    curvature: Floats
    last: Evaluated | None = None
    at_least: float = 0.0
    rounds: int = 0
    clamped: int = 0
    covariance: Floats = ()


@dataclass(frozen=True)
class Fit:
    """The finished model on encoded columns."""

    columns: tuple[Column, ...]
    beta: Vector
    covariance: Matrix
    rounds: int
    n: int
    events: int

    @property
    def standard_errors(self) -> Vector:
        return np.sqrt(np.diag(self.covariance))


def start(moments: Moments) -> tuple[OptimiserState, Step]:
    """Check the pool and name the first gradient round.

    Shape:  moments of d columns -> d coefficients
    Levels: none; opened totals
    Keys:   none
    Error:  AUROC within 0.012 of the optimum before any round
    Raises: FitFailed, see ``moments.check``
    Source: docs/circuits/optimiser.md
    """
    moments_.check(moments)
    beta = moments_.start(moments)
    choice = sigmoid_.choose(moments_.spread(beta, moments), criterion=FIRST_CRITERION)
    step = Step(kind="gradient", beta=_floats(beta), sigmoid=choice.spec)
    dim = len(moments.columns)
    upper = np.triu_indices(dim)
    state = OptimiserState(
        columns=moments.columns,
        totals=_floats(np.r_[(moments.survivors + moments.deaths)[upper], moments.deaths[upper]]),
        step=step,
        bias=choice.bias,
        curvature=_floats(moments_.first_curvature(beta, moments)[upper]),
    )
    return state, step


def advance(state: OptimiserState, totals: Sequence[float] | Vector) -> tuple[OptimiserState, Step]:
    """Take the opened totals of ``state.step`` and name the next round.

    A gradient leads to a gradient or the Hessian; the Hessian to the evaluation or, if it shows that the stopping rule
    was met too early, to further gradients.

    Shape:  d totals (gradient) or d (d + 1) / 2 (hessian)
    Levels: none; opened totals
    Keys:   none
    Error:  at the end below 0.03 standard errors of the maximum-likelihood solution
    Raises: FitFailed (separation, no convergence), BadInput (wrong number of totals, nothing is awaited)
    Source: docs/circuits/optimiser.md
    """
    values = np.asarray(totals, dtype=np.float64)
    kind = state.step.kind
    if kind == "evaluation":
        raise BadInput("rounds.fit_complete")
    expected = len(total_names(kind, len(state.columns)))
    if len(values) != expected:
        raise BadInput("rounds.totals", found=len(values), kind=kind, expected=expected)
    after = _after_gradient if kind == "gradient" else _after_hessian
    return _and_step(after(state, _moments(state), values))


def fitted(state: OptimiserState) -> Fit:
    """The finished model; raises BadInput before the Hessian is in."""
    if not state.covariance:
        raise BadInput("rounds.not_fitted", kind=state.step.kind)
    moments, dim = _moments(state), len(state.columns)
    covariance = moments_.symmetric(state.covariance, dim)
    return Fit(state.columns, np.array(state.step.beta), covariance, state.rounds, moments.n, moments.counts[1])


def scaled_betas(beta: Sequence[float] | Vector, spec: SigmoidSpec) -> Vector:
    """What is encrypted for a gradient or Hessian round: with these, sum_j x_j b_j is the Chebyshev variable."""
    scaled = np.array(beta, dtype=np.float64)
    scaled[0] -= spec.centre
    return scaled / spec.half_width


# ---- gradient --------------------------------------------------------------------------------------------------------


def _after_gradient(state: OptimiserState, moments: Moments, gradient: Vector) -> OptimiserState:
    state = state.model_copy(update={"rounds": state.rounds + 1})
    if plausibility.exploded(gradient, moments) or (_can_widen(state) and _contradicts(state, moments, gradient)):
        return _try_wider(state, moments)
    now = Evaluated(beta=state.step.beta, gradient=_floats(gradient), bias=state.bias, half_width=_half_width(state))
    curvature = _updated(state, now)
    step = np.asarray(np.linalg.solve(curvature, gradient), np.float64)
    criterion = float(gradient @ step)
    if _can_widen(state) and criterion > moments.n * moments_.expected_loss(np.array(state.step.beta), moments):
        return _try_wider(state, moments)  # half of it is the log-loss to be gained: more than half of all there is
    upper = np.triu_indices(len(gradient))
    state = state.model_copy(update={"last": now, "curvature": _floats(curvature[upper])})
    if criterion < STOP and _settled(step, moments) and _trusted(state, moments):
        return _ask_hessian(state, moments, criterion)
    return _ask_gradient(state, moments, step, criterion)


def _contradicts(state: OptimiserState, moments: Moments, gradient: Vector) -> bool:
    last = state.last
    if last is None:
        return False
    moved = np.array(state.step.beta) - np.array(last.beta)
    return plausibility.contradicts(gradient - np.array(last.gradient), moved, moments, state.bias + last.bias)


def _half_width(state: OptimiserState) -> float:
    return state.step.sigmoid.half_width if state.step.sigmoid else 0.0


def _can_widen(state: OptimiserState) -> bool:
    narrow = [_half_width(state), *([state.last.half_width] if state.last else [])]
    return min(narrow) < sigmoid_.HALF_WIDTHS[-1]


def _try_wider(state: OptimiserState, moments: Moments) -> OptimiserState:
    """Repeat a point on a wider interval: the last one if its interval was the narrower, for then its gradient is the
    likelier culprit, and this point with it; else this one."""
    last = state.last
    if last is not None and last.half_width < _half_width(state):
        first = moments_.first_curvature(np.array(last.beta), moments)
        update = {"beta": last.beta, "sigmoid": state.step.sigmoid, "criterion": None}
        state = state.model_copy(
            update={
                "step": state.step.model_copy(update=update),
                "curvature": _floats(first[np.triu_indices(len(first))]),
            }
        )
        return _repeat(state, moments, wider_than=last.half_width)
    return _repeat(state, moments, wider_than=_half_width(state))


def _repeat(state: OptimiserState, moments: Moments, wider_than: float) -> OptimiserState:
    wider = [h for h in sigmoid_.HALF_WIDTHS if h > wider_than]
    if not wider:
        raise FitFailed(
            "fit.interval_left", half_width=sigmoid_.HALF_WIDTHS[-1], candidates=_candidates(state, moments)
        )
    state = state.model_copy(update={"at_least": wider[0]})
    spread = moments_.spread(np.array(state.step.beta), moments)
    if state.step.kind == "hessian":
        spec, update = sigmoid_.choose_hessian(spread, at_least=wider[0]), {}
    else:
        expected = FIRST_CRITERION if state.step.criterion is None else _PROGRESS * state.step.criterion
        chosen = sigmoid_.choose(spread, criterion=expected, at_least=wider[0])
        spec, update = chosen.spec, {"last": None, "bias": chosen.bias}
    step = state.step.model_copy(update={"sigmoid": spec, "repeated": True})
    return _within_rounds(state.model_copy(update={"step": step, **update}), state.step.criterion)


def _updated(state: OptimiserState, now: Evaluated) -> Matrix:
    """BFGS; left out when the two sigmoids' biases would drown the change they measure."""
    curvature = moments_.symmetric(state.curvature, len(state.columns))
    if state.last is None:
        return curvature
    s = np.array(now.beta) - np.array(state.last.beta)
    y = np.array(now.gradient) - np.array(state.last.gradient)
    along = curvature @ s
    if s @ y <= 1e-12 or max(now.bias, state.last.bias) > 0.3 * math.sqrt(max(float(s @ y), 0.0)):
        return curvature
    return np.asarray(curvature - np.outer(along, along) / (s @ along) + np.outer(y, y) / (s @ y))


def _settled(step: Vector, moments: Moments) -> bool:
    """Whether the Hessian here is that of the optimum: a risk that moves by 2 % moves a standard error by 1 %.

    Binds where few deaths carry a 0/1 column, whose coefficient can be far off in itself and near in standard errors.
    """
    second = np.diag(moments.pooled)
    flags = np.array([column.kind == "indicator01" for column in moments.columns])
    return bool(np.max(np.abs(step) * np.where(flags, 1.0, np.sqrt(second))) < MAX_LAST_STEP)


def _trusted(state: OptimiserState, moments: Moments) -> bool:
    """Whether no published polynomial would do visibly better at this point."""
    spread = moments_.spread(np.array(state.step.beta), moments)
    best = sigmoid_.choose(spread, criterion=0.0, at_least=state.at_least)
    return state.bias <= max(sigmoid_.BIAS_TARGET, 1.01 * best.bias)


def _ask_gradient(state: OptimiserState, moments: Moments, step: Vector, criterion: float) -> OptimiserState:
    length = math.sqrt(float(step @ moments.pooled @ step))
    beta = np.array(state.step.beta) - step * min(1.0, MAX_STEP_SD / max(length, 1e-12))
    beta, cut = moments_.within_reach(beta, moments)
    state = state.model_copy(update={"clamped": state.clamped + 1 if cut else 0})
    if state.clamped >= MAX_CLAMPED:
        raise _separated(state, moments)
    expected = _PROGRESS * criterion
    chosen = sigmoid_.choose(moments_.spread(beta, moments), criterion=expected, at_least=state.at_least)
    ask = Step(kind="gradient", beta=_floats(beta), sigmoid=chosen.spec, criterion=criterion)
    return _within_rounds(state.model_copy(update={"step": ask, "bias": chosen.bias}), criterion)


def _within_rounds(state: OptimiserState, criterion: float | None) -> OptimiserState:
    if state.rounds < MAX_ROUNDS:
        return state
    raise FitFailed(
        "fit.no_convergence",
        rounds=MAX_ROUNDS,
        criterion=criterion or math.nan,
        stop=STOP,
        candidates=_candidates(state, _moments(state)),
    )


# ---- Hessian ---------------------------------------------------------------------------------------------------------


def _ask_hessian(state: OptimiserState, moments: Moments, criterion: float) -> OptimiserState:
    spread = moments_.spread(np.array(state.step.beta), moments)
    spec = sigmoid_.choose_hessian(spread, at_least=state.at_least)
    step = Step(kind="hessian", beta=state.step.beta, sigmoid=spec, criterion=criterion)
    return state.model_copy(update={"step": step})


def _after_hessian(state: OptimiserState, moments: Moments, totals: Vector) -> OptimiserState:
    dim = len(state.columns)
    hessian = moments_.symmetric(totals, dim)
    last = state.last
    if last is None:
        raise BadInput("rounds.hessian_alone")
    beta = np.array(state.step.beta)
    doubtful = _can_widen(state) and plausibility.hessian_too_large(hessian, beta, moments)
    if doubtful or plausibility.hessian_impossible(hessian, moments):
        state = state.model_copy(update={"rounds": state.rounds + 1})
        return _repeat(state, moments, wider_than=_half_width(state))
    _check_information(state, moments, hessian)
    gradient = np.array(last.gradient)
    step = np.asarray(np.linalg.solve(hessian, gradient), np.float64)
    criterion = float(gradient @ step)
    upper = np.triu_indices(dim)
    state = state.model_copy(update={"curvature": _floats(hessian[upper])})
    if criterion > ACCEPT:
        return _ask_gradient(state, moments, step, criterion)
    final = Step(kind="evaluation", beta=_floats(beta - step), sigmoid=None, criterion=criterion)
    return state.model_copy(update={"step": final, "covariance": _floats(_inverse(hessian)[upper])})


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _check_information(state: OptimiserState, moments: Moments, hessian: Matrix) -> None:
    """Quasi-separation that no single column shows: coefficients on their way to infinity carry no information."""
    survivors, deaths = moments.counts
    null = moments.pooled * (survivors * deaths / moments.n)
    variance, without = np.diag(np.linalg.inv(hessian))[1:], np.diag(np.linalg.inv(null))[1:]
    ranges = np.array([1.0 if c.kind == "indicator01" else CLIP for c in state.columns[1:]])
    lost = (np.sqrt(variance) * ranges > _SEPARATED_SE) & (without / variance < _SEPARATED_LOSS)
    named = [column.name for column, hit in zip(state.columns[1:], lost, strict=True) if hit]
    if named:
        raise FitFailed(
            "fit.separated_by_combination", columns=moments_.first(named), largest=float(np.sqrt(variance[lost]).max())
        )


# ---- words -----------------------------------------------------------------------------------------------------------


def _separated(state: OptimiserState, moments: Moments) -> FitFailed:
    beta = np.array(state.step.beta)
    sd = moments_.spread(beta, moments).sd
    return FitFailed("fit.separated", sd=float(sd), candidates=_candidates(state, moments))


def _candidates(state: OptimiserState, moments: Moments) -> tuple[str, ...]:
    """The three columns that move the linear predictor most."""
    weight = np.abs(np.array(state.step.beta)) * np.sqrt(np.maximum(np.diag(moments.covariance), 0.0))
    return tuple(state.columns[j].name for j in np.argsort(-weight[1:])[:3] + 1)


def _moments(state: OptimiserState) -> Moments:
    return moments_.from_totals(state.totals, state.columns)


def _floats(values: Vector) -> Floats:
    return tuple(float(value) for value in values)


def _and_step(state: OptimiserState) -> tuple[OptimiserState, Step]:
    return state, state.step
