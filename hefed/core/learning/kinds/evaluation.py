"""Evaluation: row scores of held-out patients, with which a job ends."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from hefed.core.ckks.ops import Operations, V
from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import packed_bytes
from hefed.core.errors import BadInput
from hefed.core.learning.kinds.kind import SIGMOID_FREE, Handlers, R_co, RoundKind, Words, gettext_noop
from hefed.core.learning.kinds.pieces import Block, Scores, Task, linear_predictor

SCORE_PARTS = ("score", "outcome", "mask")  # the ciphertexts of one block, in order


class EvaluationRound(RoundKind):
    """Linear predictor, outcome and mask of every held-out row."""

    name = "evaluation"
    words = Words(
        label=gettext_noop("Evaluation"),
        leaves=gettext_noop("The result after the disclosure rules, or only its seal until people approve"),
    )
    levels = {SIGMOID_FREE: 1}
    outcome_level = 0
    roles = ("holdout",)
    follows = frozenset({"hessian"})
    outcomes = frozenset({"result", "sealed", "refused", "failed"})
    payload = "scores"
    schedule = (SIGMOID_FREE,)
    loads_blocks = True
    closing_rounds = 1

    def handled_by(self, handlers: Handlers[R_co]) -> R_co:
        return handlers.evaluate()

    def total_names(self, n_columns: int) -> list[str]:
        return []

    def opened_names(self, n_columns: int) -> list[str]:
        return list(SCORE_PARTS)

    def payload_bytes(self, profile: Profile, n_columns: int, blocks: int) -> int:
        return len(SCORE_PARTS) * blocks * packed_bytes(profile, 0)

    def accumulator_length(self, n_columns: int) -> int:
        return 0

    def scores(self, ops: Operations[V], block: Block[V], task: Task[V]) -> Scores[V]:
        """Row scores for the custodian, each under a fresh encryption of zero.

        Shape:  d columns -> three times (slots,)
        Levels: 1 -> 0
        Keys:   relinearisation key, public key (fresh zeros)
        Error:  2e-6 a score
        Raises: LevelExhausted
        Source: docs/circuits/evaluation.md
        """
        score = linear_predictor(ops, block.columns, task.betas)
        mask = ops.drop_to(block.columns[0], 0)
        return Scores(ops.blind(score), ops.blind(block.outcome), ops.blind(mask))

    def chunk(self, ops: Operations[V], blocks: Iterable[Block[V]], task: Task[V]) -> Iterator[V]:
        for block in blocks:
            scores = self.scores(ops, block, task)
            yield from (scores.score, scores.outcome, scores.mask)

    def accumulate(self, ops: Operations[V], total: list[V] | None, block: Block[V], task: Task[V]) -> list[V]:
        self._has_no_totals("accumulate")

    def lower(self, ops: Operations[V], total: Sequence[V]) -> list[V]:
        self._has_no_totals("lower")

    def finish(self, ops: Operations[V], lowered: Sequence[V], n_columns: int) -> Iterator[V]:
        self._has_no_totals("finish")

    def _has_no_totals(self, step: str) -> NoReturn:
        raise BadInput("rounds.evaluation_has_no_totals", step=step)
