"""Hessian: the curvature at the optimum, from which standard errors come."""

from hefed.core.ckks.ops import Operations, V
from hefed.core.learning import descent, plausibility
from hefed.core.learning.fitting import OptimiserState, can_widen, coefficients_of
from hefed.core.learning.kinds.kind import ENCRYPTED, TotalsKind, Vector, Words, gettext_noop
from hefed.core.learning.kinds.pieces import (
    FINISH_LEVEL,
    Block,
    Task,
    accumulate_products,
    column_pairs,
    halves,
    linear_predictor,
)
from hefed.core.learning.moments import Moments, symmetric
from hefed.core.learning.sigmoid import HESSIAN_DEGREE, Series, derivative_coefficients


class HessianRound(TotalsKind):
    """Sums of s x_j x_k, with s the slope of the sigmoid."""

    name = "hessian"
    words = Words(label=gettext_noop("Standard errors"), leaves=ENCRYPTED)
    levels = {HESSIAN_DEGREE: 9}
    outcome_level = 2
    packed_level = 2
    low_columns = True
    follows = frozenset({"gradient", "hessian"})
    schedule = (HESSIAN_DEGREE,)
    loads_blocks = True
    large_partials = True
    closing_rounds = 2

    def total_names(self, n_columns: int) -> list[str]:
        """``h0,0``, ``h0,1``, ...: the upper triangle, row by row."""
        return [f"h{j},{k}" for j, k in column_pairs(n_columns)]

    def accumulator_length(self, n_columns: int) -> int:
        return sum(n_columns - 2 * row for row in range(halves(n_columns)))

    def places(self, n_columns: int) -> list[tuple[int, bool]]:
        starts = [sum(n_columns - 2 * before for before in range(row)) for row in range(halves(n_columns))]
        return [(starts[j // 2] + k - 2 * (j // 2), j % 2 == 1) for j, k in column_pairs(n_columns)]

    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        """H_m,k += (s X_2m + i s X_2m+1) X_k for k >= 2m, with s = sigmoid'(u).

        Shape:  d columns -> about d^2 / 4 sums of (slots,)
        Levels: 1 (u) + 6 (slope, degree 31) + 1 (weights) + 1 (at the end): starts at 9, accumulates at 1
        Keys:   relinearisation key
        Error:  4e-6 a slot, 6e-5 a total of 8,192 rows
        Raises: LevelExhausted
        Source: docs/circuits/hessian.md
        """
        series = Series.of(derivative_coefficients(task.needed_sigmoid(self.name)))
        u = linear_predictor(ops, block.columns, task.betas)
        weight = series.evaluate(ops, u, FINISH_LEVEL + 1, ops.profile.scale)
        products = []
        for row, pair in enumerate(block.packed):
            weighted = ops.rescale(ops.relinearise(ops.multiply(weight, pair)))
            products += [(weighted, column) for column in block.low[2 * row :]]
        return accumulate_products(ops, total, products)

    def implausible(self, state: OptimiserState, moments: Moments, totals: Vector) -> bool:
        """Beyond what any rows give, or, where a wider interval exists, far beyond what the moments let expect."""
        hessian = symmetric(totals, len(state.columns))
        if plausibility.hessian_impossible(hessian, moments):
            return True
        return can_widen(state) and plausibility.hessian_too_large(hessian, coefficients_of(state), moments)

    def advance(self, state: OptimiserState, moments: Moments, totals: Vector) -> OptimiserState:
        return descent.after_hessian(state, moments, totals, implausible=self.implausible(state, moments, totals))
