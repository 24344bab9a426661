"""What the optimiser does with an opened gradient or Hessian: a step, the next kind of round, or the same once more.

Source: docs/circuits/optimiser.md (BFGS from Stein's curvature; interval and degree per round; last Newton step).
"""

import math
from collections.abc import Callable

import numpy as np

from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning import moments as moments_
from hefed.core.learning import plausibility
from hefed.core.learning import sigmoid as sigmoid_
from hefed.core.learning.fitting import (
    Evaluated,
    Matrix,
    OptimiserState,
    Step,
    Vector,
    can_widen,
    coefficients_of,
    floats,
    half_width,
    moments_of,
)
from hefed.core.learning.moments import CLIP, Moments
from hefed.core.learning.sigmoid import Spread
from hefed.core.protocol.requests import SigmoidSpec

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
_Widen = Callable[[OptimiserState, Spread, float], tuple[OptimiserState, SigmoidSpec]]  # the last: at least this wide

# ---- gradient --------------------------------------------------------------------------------------------------------


def after_gradient(state: OptimiserState, moments: Moments, gradient: Vector, *, implausible: bool) -> OptimiserState:
    """A step along the gradient, the Hessian once the fit has settled, or the same point on a wider interval."""
    state = state.model_copy(update={"rounds": state.rounds + 1})
    if implausible:
        return _try_wider(state, moments)
    now = Evaluated(beta=state.step.beta, gradient=floats(gradient), bias=state.bias, half_width=half_width(state))
    curvature = _updated(state, now)
    step = np.asarray(np.linalg.solve(curvature, gradient), np.float64)
    criterion = float(gradient @ step)
    if can_widen(state) and criterion > moments.n * moments_.expected_loss(coefficients_of(state), moments):
        return _try_wider(state, moments)  # half of it is the log-loss to be gained: more than half of all there is
    upper = np.triu_indices(len(gradient))
    state = state.model_copy(update={"last": now, "curvature": floats(curvature[upper])})
    if criterion < STOP and _settled(step, moments) and _trusted(state, moments):
        return _ask_hessian(state, moments, criterion)
    return _ask_gradient(state, moments, step, criterion)


def contradicts_last(state: OptimiserState, moments: Moments, gradient: Vector) -> bool:
    """Whether this gradient and the one before cannot both belong to one log-likelihood."""
    last = state.last
    if last is None:
        return False
    moved = coefficients_of(state) - np.array(last.beta)
    return plausibility.contradicts(gradient - np.array(last.gradient), moved, moments, state.bias + last.bias)


def _try_wider(state: OptimiserState, moments: Moments) -> OptimiserState:
    """Repeat a point on a wider interval: the last one if its interval was the narrower, for then its gradient is the
    likelier culprit, and this point with it; else this one."""
    last = state.last
    if last is not None and last.half_width < half_width(state):
        first = moments_.first_curvature(np.array(last.beta), moments)
        update = {"beta": last.beta, "sigmoid": state.step.sigmoid, "criterion": None}
        state = state.model_copy(
            update={
                "step": state.step.model_copy(update=update),
                "curvature": floats(first[np.triu_indices(len(first))]),
            }
        )
        return _repeat(state, moments, last.half_width, _wider_gradient)
    return _repeat(state, moments, half_width(state), _wider_gradient)


def _repeat(state: OptimiserState, moments: Moments, wider_than: float, widen: _Widen) -> OptimiserState:
    wider = [h for h in sigmoid_.HALF_WIDTHS if h > wider_than]
    if not wider:
        raise FitFailed(
            "fit.interval_left", half_width=sigmoid_.HALF_WIDTHS[-1], candidates=_candidates(state, moments)
        )
    state = state.model_copy(update={"at_least": wider[0]})
    spread = moments_.spread(coefficients_of(state), moments)
    criterion, (state, spec) = state.step.criterion, widen(state, spread, wider[0])
    step = state.step.model_copy(update={"sigmoid": spec, "repeated": True})
    return _within_rounds(state.model_copy(update={"step": step}), criterion)


