"""The circuits of a round, written once against ``Operations``. What each computes: docs/circuits/.

Columns are packed in pairs where only totals matter: X_2m + i X_2m+1 times a real vector carries two totals in one
ciphertext, and a product with -i (a monomial, free of level and scale) brings the second one out at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from hefed.ckks.ops import Operations, V
from hefed.errors import BadInput, NotAtLevelZero
from hefed.learning.chebyshev import Series
from hefed.learning.sigmoid import coefficients, derivative_coefficients, start_level
from hefed.learning.totals import column_pairs
from hefed.protocol.messages import RequestKind, SigmoidSpec

FINISH_LEVEL = 1  # where sums are accumulated: one rescale above a total
_COLUMN_LEVELS = {"admission": 1, "moments": 2, "evaluation": 1}
_PACKED_LEVELS = {"gradient": 1, "hessian": 2}


@dataclass(frozen=True)
class Block(Generic[V]):
    """A block made ready for one kind of round; a worker keeps it hot.

    ``columns`` at the level the circuit starts from, ``low`` the same at level 1 (Hessian, moments), ``packed`` pairs
    of columns (gradient at level 1, Hessian at 2), ``outcome`` at the level of its use.
    """

    columns: tuple[V, ...]
    low: tuple[V, ...]
    packed: tuple[V, ...]
    outcome: V


@dataclass(frozen=True)
class Scores(Generic[V]):
    """Row scores of one holdout block at level 0: linear predictor, outcome, and 1 for a real row."""

    score: V
    outcome: V
    mask: V


@dataclass(frozen=True)
class RoundCircuit:
    """One kind of round over a pool: prepare a block once, accumulate per block, lower a chunk's sums, add, finish.

    ``sigmoid`` belongs to gradient and Hessian rounds. An accumulator is a list of three-part ciphertexts at level 1; a
    lowered one, which leaves a chunk, of two-part ciphertexts at level 0, a quarter of the size.
    """

    kind: RequestKind
    n_columns: int
    sigmoid: SigmoidSpec | None = None

    def __post_init__(self) -> None:
        if (self.sigmoid is None) == (self.kind in ("gradient", "hessian")):
            missing = self.sigmoid is None
            raise BadInput("rounds.sigmoid_missing" if missing else "rounds.sigmoid_unused", kind=self.kind)

    @property
    def start_level(self) -> int:
        """The level at which columns and coefficients enter; load blocks at it to save memory."""
        if self.kind in ("gradient", "hessian") and self.sigmoid:
            return start_level("gradient" if self.kind == "gradient" else "hessian", self.sigmoid.degree)
        return _COLUMN_LEVELS[self.kind]

    @property
    def accumulator_length(self) -> int:
        """How many ciphertexts a partial sum holds."""
        if self.kind == "evaluation":
            return 0
        if self.kind == "hessian":
            return sum(self.n_columns - 2 * row for row in range(_pairs(self.n_columns)))
        if self.kind == "moments":
            return len(column_pairs(self.n_columns))
        return _pairs(self.n_columns) if self.kind == "gradient" else 2 * self.n_columns + 1

    def prepare(self, ops: Operations[V], columns: Sequence[V], outcome: V) -> Block[V]:
        """Drop the columns to where the circuit needs them and pack the pairs; does not depend on the coefficients."""
        self._check_width(len(columns))
        start = tuple(ops.drop_to(column, self.start_level) for column in columns)
        low: tuple[V, ...] = ()
        if self.kind in ("hessian", "moments"):
            low = tuple(ops.drop_to(column, FINISH_LEVEL) for column in start)
        packed: tuple[V, ...] = ()
        if self.kind in _PACKED_LEVELS:
            packed = tuple(_packed_pairs(ops, start, _PACKED_LEVELS[self.kind]))
        outcome_level = {"gradient": 1, "admission": 1, "evaluation": 0}.get(self.kind, 2)
        return Block(start, low, packed, ops.drop_to(outcome, outcome_level))

    def accumulate(
        self, ops: Operations[V], total: list[V] | None, block: Block[V], betas: Sequence[V] = ()
    ) -> list[V]:
        """Add one block's sums to ``total`` (consumed; None at the start)."""
        if self.kind == "gradient" and self.sigmoid:
            return gradient_block(ops, total, block, betas, Series.of(coefficients(self.sigmoid)))
        if self.kind == "hessian" and self.sigmoid:
            return hessian_block(ops, total, block, betas, Series.of(derivative_coefficients(self.sigmoid)))
        if self.kind == "moments":
            return moments_block(ops, total, block)
        if self.kind == "admission":
            return admission_block(ops, total, block)
        raise BadInput("rounds.evaluation_accumulated")

    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        """Relinearise and rescale a chunk's sums to level 0; consumes ``total``."""
        done = self.n_columns if self.kind == "admission" else 0  # plain sums, at level 0 already
        return [value if index < done else ops.rescale(ops.relinearise(value)) for index, value in enumerate(total)]

    def add(self, ops: Operations[V], a: Sequence[V], b: Iterable[V]) -> list[V]:
        """Sum of two chunks' lowered sums; consumes ``a``."""
        return [ops.accumulate(left, right) for left, right in zip(a, b, strict=True)]

    def finish(self, ops: Operations[V], lowered: Sequence[V]) -> Iterator[V]:
        """Blinded ciphertexts, one per name of ``total_names`` and in that order, made one at a time."""
        return finish_totals(ops, self, lowered)

    def scores(self, ops: Operations[V], block: Block[V], betas: Sequence[V]) -> Scores[V]:
        """Evaluation only."""
        return score_block(ops, block, betas)

    def _check_width(self, found: int) -> None:
        if found != self.n_columns:
            raise BadInput("rounds.block_columns", kind=self.kind, found=found, columns=self.n_columns)


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


