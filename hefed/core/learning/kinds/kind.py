"""What every kind of round says of itself: its circuit, its totals, its place in a job, its cost and its words.

A new kind is one subclass of ``TotalsKind`` and one entry in ``table.KINDS``. Instances have no state;
``table.RoundCircuit`` joins a kind with a number of columns and a sigmoid.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hefed.core.ckks.ops import Operations, V
from hefed.core.ckks.params import Profile
from hefed.core.ckks.totals import sealed_bytes
from hefed.core.errors import BadInput, NotAtLevelZero
from hefed.core.learning.fitting import OptimiserState
from hefed.core.learning.kinds.pieces import FINISH_LEVEL, Block, Scores, Task, packed_pairs
from hefed.core.learning.moments import Moments
from hefed.core.protocol.base import Role
from hefed.core.protocol.requests import CohortPart, Request

Vector = NDArray[np.float64]
Payload = Literal["totals", "scores"]
R_co = TypeVar("R_co", covariant=True)
SIGMOID_FREE = 0  # stands for a degree where a round takes no sigmoid


def gettext_noop(text: str) -> str:
    """Mark an English text for the catalogue; the page that shows it translates it."""
    return text


@dataclass(frozen=True)
class Words:
    """English texts for pages, each with its Korean in the catalogue. ``leaves``: what an answer makes readable."""

    label: str
    leaves: str


ENCRYPTED = gettext_noop("Nothing readable: only fresh encryptions and how far the fit has settled")


class Handlers(Protocol[R_co]):
    """What a key holder can do with a request; a kind of round names which (``RoundKind.handled_by``)."""

    def admit(self) -> R_co:
        """Judge a batch by its sums."""

    def begin(self) -> R_co:
        """Begin a job with its first totals."""

    def advance(self) -> R_co:
        """Take the totals of a round in the middle of a job and name the next."""

    def evaluate(self) -> R_co:
        """Read scores and end the job with its result."""


class RoundKind(ABC):
    """One kind of round.

    ``name`` travels in messages and stands in the database. ``levels``: the level at which columns and coefficients
    enter, by degree of the sigmoid (``SIGMOID_FREE``: the round takes none). ``outcome_level``, ``packed_level`` and
    ``low_columns`` say what a block is prepared into. ``follows``: the kinds after which a job may ask for this one.
    ``schedule``: the degrees of the rounds of this kind that a typical job has. ``closing_rounds``: how many rounds a
    job has left with this one, where that is certain. ``iterates``: a job has many, so that their mean time foretells
    the rest.
    """

    name: ClassVar[str]
    words: ClassVar[Words]

    levels: ClassVar[Mapping[int, int]]
    outcome_level: ClassVar[int]
    packed_level: ClassVar[int | None] = None
    low_columns: ClassVar[bool] = False

    belongs_to_job: ClassVar[bool] = True
    roles: ClassVar[tuple[Role, ...]] = ("train",)
    follows: ClassVar[frozenset[str]] = frozenset()
    outcomes: ClassVar[frozenset[str]] = frozenset({"next", "refused", "failed"})
    payload: ClassVar[Payload] = "totals"

    schedule: ClassVar[tuple[int, ...]] = ()
    loads_blocks: ClassVar[bool] = False
    large_partials: ClassVar[bool] = False
    iterates: ClassVar[bool] = False
    closing_rounds: ClassVar[int | None] = None

    # ---- its place in a job ------------------------------------------------------------------------------------------

    @property
    def begins_job(self) -> bool:
        return self.belongs_to_job and not self.follows

    @property
    def leaves_job_open(self) -> bool:
        """Whether another round can come after it."""
        return "next" in self.outcomes

    @property
    def held_out(self) -> bool:
        """Whether it runs over the patients that no training round touches."""
        return "train" not in self.roles

    @property
    def returns_to_blocks(self) -> bool:
        """Whether a later round of the job reads the same blocks, so that a worker keeps them."""
        return self.belongs_to_job and not self.held_out

    @property
    def carries_scores(self) -> bool:
        return self.payload == "scores"

    @property
    def takes_sigmoid(self) -> bool:
        return SIGMOID_FREE not in self.levels

    @property
    def takes_coefficients(self) -> bool:
        """Whether the custodian sends encrypted coefficients for it."""
        return bool(self.follows)

    def trained_on(self, request: Request) -> list[CohortPart]:
        """The training pool that a request of this kind rests on."""
        return request.train_cohort if self.held_out else request.cohort

    def handled_by(self, handlers: Handlers[R_co]) -> R_co:
        return handlers.advance()

    # ---- its numbers -------------------------------------------------------------------------------------------------

    @abstractmethod
    def total_names(self, n_columns: int) -> list[str]:
        """Names of the totals in one request, in order; ``y`` is the outcome, ``x0`` the intercept."""

    @abstractmethod
    def opened_names(self, n_columns: int) -> list[str]:
        """Names of what a key holder opens, in order: of the totals, or of the parts of one block's scores."""

    @abstractmethod
    def payload_bytes(self, profile: Profile, n_columns: int, blocks: int) -> int:
        """What a request carries to the custodian, without the envelope's header."""

    def implausible(self, state: OptimiserState, moments: Moments, totals: Vector) -> bool:
        """Whether these totals cannot be those of rows inside the sigmoid's interval."""
        return not bool(np.all(np.isfinite(totals)))

    def advance(self, state: OptimiserState, moments: Moments, totals: Vector) -> OptimiserState:
        """The optimiser after a round of this kind."""
        raise BadInput("rounds.fit_takes_nothing", kind=self.name)

    # ---- its circuit -------------------------------------------------------------------------------------------------

    def start_level(self, degree: int = SIGMOID_FREE) -> int:
        """The level at which columns and coefficients enter: the lowest that leaves the results at level 0."""
        try:
            return self.levels[degree]
        except KeyError:
            known = tuple(sorted(self.levels))
            raise BadInput("rounds.degree_unknown", kind=self.name, degree=degree, known=known) from None

    def prepare(self, ops: Operations[V], columns: Sequence[V], outcome: V, level: int) -> Block[V]:
        """Drop the columns to where the circuit needs them and pack the pairs."""
        start = tuple(ops.drop_to(column, level) for column in columns)
        low = tuple(ops.drop_to(column, FINISH_LEVEL) for column in start) if self.low_columns else ()
        packed = () if self.packed_level is None else tuple(packed_pairs(ops, start, self.packed_level))
        return Block(start, low, packed, ops.drop_to(outcome, self.outcome_level))

    @abstractmethod
    def accumulator_length(self, n_columns: int) -> int:
        """How many ciphertexts a partial sum holds."""

    @abstractmethod
    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        """Add one block's sums to ``total`` (consumed; None at the start)."""

    @abstractmethod
    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        """Relinearise and rescale a chunk's sums to level 0; consumes ``total``."""

    @abstractmethod
    def finish(self, ops: Operations[V], lowered: Sequence[V], n_columns: int) -> Iterator[V]:
        """Blinded ciphertexts, one per name of ``total_names`` and in that order, made one at a time."""

    @abstractmethod
    def scores(self, ops: Operations[V], block: Block[V], task: Task[V]) -> Scores[V]:
        """Row scores of one block at level 0."""

    @abstractmethod
    def chunk(self, ops: Operations[V], blocks: Iterable[Block[V]], task: Task[V]) -> Iterator[V]:
        """What a worker leaves of its blocks, all at level 0: their lowered sums, or each block's scores."""


