"""The custodian's optimiser as a pure state machine: opened totals in, the next round out.

``OptimiserState`` is frozen and survives JSON; nothing else is remembered between rounds. What an answer to each kind
of round leads to, the kind says (``kinds``).
Source: docs/circuits/optimiser.md
"""

from collections.abc import Sequence

import numpy as np

from hefed.core.errors import BadInput
from hefed.core.learning import moments as moments_
from hefed.core.learning import sigmoid as sigmoid_
from hefed.core.learning.descent import FIRST_CRITERION, MAX_ROUNDS, STOP
from hefed.core.learning.fitting import Fit, OptimiserState, Step, Vector, floats, moments_of
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.moments import Moments
from hefed.core.protocol.requests import SigmoidSpec

__all__ = ["MAX_ROUNDS", "STOP", "Fit", "OptimiserState", "Step", "advance", "fitted", "scaled_betas", "start"]


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
    step = Step(kind="gradient", beta=floats(beta), sigmoid=choice.spec)
    dim = len(moments.columns)
    upper = np.triu_indices(dim)
    state = OptimiserState(
        columns=moments.columns,
        totals=floats(np.r_[(moments.survivors + moments.deaths)[upper], moments.deaths[upper]]),
        step=step,
        bias=choice.bias,
        curvature=floats(moments_.first_curvature(beta, moments)[upper]),
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
    kind, values = kind_named(state.step.kind), np.asarray(totals, dtype=np.float64)
    if not kind.leaves_job_open:
        raise BadInput("rounds.fit_complete", kind=kind.name)
    expected = len(kind.total_names(len(state.columns)))
    if len(values) != expected:
        raise BadInput("rounds.totals", found=len(values), kind=kind.name, expected=expected)
    state = kind.advance(state, moments_of(state), values)
    return state, state.step


def fitted(state: OptimiserState) -> Fit:
    """The finished model; raises BadInput before the Hessian is in."""
    if not state.covariance:
        raise BadInput("rounds.not_fitted", kind=state.step.kind)
    moments, dim = moments_of(state), len(state.columns)
    covariance = moments_.symmetric(state.covariance, dim)
    return Fit(state.columns, np.array(state.step.beta), covariance, state.rounds, moments.n, moments.counts[1])


def scaled_betas(beta: Sequence[float] | Vector, spec: SigmoidSpec) -> Vector:
    """What is encrypted for a gradient or Hessian round: with these, sum_j x_j b_j is the Chebyshev variable."""
    scaled = np.array(beta, dtype=np.float64)
    scaled[0] -= spec.centre
    return scaled / spec.half_width