def gradient_block(
    ops: Operations[V], total: list[V] | None, block: Block[V], betas: Sequence[V], sigmoid: Series
) -> list[V]:
    """G_m += (X_2m + i X_2m+1) (sigmoid(u) - y), without relinearisation.

    Shape:  d columns -> ceil(d / 2) sums of (slots,)
    Levels: 1 (u) + depth of the series + 1 (at the end); accumulates at level 1
    Keys:   relinearisation key
    Error:  4e-6 a slot, 1e-4 a total of 8,192 rows
    Raises: LevelExhausted
    Source: docs/circuits/gradient.md
    """
    u = linear_predictor(ops, block.columns, betas)
    residual = ops.subtract(sigmoid.evaluate(ops, u, FINISH_LEVEL, ops.profile.scale), block.outcome)
    return _accumulate_products(ops, total, [(pair, residual) for pair in block.packed])


def hessian_block(
    ops: Operations[V], total: list[V] | None, block: Block[V], betas: Sequence[V], slope: Series
) -> list[V]:
    """H_m,k += (s X_2m + i s X_2m+1) X_k for k >= 2m, with s = sigmoid'(u).

    Shape:  d columns -> about d^2 / 4 sums of (slots,)
    Levels: 1 (u) + 6 (slope, degree 31) + 1 (weights) + 1 (at the end): starts at 9, accumulates at 1
    Keys:   relinearisation key
    Error:  4e-6 a slot, 6e-5 a total of 8,192 rows
    Raises: LevelExhausted
    Source: docs/circuits/hessian.md
    """
    u = linear_predictor(ops, block.columns, betas)
    weight = slope.evaluate(ops, u, FINISH_LEVEL + 1, ops.profile.scale)
    products = []
    for row, pair in enumerate(block.packed):
        weighted = ops.rescale(ops.relinearise(ops.multiply(weight, pair)))
        products += [(weighted, column) for column in block.low[2 * row :]]
    return _accumulate_products(ops, total, products)