class TotalsKind(RoundKind):
    """A kind of round whose payload is totals. An accumulator is a list of three-part ciphertexts at level 1; a lowered
    one, which leaves a chunk, of two-part ciphertexts at level 0, a quarter of the size."""

    @abstractmethod
    def places(self, n_columns: int) -> list[tuple[int, bool]]:
        """Where each total of ``total_names`` lies: (place in the accumulator, whether it is the imaginary half)."""

    def opened_names(self, n_columns: int) -> list[str]:
        return self.total_names(n_columns)

    def payload_bytes(self, profile: Profile, n_columns: int, blocks: int) -> int:
        return len(self.total_names(n_columns)) * sealed_bytes(profile)

    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        return [ops.rescale(ops.relinearise(value)) for value in total]

    def finish(self, ops: Operations[V], lowered: Sequence[V], n_columns: int) -> Iterator[V]:
        """Add a fresh encryption of zero to each sum, and bring out the second total of a pair.

        Both totals of a pair share their zero: the custodian gets two words of one c0 with the c1 that belongs to them,
        so it learns these two totals, which are meant for it, and nothing of the other coefficients.

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
        for index, imaginary in self.places(n_columns):
            if index not in blinded:
                blinded[index] = ops.blind(lowered[index])
            yield ops.times_monomial(blinded[index], -1) if imaginary else blinded[index]

    def scores(self, ops: Operations[V], block: Block[V], task: Task[V]) -> Scores[V]:
        raise BadInput("rounds.no_scores", kind=self.name)

    def chunk(self, ops: Operations[V], blocks: Iterable[Block[V]], task: Task[V]) -> Iterator[V]:
        total: list[V] | None = None
        for block in blocks:
            total = self.accumulate(ops, total, block, task)
        yield from self.lower(ops, total or [])
