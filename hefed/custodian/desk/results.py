"""From opened numbers to an answer: totals and scores, and the result of a job.

A payload must be of the announced kind, names, sizes and cohort before anything in it is opened. Who opens stands
behind one small interface: a whole key, or the answers of k hospitals put together.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from hefed.core.ckks import wire
from hefed.core.ckks.backend import Decryptor, decode_slots
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.ckks.totals import SealedTotal, sealed_bytes, total_value, unpack_total
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, EnvelopeInvalid
from hefed.core.learning.disclosure import Thresholds
from hefed.core.learning.kinds.evaluation import SCORE_PARTS
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.table_one import pool_tables
from hefed.core.protocol import envelope
from hefed.core.protocol.base import ItemName, Message
from hefed.core.protocol.envelope import Header, Label
from hefed.core.protocol.releases import commit
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.results import Curves, Metrics, Reason, ReleasedResult, SealedResult, TableOne
from hefed.core.threshold.combine import Combination, PartialAnswers
from hefed.core.threshold.shamir import MeanOfProduct, Point, Scheme
from hefed.core.words import Said
from hefed.custodian.desk.guard import Neighbour
from hefed.custodian.keeping.records import BatchRecord, SealedRecord

Slots = NDArray[np.float64]

# ---- what a payload must be ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreBlock:
    """One holdout block of one hospital; every ciphertext at level 0."""

    institution: str
    score: CiphertextWords
    outcome: CiphertextWords
    mask: CiphertextWords


@contextmanager
def open_payload(path: Path, label: Label) -> Iterator[tuple[Header, BinaryIO]]:
    """The header, checked against the study, and the stream behind it."""
    with path.open("rb") as stream:
        header = envelope.read_header(stream)
        envelope.check_label(header, label)
        yield header, stream


def read_totals(path: Path, label: Label, profile: Profile, request: Request, n_columns: int) -> Iterator[SealedTotal]:
    """The sealed totals one at a time (110 kB each), in the order of ``total_names``."""
    with open_payload(path, label) as (header, stream):
        scales = _check_totals(header, request, n_columns, sealed_bytes(profile))
        for item, scale in zip(envelope.iterate(stream, header), scales, strict=True):
            yield unpack_total(profile, item, scale)


def read_scores(path: Path, label: Label, profile: Profile) -> Iterator[ScoreBlock]:
    """The holdout blocks one at a time."""
    with open_payload(path, label) as (header, stream):
        institutions = _check_scores(header, wire.packed_bytes(profile, 0))
        items = envelope.iterate(stream, header)
        for institution in institutions:
            score, outcome, mask = (wire.unpack(profile, next(items), Shape(level=0)) for _ in SCORE_PARTS)
            yield ScoreBlock(institution, score, outcome, mask)


def _check_totals(header: Header, request: Request, n_columns: int, item_bytes: int) -> list[float]:
    if header.meta.get("request_kind") != request.kind:
        raise EnvelopeInvalid("desk.announced_as", found=str(header.meta.get("request_kind"))[:20], kind=request.kind)
    names = kind_named(request.kind).total_names(n_columns)
    if header.meta.get("names") != names:
        raise EnvelopeInvalid("desk.total_names", names=len(names), kind=request.kind, columns=n_columns)
    _check_sizes(header, len(names), item_bytes)
    return _scales(header, len(names))


def _check_sizes(header: Header, count: int, item_bytes: int) -> None:
    if header.items != [item_bytes] * count:
        raise EnvelopeInvalid(
            "desk.item_sizes",
            items=len(header.items),
            largest=max(header.items, default=0),
            expected=count,
            item_bytes=item_bytes,
        )


def _scales(header: Header, count: int) -> list[float]:
    listed = header.meta.get("scales")
    scales = [float(scale) for scale in listed if isinstance(scale, int | float)] if isinstance(listed, list) else []
    if len(scales) != count or not all(math.isfinite(scale) and scale >= 1 for scale in scales):
        raise EnvelopeInvalid("desk.scales", scales=len(scales), totals=count)
    return scales


def _check_scores(header: Header, item_bytes: int) -> list[str]:
    listed = header.meta.get("institutions")
    institutions = [str(name) for name in listed] if isinstance(listed, list) else []
    if not institutions:
        raise EnvelopeInvalid("desk.no_scores")
    _check_sizes(header, len(institutions) * len(SCORE_PARTS), item_bytes)
    return institutions


# ---- who opens -------------------------------------------------------------------------------------------------------


class Opening(Protocol):
    """Whoever can turn this study's ciphertexts into numbers."""

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        """The totals, one by one, in order."""
        ...

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        """Every slot of a level-0 ciphertext: row scores of an evaluation."""
        ...


class SingleKeyOpening:
    """One custodian holds the whole key. Raises BadInput for a ring whose first prime is too wide."""

    def __init__(self, key: SecretKey) -> None:
        self._profile = key.profile
        self._mean = MeanOfProduct(key.profile, key.words[0])
        self._decryptor = Decryptor(key)

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        for total in totals:
            yield total_value(self._profile, total, self._mean(total.c1))

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        return self._decryptor.slots(ciphertext)


class ThresholdOpening:
    """k hospitals of ``group`` open together; ``agree`` says who they are."""

    def __init__(self, scheme: Scheme, answers: Iterable[PartialAnswers], group: Sequence[Point]) -> None:
        self._profile, self._combination = scheme.profile, Combination(scheme, answers, group)

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        for total in totals:
            yield total_value(self._profile, total, self._combination.mean(total.c1))

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        words = self._combination.plaintext(ciphertext).reshape(1, -1)
        return decode_slots(self._profile, 0, ciphertext.scale, words)