def moments_block(ops: Operations[V], total: list[V] | None, block: Block[V]) -> list[V]:
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
    return _accumulate_products(ops, total, [(split[j], block.low[k]) for j, k in pairs])


def admission_block(ops: Operations[V], total: list[V] | None, block: Block[V]) -> list[V]:
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
    squares = _accumulate_products(ops, total[width:] if total else None, products)
    if total:
        sums = [ops.accumulate(total[index], value) for index, value in enumerate(sums)]
    return sums + squares


def score_block(ops: Operations[V], block: Block[V], betas: Sequence[V]) -> Scores[V]:
    """Row scores for the custodian, each under a fresh encryption of zero.

    Shape:  d columns -> three times (slots,)
    Levels: 1 -> 0
    Keys:   relinearisation key, public key (fresh zeros)
    Error:  2e-6 a score
    Raises: LevelExhausted
    Source: docs/circuits/evaluation.md
    """
    score = linear_predictor(ops, block.columns, betas)
    mask = ops.drop_to(block.columns[0], 0)
    return Scores(ops.blind(score), ops.blind(block.outcome), ops.blind(mask))


def finish_totals(ops: Operations[V], circuit: RoundCircuit, lowered: Sequence[V]) -> Iterator[V]:
    """Add a fresh encryption of zero to each sum, and bring out the second total of a pair.

    Both totals of a pair share their zero: the custodian gets two words of one c0 with the c1 that belongs to them, so
    it learns these two totals, which are meant for it, and nothing of the other coefficients.

    Shape:  ``accumulator_length`` sums -> one ciphertext per name of ``total_names``
    Levels: 0
    Keys:   public key (fresh zeros)
    Error:  that of a fresh encryption
    Raises: NotAtLevelZero
    Source: docs/circuits/totals.md
    """
    for value in lowered:
        if ops.level(value):
            raise NotAtLevelZero("rounds.not_lowered", level=ops.level(value))
    blinded: dict[int, V] = {}
    for index, imaginary in _places(circuit):
        if index not in blinded:
            blinded[index] = ops.blind(lowered[index])
        yield ops.times_monomial(blinded[index], -1) if imaginary else blinded[index]


def _places(circuit: RoundCircuit) -> list[tuple[int, bool]]:
    """Where each total of ``total_names`` lies: (accumulator, whether it is its imaginary half)."""
    width = circuit.n_columns
    if circuit.kind == "gradient":
        return [(column // 2, column % 2 == 1) for column in range(width)]
    if circuit.kind == "moments":
        pairs = len(column_pairs(width))
        return [(index, half) for half in (False, True) for index in range(pairs)]
    if circuit.kind == "hessian":
        starts = [sum(width - 2 * before for before in range(row)) for row in range(_pairs(width))]
        return [(starts[j // 2] + k - 2 * (j // 2), j % 2 == 1) for j, k in column_pairs(width)]
    sums, squares = range(width), range(width + 1, 2 * width)
    deaths = [(width + column, True) for column in range(width)]
    return [*((index, False) for index in (*sums, *squares)), *deaths, (2 * width, False)]


def _accumulate_products(ops: Operations[V], total: list[V] | None, factors: Sequence[tuple[V, V]]) -> list[V]:
    if total is None:
        return [ops.multiply(a, b) for a, b in factors]
    return [ops.multiply_add(sum_, a, b) for sum_, (a, b) in zip(total, factors, strict=True)]


def _packed_pairs(ops: Operations[V], columns: Sequence[V], level: int) -> Iterator[V]:
    """X_0 + i X_1, X_2 + i X_3, ...; an odd last column stands alone."""
    low = [ops.drop_to(column, level) for column in columns]
    for index in range(0, len(low) - 1, 2):
        yield ops.add(low[index], ops.times_monomial(low[index + 1]))
    if len(low) % 2:
        yield low[-1]


def _pairs(width: int) -> int:
    return (width + 1) // 2
