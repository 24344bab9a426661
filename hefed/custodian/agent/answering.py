"""From a request's payload to one hospital's numbers, and from a message back to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hefed.ckks.keys import PublicKeys
from hefed.ckks.params import Profile
from hefed.ckks.totals import SealedTotal
from hefed.ckks.wire import Words
from hefed.core.threshold.combine import PartialAnswers, known_total
from hefed.core.threshold.flooding import c1_digest
from hefed.core.threshold.partial import PartialOpener
from hefed.core.threshold.pieces import decode_words, encode_words
from hefed.core.threshold.shamir import Point, Share
from hefed.custodian.desk.deciding import Desk
from hefed.custodian.desk.payload import read_scores, read_totals
from hefed.errors import BadInput
from hefed.protocol.messages import Request
from hefed.protocol.threshold import PartialOpening


@dataclass(frozen=True)
class Answering:
    """One share with the known total that goes with every answer."""

    share: Share
    opener: PartialOpener
    known: SealedTotal

    @classmethod
    def by(cls, share: Share, public: PublicKeys) -> "Answering":
        return cls(share, PartialOpener(share), known_total(public))

    def numbers(self, desk: Desk, request: Request, payload: Path) -> PartialAnswers:
        """This hospital's numbers for everything in the payload; raises BadInput for one that is not as announced."""
        point, known = self.share.point, {c1_digest(self.known.c1): self.opener.total(self.known.c1)}
        if request.kind == "evaluation":
            slots = {c1_digest(c1): self.opener.slots(c1) for c1 in _scores(desk, payload)}
            return PartialAnswers(point, known, slots)
        totals = {c1_digest(c1): self.opener.total(c1) for c1 in _totals(desk, request, payload)}
        return PartialAnswers(point, {**known, **totals})


def to_message(ring: Profile, request: Request, answers: PartialAnswers) -> PartialOpening:
    """As it is sealed to the lead."""
    return PartialOpening(
        request=request.request,
        payload_sha256=request.payload_sha256,
        totals=dict(answers.totals),
        slots={digest: encode_words(ring, words) for digest, words in answers.slots.items()},
    )


def from_message(ring: Profile, request: Request, point: Point, message: PartialOpening) -> PartialAnswers:
    """The inverse; raises BadInput for an answer to something else, or one with numbers outside the field."""
    if (message.request, message.payload_sha256) != (request.request, request.payload_sha256):
        raise BadInput(
            f"cannot use the answer of hospital {point}: it is to {message.request[:40]} with another payload; "
            "it must answer the request that waits"
        )
    if not all(0 <= number < ring.primes[0] for number in message.totals.values()):
        raise BadInput(f"cannot use the answer of hospital {point}: a number is outside the field; it must answer anew")
    slots = {digest: decode_words(ring, text) for digest, text in message.slots.items()}
    return PartialAnswers(point, message.totals, slots)


def _totals(desk: Desk, request: Request, payload: Path) -> Iterator[Words]:
    columns = len(desk.dictionary.columns)
    for total in read_totals(payload, desk.label("totals"), desk.profile, request, columns):
        yield total.c1


def _scores(desk: Desk, payload: Path) -> Iterator[Words]:
    for block in read_scores(payload, desk.label("scores"), desk.profile):
        for ciphertext in (block.score, block.outcome, block.mask):
            yield ciphertext.words[1, 0]