@dataclass
class CountingOpening:
    """Passes through and counts, so that the ledger can say how much was opened even when the answer is a refusal."""

    inner: Opening
    count: int = 0

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        for value in self.inner.open_totals(totals):
            self.count += 1
            yield value

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        slots = self.inner.open_slots(ciphertext)
        self.count += len(slots)
        return slots


def tables_of_pool(
    cohort: Iterable[CohortPart], batches: Iterable[BatchRecord], columns: Sequence[Column], thresholds: Thresholds
) -> dict[str, TableOne]:
    """Table 1 of the hospitals in a job's pool, from the sums that were opened when their batches were admitted.

    Those sums run over all patients of a batch, held-out ones included.
    """
    pool = {part.batch for part in cohort}
    sums: dict[str, list[list[float]]] = {}
    for batch in batches:
        if batch.batch in pool:
            sums.setdefault(batch.institution, []).append(batch.sums)
    totals = {name: np.sum(found, axis=0) for name, found in sorted(sums.items())}
    return pool_tables(totals, columns, thresholds)


def seal(
    request: Request, result: ReleasedResult, thresholds: Thresholds, neighbours: Sequence[Neighbour] = ()
) -> SealedRecord:
    """Each item under a fresh salt, with its notes; each says which earlier pools are nearest, to whoever reads it."""
    contents: dict[ItemName, JsonValue] = {
        "coefficients": {
            "model": result.model.model_dump(mode="json"),
            "warnings": result.model_dump(mode="json", include={"warnings"})["warnings"],
        },
        "metrics": _by_scope(result.metrics),
        "curves": _by_scope(result.curves),
        "table_one": _by_scope(result.table_one),
    }
    items = [commit(name, content) for name, content in contents.items()]
    near = _of_neighbours(neighbours, thresholds)
    noted = {name: [*found, *near] for name, found in notes(result, thresholds).items()}
    return SealedRecord(request=request.request, job=request.job, items=items, notes=noted)


def commitments(record: SealedRecord) -> SealedResult:
    """All that the server learns of it."""
    return SealedResult(items=[item.commitment() for item in record.items])


def _by_scope(table: Mapping[str, Message]) -> dict[str, JsonValue]:
    return {scope: content.model_dump(mode="json") for scope, content in table.items()}


# ---- notes: what was suppressed or rounded --------------------------------------------------------------------------


def notes(result: ReleasedResult, thresholds: Thresholds) -> dict[ItemName, list[Reason]]:
    """By item, for the people who decide on a release."""
    counts = {"small_cell": thresholds.small_cell, "round_to": thresholds.round_to}
    curves = Said("releases.note_curves", events=thresholds.curve_events, round_to=thresholds.round_to)
    return {
        "coefficients": [Said("releases.note_estimates"), *result.warnings],
        "metrics": [Said("releases.note_metrics", **counts), *_of_scopes(result.metrics)],
        "curves": [curves, *_of_scopes(result.curves)],
        "table_one": [
            Said("releases.note_table_one", **counts),
            *(note for scope, table in result.table_one.items() for note in _of_table(scope, table)),
        ],
    }


def _of_neighbours(neighbours: Sequence[Neighbour], thresholds: Thresholds) -> list[Reason]:
    def number(count: int | None) -> int | Said:
        return thresholds.small if count is None else count

    return [
        Said("releases.note_nearest", job=one.job, added=number(one.added), removed=number(one.removed))
        for one in neighbours
    ] or [Said("releases.note_no_neighbour")]


def _of_scopes(found: Mapping[str, Metrics] | Mapping[str, Curves]) -> Iterator[Said]:
    for scope, content in found.items():
        if content.suppressed:
            metrics = isinstance(content, Metrics)
            why = content.suppressed
            yield Said("releases.note_of_metrics" if metrics else "releases.note_of_curves", scope=scope, why=why)


def _of_table(scope: str, table: TableOne) -> Iterator[Said]:
    """A note for the table, and one per reason with the columns that it hides."""
    if table.suppressed:
        yield Said("releases.note_of_table", scope=scope, why=table.suppressed)
    columns: dict[Reason, list[str]] = {}
    for variable in table.variables if table.n is not None else ():
        if variable.suppressed:
            columns.setdefault(variable.suppressed, []).append(variable.column)
    for reason, names in columns.items():
        yield Said("releases.note_of_columns", scope=scope, columns=tuple(names), why=reason)


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
            raise BadInput("desk.stranger_block", institution=block.institution)
        real = _zero_or_one(opening.open_slots(block.mask), Said("admission.row_mask")) == 1
        scores[block.institution].append(opening.open_slots(block.score)[real])
        outcomes[block.institution].append(
            _zero_or_one(opening.open_slots(block.outcome)[real], Said("admission.outcome"))
        )
    rows = {name: (np.concatenate([*scores[name], []]), np.concatenate([*outcomes[name], []])) for name in scores}
    _check_counts(rows, parts)
    return HoldoutRows(rows)


def _zero_or_one(slots: Slots, what: Said) -> Slots:
    rounded = np.clip(np.round(slots), 0.0, 1.0)
    wrong = int(np.sum(~(np.abs(slots - rounded) <= NEAR)))
    if wrong:
        raise BadInput("desk.not_zero_or_one", what=what, wrong=wrong, slots=len(slots))
    return rounded


def _check_counts(rows: dict[str, tuple[Slots, Slots]], parts: Sequence[CohortPart]) -> None:
    for name, (_, outcomes) in rows.items():
        declared = sum(part.rows for part in parts if part.institution == name)
        if len(outcomes) != declared:
            raise BadInput("desk.held_out_rows", institution=name, rows=declared)
