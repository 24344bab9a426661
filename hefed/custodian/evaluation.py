"""Held-out rows as the custodian sees them: score, outcome and hospital of patients in an order that says nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hefed.custodian.opening import Opening, Slots
from hefed.custodian.payload import ScoreBlock
from hefed.errors import BadInput
from hefed.protocol.messages import CohortPart

NEAR = 0.25  # how far an opened 0 or 1 may lie from it; the noise is below 1e-3


@dataclass(frozen=True)
class HoldoutRows:
    """Linear predictor and outcome per patient, by hospital. ``repr`` shows neither."""

    by_institution: dict[str, tuple[Slots, NDArray[np.float64]]]

    def __repr__(self) -> str:
        return f"HoldoutRows({', '.join(f'{name}: {len(y)}' for name, (_, y) in self.by_institution.items())})"


def collect_rows(blocks: Iterable[ScoreBlock], opening: Opening, parts: Sequence[CohortPart]) -> HoldoutRows:
    """Open the blocks, keep the real rows; raises BadInput when they are not the cohort that the request declares."""
    scores: dict[str, list[Slots]] = {part.institution: [] for part in parts}
    outcomes: dict[str, list[Slots]] = {part.institution: [] for part in parts}
    for block in blocks:
        if block.institution not in scores:
            raise BadInput(f"cannot evaluate: a block is of {block.institution}, which is not in the request's cohort")
        real = _zero_or_one(opening.open_slots(block.mask), "row mask") == 1
        scores[block.institution].append(opening.open_slots(block.score)[real])
        outcomes[block.institution].append(_zero_or_one(opening.open_slots(block.outcome)[real], "outcome"))
    rows = {name: (np.concatenate([*scores[name], []]), np.concatenate([*outcomes[name], []])) for name in scores}
    _check_counts(rows, parts)
    return HoldoutRows(rows)


def _zero_or_one(slots: Slots, what: str) -> Slots:
    rounded = np.clip(np.round(slots), 0.0, 1.0)
    wrong = int(np.sum(~(np.abs(slots - rounded) <= NEAR)))
    if wrong:
        raise BadInput(
            f"cannot evaluate: the {what} of {wrong} of {len(slots)} slots is neither 0 nor 1; the server must compute "
            "the scores anew, or a batch was encrypted wrongly"
        )
    return rounded


def _check_counts(rows: dict[str, tuple[Slots, Slots]], parts: Sequence[CohortPart]) -> None:
    for name, (_, outcomes) in rows.items():
        declared = sum(part.rows for part in parts if part.institution == name)
        if len(outcomes) != declared:
            raise BadInput(
                f"cannot evaluate: the blocks of {name} do not hold the {declared} held-out rows that the request "
                "declares; the server must make the request anew"
            )
