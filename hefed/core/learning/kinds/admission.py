"""Admission: the sums of one batch, by which a custodian judges rows that nobody can see."""

from collections.abc import Sequence

from hefed.core.ckks.ops import Operations, V
from hefed.core.learning.kinds.kind import SIGMOID_FREE, Handlers, R_co, TotalsKind, Words, gettext_noop
from hefed.core.learning.kinds.pieces import Block, Task, accumulate_products


class AdmissionRound(TotalsKind):
    """Sums of x_j, of its square and of y x_j over all rows of a batch."""

    name = "admission"
    words = Words(
        label=gettext_noop("Admission check"),
        leaves=gettext_noop("The verdict and its reasons; Table 1 only where results are released without approval"),
    )
    levels = {SIGMOID_FREE: 1}
    outcome_level = 1
    belongs_to_job = False
    roles = ("train", "holdout")
    outcomes = frozenset({"admitted", "quarantined", "refused", "failed"})

    def handled_by(self, handlers: Handlers[R_co]) -> R_co:
        return handlers.admit()

    def total_names(self, n_columns: int) -> list[str]:
        """``x0``, ``x1``, ..., ``x1*x1``, ..., ``y*x0``, ..., ``y*y``: x0*x0 = x0 and y*x0 = y on every real row."""
        columns = range(n_columns)
        sums = [f"x{j}" for j in columns] + [f"x{j}*x{j}" for j in columns[1:]]
        return [*sums, *(f"y*x{j}" for j in columns), "y*y"]

    def accumulator_length(self, n_columns: int) -> int:
        return 2 * n_columns + 1

    def places(self, n_columns: int) -> list[tuple[int, bool]]:
        sums, squares = range(n_columns), range(n_columns + 1, 2 * n_columns)
        deaths = [(n_columns + column, True) for column in range(n_columns)]
        return [*((index, False) for index in (*sums, *squares)), *deaths, (2 * n_columns, False)]

    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        """Sums of x_j (level 0), of x_j (x_j + i y), and of y^2.

        Shape:  d columns -> 2 d + 1 sums of (slots,)
        Levels: 1
        Keys:   none here
        Error:  4e-5 on a sum of 8,192 products (28 bits)
        Raises: LevelExhausted
        Source: docs/circuits/moments.md
        """
        width = len(block.columns)
        sums = [ops.drop_to(column, 0) for column in block.columns]
        turned = ops.times_monomial(block.outcome)
        products = [(column, ops.add(column, turned)) for column in block.columns] + [(block.outcome, block.outcome)]
        squares = accumulate_products(ops, total[width:] if total else None, products)
        if total:
            sums = [ops.accumulate(total[index], value) for index, value in enumerate(sums)]
        return sums + squares

    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        """The plain sums of the columns are at level 0 already."""
        n_columns = (len(total) - 1) // 2
        return [*total[:n_columns], *super().lower(ops, total[n_columns:])]
