"""What circuits of rounds share: blocks, pairs of columns, sums over them.

Columns are packed in pairs where only totals matter: X_2m + i X_2m+1 times a real vector carries two totals in one
ciphertext, and a product with -i (a monomial, free of level and scale) brings the second one out at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Generic

from hefed.core.ckks.ops import Operations, V
from hefed.core.errors import BadInput
from hefed.core.protocol.requests import SigmoidSpec


def column_pairs(n_columns: int) -> list[tuple[int, int]]:
    """All (j, k) with j <= k, row by row: the upper triangle of a symmetric matrix."""
    return list(combinations_with_replacement(range(n_columns), 2))


def halves(n_columns: int) -> int:
    """How many ciphertexts hold the columns two by two: X_0 + i X_1, X_2 + i X_3, ..."""
    return (n_columns + 1) // 2


FINISH_LEVEL = 1  # where sums are accumulated: one rescale above a total


@dataclass(frozen=True)
class Block(Generic[V]):
    """A block made ready for one kind of round.

    ``columns`` at the level the circuit starts from, ``low`` the same at level 1 and ``packed`` pairs of columns, both
    only where the kind wants them, ``outcome`` at the level of its use.
    """

    columns: tuple[V, ...]
    low: tuple[V, ...]
    packed: tuple[V, ...]
    outcome: V


@dataclass(frozen=True)
class Task(Generic[V]):
    """What the custodian sent for a round: an encrypted coefficient per column, and the sigmoid they are scaled for."""

    betas: Sequence[V] = ()
    sigmoid: SigmoidSpec | None = None

    def needed_sigmoid(self, kind: str) -> SigmoidSpec:
        """The sigmoid of a round that cannot do without; raises BadInput when there is none."""
        if self.sigmoid is None:
            raise BadInput("rounds.sigmoid_missing", kind=kind)
        return self.sigmoid


@dataclass(frozen=True)
class Scores(Generic[V]):
    """Row scores of one holdout block at level 0: linear predictor, outcome, and 1 for a real row."""

    score: V
    outcome: V
    mask: V


def linear_predictor(ops: Operations[V], columns: Sequence[V], betas: Sequence[V]) -> V:
    """sum_j X_j beta_j: tensor products, one relinearisation, one rescale.

    Shape:  d columns x (slots,) and d constants -> (slots,)
    Levels: 1
    Keys:   relinearisation key
    Error:  1e-6 to 2e-6 a slot
    Raises: LevelExhausted; BadInput when the numbers of columns and coefficients differ
    Source: docs/circuits/gradient.md
    """
    if len(columns) != len(betas):
        raise BadInput("rounds.coefficients", columns=len(columns), coefficients=len(betas))
    total: V | None = None
    for column, beta in zip(columns, betas, strict=True):
        total = ops.multiply_add(total, column, ops.drop_to(beta, ops.level(column)))
    if total is None:
        raise BadInput("rounds.no_columns")
    return ops.rescale(ops.relinearise(total))


def accumulate_products(ops: Operations[V], total: list[V] | None, factors: Sequence[tuple[V, V]]) -> list[V]:
    """Add a product to each sum, without relinearisation; ``total`` is consumed, None at the start."""
    if total is None:
        return [ops.multiply(a, b) for a, b in factors]
    return [ops.multiply_add(sum_, a, b) for sum_, (a, b) in zip(total, factors, strict=True)]


def packed_pairs(ops: Operations[V], columns: Sequence[V], level: int) -> Iterator[V]:
    """X_0 + i X_1, X_2 + i X_3, ...; an odd last column stands alone."""
    low = [ops.drop_to(column, level) for column in columns]
    for index in range(0, len(low) - 1, 2):
        yield ops.add(low[index], ops.times_monomial(low[index + 1]))
    if len(low) % 2:
        yield low[-1]
