"""Gradient: the slope of the log-likelihood at the current coefficients, many times a job."""

from hefed.core.ckks.ops import Operations, V
from hefed.core.learning import descent, plausibility
from hefed.core.learning.fitting import OptimiserState, can_widen
from hefed.core.learning.kinds.kind import ENCRYPTED, TotalsKind, Vector, Words, gettext_noop
from hefed.core.learning.kinds.pieces import FINISH_LEVEL, Block, Task, accumulate_products, halves, linear_predictor
from hefed.core.learning.moments import Moments
from hefed.core.learning.sigmoid import Series, coefficients


class GradientRound(TotalsKind):
    """Sums of x_j (p - y). Seven to fifteen were seen on two real and eight simulated cohorts, the early ones of
    degree 15."""

    name = "gradient"
    words = Words(label=gettext_noop("Gradient"), leaves=ENCRYPTED)
    levels = {15: 7, 31: 8, 63: 9}
    outcome_level = 1
    packed_level = 1
    follows = frozenset({"moments", "gradient", "hessian"})  # the true curvature may show an early stop
    schedule = (15,) * 5 + (31,) * 4
    iterates = True

    def total_names(self, n_columns: int) -> list[str]:
        """``g0``, ``g1``, ..."""
        return [f"g{j}" for j in range(n_columns)]

    def accumulator_length(self, n_columns: int) -> int:
        return halves(n_columns)

    def places(self, n_columns: int) -> list[tuple[int, bool]]:
        return [(column // 2, column % 2 == 1) for column in range(n_columns)]

    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        """G_m += (X_2m + i X_2m+1) (sigmoid(u) - y), without relinearisation.

        Shape:  d columns -> ceil(d / 2) sums of (slots,)
        Levels: 1 (u) + depth of the series + 1 (at the end); accumulates at level 1
        Keys:   relinearisation key
        Error:  4e-6 a slot, 1e-4 a total of 8,192 rows
        Raises: LevelExhausted
        Source: docs/circuits/gradient.md
        """
        series = Series.of(coefficients(task.needed_sigmoid(self.name)))
        u = linear_predictor(ops, block.columns, task.betas)
        residual = ops.subtract(series.evaluate(ops, u, FINISH_LEVEL, ops.profile.scale), block.outcome)
        return accumulate_products(ops, total, [(pair, residual) for pair in block.packed])

    def implausible(self, state: OptimiserState, moments: Moments, totals: Vector) -> bool:
        """Beyond what any rows give, or, where a wider interval exists, at odds with the gradient before."""
        if plausibility.exploded(totals, moments):
            return True
        return can_widen(state) and descent.contradicts_last(state, moments, totals)

    def advance(self, state: OptimiserState, moments: Moments, totals: Vector) -> OptimiserState:
        return descent.after_gradient(state, moments, totals, implausible=self.implausible(state, moments, totals))
