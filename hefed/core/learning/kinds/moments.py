"""Moments: the second moments of the pool by outcome, with which a job begins."""

from hefed.core.ckks.ops import Operations, V
from hefed.core.learning.kinds.kind import ENCRYPTED, SIGMOID_FREE, Handlers, R_co, TotalsKind, Words, gettext_noop
from hefed.core.learning.kinds.pieces import Block, Task, accumulate_products, column_pairs


class MomentsRound(TotalsKind):
    """Sums of x_j x_k over everybody and over the deaths. ``hefed.core.learning.moments.check`` judges them."""

    name = "moments"
    words = Words(label=gettext_noop("Moments"), leaves=ENCRYPTED)
    levels = {SIGMOID_FREE: 2}
    outcome_level = 2
    low_columns = True
    schedule = (SIGMOID_FREE,)
    loads_blocks = True
    large_partials = True

    def handled_by(self, handlers: Handlers[R_co]) -> R_co:
        return handlers.begin()

    def total_names(self, n_columns: int) -> list[str]:
        """``x0*x0``, ``x0*x1``, ..., then the same with ``y*`` in front."""
        pairs = column_pairs(n_columns)
        return [f"x{j}*x{k}" for j, k in pairs] + [f"y*x{j}*x{k}" for j, k in pairs]

    def accumulator_length(self, n_columns: int) -> int:
        return len(column_pairs(n_columns))

    def places(self, n_columns: int) -> list[tuple[int, bool]]:
        pairs = self.accumulator_length(n_columns)
        return [(index, half) for half in (False, True) for index in range(pairs)]

    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        """M_jk += x_j (1 + i y) x_k for j <= k: the sums with and without the outcome in one ciphertext.

        Shape:  d columns -> d (d + 1) / 2 sums of (slots,)
        Levels: 2; accumulates at level 1
        Keys:   relinearisation key
        Error:  4e-5 on a sum of 8,192 products (28 bits)
        Raises: LevelExhausted
        Source: docs/circuits/moments.md
        """
        both = ops.add_constant(ops.times_monomial(block.outcome), 1.0)
        split = [ops.rescale(ops.relinearise(ops.multiply(column, both))) for column in block.columns]
        pairs = column_pairs(len(split))
        return accumulate_products(ops, total, [(split[j], block.low[k]) for j, k in pairs])