def _wider_gradient(state: OptimiserState, spread: Spread, at_least: float) -> tuple[OptimiserState, SigmoidSpec]:
    expected = FIRST_CRITERION if state.step.criterion is None else _PROGRESS * state.step.criterion
    chosen = sigmoid_.choose(spread, criterion=expected, at_least=at_least)
    return state.model_copy(update={"last": None, "bias": chosen.bias}), chosen.spec


def _wider_hessian(state: OptimiserState, spread: Spread, at_least: float) -> tuple[OptimiserState, SigmoidSpec]:
    return state, sigmoid_.choose_hessian(spread, at_least=at_least)


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
    spread = moments_.spread(coefficients_of(state), moments)
    best = sigmoid_.choose(spread, criterion=0.0, at_least=state.at_least)
    return state.bias <= max(sigmoid_.BIAS_TARGET, 1.01 * best.bias)


def _ask_gradient(state: OptimiserState, moments: Moments, step: Vector, criterion: float) -> OptimiserState:
    length = math.sqrt(float(step @ moments.pooled @ step))
    beta = coefficients_of(state) - step * min(1.0, MAX_STEP_SD / max(length, 1e-12))
    beta, cut = moments_.within_reach(beta, moments)
    state = state.model_copy(update={"clamped": state.clamped + 1 if cut else 0})
    if state.clamped >= MAX_CLAMPED:
        raise _separated(state, moments)
    expected = _PROGRESS * criterion
    chosen = sigmoid_.choose(moments_.spread(beta, moments), criterion=expected, at_least=state.at_least)
    ask = Step(kind="gradient", beta=floats(beta), sigmoid=chosen.spec, criterion=criterion)
    return _within_rounds(state.model_copy(update={"step": ask, "bias": chosen.bias}), criterion)


def _within_rounds(state: OptimiserState, criterion: float | None) -> OptimiserState:
    if state.rounds < MAX_ROUNDS:
        return state
    raise FitFailed(
        "fit.no_convergence",
        rounds=MAX_ROUNDS,
        criterion=criterion or math.nan,
        stop=STOP,
        candidates=_candidates(state, moments_of(state)),
    )


# ---- Hessian ---------------------------------------------------------------------------------------------------------


def _ask_hessian(state: OptimiserState, moments: Moments, criterion: float) -> OptimiserState:
    spread = moments_.spread(coefficients_of(state), moments)
    spec = sigmoid_.choose_hessian(spread, at_least=state.at_least)
    step = Step(kind="hessian", beta=state.step.beta, sigmoid=spec, criterion=criterion)
    return state.model_copy(update={"step": step})


def after_hessian(state: OptimiserState, moments: Moments, totals: Vector, *, implausible: bool) -> OptimiserState:
    """The evaluation, further gradients if the stopping rule was met too early, or the same on a wider interval."""
    dim = len(state.columns)
    hessian = moments_.symmetric(totals, dim)
    last = state.last
    if last is None:
        raise BadInput("rounds.hessian_alone")
    beta = coefficients_of(state)
    if implausible:
        state = state.model_copy(update={"rounds": state.rounds + 1})
        return _repeat(state, moments, half_width(state), _wider_hessian)
    _check_information(state, moments, hessian)
    gradient = np.array(last.gradient)
    step = np.asarray(np.linalg.solve(hessian, gradient), np.float64)
    criterion = float(gradient @ step)
    upper = np.triu_indices(dim)
    state = state.model_copy(update={"curvature": floats(hessian[upper])})
    if criterion > ACCEPT:
        return _ask_gradient(state, moments, step, criterion)
    final = Step(kind="evaluation", beta=floats(beta - step), sigmoid=None, criterion=criterion)
    return state.model_copy(update={"step": final, "covariance": floats(_inverse(hessian)[upper])})


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
    beta = coefficients_of(state)
    sd = moments_.spread(beta, moments).sd
    return FitFailed("fit.separated", sd=float(sd), candidates=_candidates(state, moments))


def _candidates(state: OptimiserState, moments: Moments) -> tuple[str, ...]:
    """The three columns that move the linear predictor most."""
    weight = np.abs(coefficients_of(state)) * np.sqrt(np.maximum(np.diag(moments.covariance), 0.0))
    return tuple(state.columns[j].name for j in np.argsort(-weight[1:])[:3] + 1)
