"""A kind of round that the product does not have: what somebody who adds one writes."""

from hefed.core.learning.kinds.kind import ENCRYPTED, SIGMOID_FREE, TotalsKind, Words
from hefed.core.learning.kinds.pieces import accumulate_products


class ClassSums(TotalsKind):
    """Sums of y x_j over the training pool: where the deaths lie."""

    name = "class_sums"
    words = Words(label="Sums of the deaths", leaves=ENCRYPTED)
    levels = {SIGMOID_FREE: 1}
    outcome_level = 1
    follows = frozenset({"moments"})
    schedule = (SIGMOID_FREE,)

    def total_names(self, n_columns):
        return [f"y*x{j}" for j in range(n_columns)]

    def accumulator_length(self, n_columns):
        return n_columns

    def places(self, n_columns):
        return [(column, False) for column in range(n_columns)]

    def accumulate(self, ops, total, block, task):
        return accumulate_products(ops, total, [(column, block.outcome) for column in block.columns])
