"""The one table of kinds of rounds, and a round over blocks of one kind."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from hefed.core.ckks.ops import Operations, V
from hefed.core.errors import BadInput
from hefed.core.learning.kinds.admission import AdmissionRound
from hefed.core.learning.kinds.evaluation import EvaluationRound
from hefed.core.learning.kinds.gradient import GradientRound
from hefed.core.learning.kinds.hessian import HessianRound
from hefed.core.learning.kinds.kind import SIGMOID_FREE, RoundKind
from hefed.core.learning.kinds.moments import MomentsRound
from hefed.core.learning.kinds.pieces import Block, Scores, Task
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.requests import SigmoidSpec

KINDS: dict[str, RoundKind] = {
    AdmissionRound.name: AdmissionRound(),
    MomentsRound.name: MomentsRound(),
    GradientRound.name: GradientRound(),
    HessianRound.name: HessianRound(),
    EvaluationRound.name: EvaluationRound(),
}


def kind_named(name: str) -> RoundKind:
    """The kind of that name; raises BadInput for one that is not in the table."""
    try:
        return KINDS[name]
    except KeyError:
        raise BadInput("rounds.kind_unknown", kind=name[:20], known=tuple(KINDS)) from None


def first_kind() -> RoundKind:
    """The kind of round with which every job begins."""
    return next(kind for kind in KINDS.values() if kind.begins_job)


def may_follow(name: str, previous: str) -> bool:
    """Whether a job may ask for this kind after that one; False for a name that is not in the table."""
    return name in KINDS and previous in KINDS[name].follows


def _known(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return name


KnownKind = Annotated[str, AfterValidator(_known)]  # the type of a kind's name in a file that a person writes


def total_names(kind: RequestKind, n_columns: int) -> list[str]:
    """Names of the totals in one request, in order; raises BadInput for a kind that is not in the table."""
    return kind_named(kind).total_names(n_columns)


@dataclass(frozen=True)
class RoundCircuit:
    """One round over a pool: prepare a block once, accumulate per block, lower a chunk's sums, add, finish.

    ``kind`` is the name of an entry in ``kinds.table``. What its methods compute, and what it costs, the kind says.
    """

    kind: RequestKind
    n_columns: int
    sigmoid: SigmoidSpec | None = None

    def __post_init__(self) -> None:
        if (self.sigmoid is None) == self.round_kind.takes_sigmoid:
            missing = self.sigmoid is None
            raise BadInput("rounds.sigmoid_missing" if missing else "rounds.sigmoid_unused", kind=self.kind)

    @property
    def round_kind(self) -> RoundKind:
        return kind_named(self.kind)

    @property
    def start_level(self) -> int:
        """The level at which columns and coefficients enter; load blocks at it to save memory."""
        return self.round_kind.start_level(SIGMOID_FREE if self.sigmoid is None else self.sigmoid.degree)

    @property
    def accumulator_length(self) -> int:
        """How many ciphertexts a partial sum holds."""
        return self.round_kind.accumulator_length(self.n_columns)

    @property
    def total_names(self) -> list[str]:
        """Names of the totals in the round's request, in order."""
        return self.round_kind.total_names(self.n_columns)

    def prepare(self, ops: Operations[V], columns: Sequence[V], outcome: V) -> Block[V]:
        """Drop the columns to where the circuit needs them and pack the pairs; does not depend on the coefficients."""
        if len(columns) != self.n_columns:
            raise BadInput("rounds.block_columns", kind=self.kind, found=len(columns), columns=self.n_columns)
        return self.round_kind.prepare(ops, columns, outcome, self.start_level)

    def accumulate(
        self, ops: Operations[V], total: list[V] | None, block: Block[V], betas: Sequence[V] = ()
    ) -> list[V]:
        """Add one block's sums to ``total`` (consumed; None at the start)."""
        return self.round_kind.accumulate(ops, total, block, Task(betas, self.sigmoid))

    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        """Relinearise and rescale a chunk's sums to level 0; consumes ``total``."""
        return self.round_kind.lower(ops, total)

    def chunk(self, ops: Operations[V], blocks: Iterable[Block[V]], betas: Sequence[V]) -> Iterator[V]:
        """What a worker leaves of its blocks, all at level 0: their lowered sums, or each block's scores."""
        return self.round_kind.chunk(ops, blocks, Task(betas, self.sigmoid))

    def add(self, ops: Operations[V], a: Sequence[V], b: Iterable[V]) -> list[V]:
        """Sum of two chunks' lowered sums; consumes ``a``."""
        return [ops.accumulate(left, right) for left, right in zip(a, b, strict=True)]

    def finish(self, ops: Operations[V], lowered: Sequence[V]) -> Iterator[V]:
        """Blinded ciphertexts, one per name of ``total_names`` and in that order, made one at a time."""
        return self.round_kind.finish(ops, lowered, self.n_columns)

    def scores(self, ops: Operations[V], block: Block[V], betas: Sequence[V]) -> Scores[V]:
        """Row scores of one block, of a kind that carries scores."""
        return self.round_kind.scores(ops, block, Task(betas, self.sigmoid))
