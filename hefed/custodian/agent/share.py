"""One opened directory of a hospital that holds a share, and how its share answers: from a payload to numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import Profile
from hefed.core.ckks.totals import SealedTotal
from hefed.core.ckks.wire import Words
from hefed.core.errors import BadInput
from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol.requests import Request
from hefed.core.protocol.threshold import PartialOpening, Seat, Sharing
from hefed.core.threshold.combine import PartialAnswers, decode_words, encode_words, known_total
from hefed.core.threshold.partial import PartialOpener, c1_digest
from hefed.core.threshold.shamir import Point, Share
from hefed.custodian.desk.asking import Question
from hefed.custodian.desk.results import read_scores, read_totals
from hefed.custodian.keeping.opened import Custodian, open_custodian
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import Vault
from hefed.custodian.sharing.hand_over import Handing
from hefed.custodian.sharing.holding import Identity, open_share
from hefed.custodian.sharing.lead import LeadVoice, read_lead


@dataclass(frozen=True)
class Answering:
    """One share with the known total that goes with every answer."""

    share: Share
    opener: PartialOpener
    known: SealedTotal

    @classmethod
    def by(cls, share: Share, public: PublicKeys) -> "Answering":
        return cls(share, PartialOpener(share), known_total(public))

    def numbers(self, question: Question) -> PartialAnswers:
        """This hospital's numbers for everything in the payload; raises BadInput for one that is not as announced."""
        point, known = self.share.point, {c1_digest(self.known.c1): self.opener.total(self.known.c1)}
        if kind_named(question.request.kind).carries_scores:
            slots = {c1_digest(c1): self.opener.slots(c1) for c1 in _scores(question)}
            return PartialAnswers(point, known, slots)
        totals = {c1_digest(c1): self.opener.total(c1) for c1 in _totals(question)}
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
        raise BadInput("agent.other_payload", place=point, request=message.request[:40])
    if not all(0 <= number < ring.primes[0] for number in message.totals.values()):
        raise BadInput("agent.outside_field", place=point)
    slots = {digest: decode_words(ring, text) for digest, text in message.slots.items()}
    return PartialAnswers(point, message.totals, slots)


def _totals(question: Question) -> Iterator[Words]:
    desk, columns = question.desk, len(question.desk.dictionary.columns)
    for total in read_totals(question.payload, desk.label("totals"), desk.profile, question.request, columns):
        yield total.c1


def _scores(question: Question) -> Iterator[Words]:
    desk = question.desk
    for block in read_scores(question.payload, desk.label("scores"), desk.profile):
        for ciphertext in (block.score, block.outcome, block.mask):
            yield ciphertext.words[1, 0]


@dataclass(frozen=True)
class ShareHolder:
    """One opened directory of a hospital that holds a share."""

    custodian: Custodian
    identity: Identity = field(repr=False)
    sharing: Sharing
    answering: Answering = field(repr=False)

    @property
    def point(self) -> Point:
        return self.answering.share.point

    @property
    def lead(self) -> Seat:
        """Read anew each time, so that a change needs no restart."""
        return read_lead(self.custodian.home.path, self.sharing)

    @property
    def voice(self) -> LeadVoice:
        return LeadVoice(self.identity, self.sharing.digest, self.point)

    @property
    def handing(self) -> Handing:
        custodian = self.custodian
        return Handing(custodian.home, custodian.store, custodian.ledger, self.identity, self.sharing)

    def names(self, points: Iterable[Point]) -> tuple[str, ...]:
        return tuple(self.sharing.seats[point - 1].card.name for point in points)


def open_share_holder(home: Home, vault: Vault, identity: Identity) -> ShareHolder:
    """Check the ledger, load share and card; raises LedgerBroken, KeyInvalid or WrongKey."""
    custodian, (sharing, share) = open_custodian(home, vault), open_share(vault)
    sharing.seat_of(identity.card)
    return ShareHolder(custodian, identity, sharing, Answering.by(share, custodian.public))
