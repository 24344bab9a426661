"""From a request's payload to numbers.

A payload must be of the announced kind, names, sizes and cohort before anything in it is opened. Who opens stands
behind one small interface: a whole key, or the answers of k hospitals put together.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from hefed.core.ckks import wire
from hefed.core.ckks.backend import Decryptor, decode_slots
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.ckks.totals import SealedTotal, sealed_bytes, total_value, unpack_total
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.errors import EnvelopeInvalid
from hefed.core.learning.kinds.evaluation import SCORE_PARTS
from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Header, Label
from hefed.core.protocol.requests import Request
from hefed.core.threshold.combine import Combination, PartialAnswers
from hefed.core.threshold.field import MeanOfProduct
from hefed.core.threshold.shamir import Point, Scheme

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
