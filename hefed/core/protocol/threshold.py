"""What hospitals that hold shares of one key say to each other: cards, the sharing, sealed shares. docs/adr/1102.

Statements are signed and secrets sealed as in ``hefed.core.protocol.signing``.
"""

import hashlib
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from joserfc.jwk import ECKey
from pydantic import Field, model_validator

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Code, Digest, Message, Slug
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.signing import (
    MAX_CHARACTERS,
    PublicJwk,
    SignatureInvalid,
    public_half,
    read_signed_text,
    seal_text,
    sign_text,
)

_Text = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=MAX_CHARACTERS)]
# Terminals show names beside the fingerprints that people compare: nothing in a name may move the cursor or turn text.
_Name = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$")]
PointNumber = Annotated[int, Field(ge=1, le=9)]
M = TypeVar("M", bound=Message)


class AgentCard(Message):
    """A hospital's agent as the others know it; people compare its fingerprint before a share is sealed to it."""

    format: Literal["hefed-agent/1"] = "hefed-agent/1"
    study: Slug
    institution: Slug
    name: _Name
    signing: PublicJwk
    agreement: PublicJwk

    @property
    def fingerprint(self) -> Digest:
        """SHA-256 over everything on the card, hexadecimal."""
        return digest_of(self)


class Seat(Message):
    """One hospital's place in a sharing."""

    point: PointNumber
    card: AgentCard


class Sharing(Message):
    """Who holds shares of a study's key, and how many must open together. Public; ``digest`` is read aloud.

    ``epoch`` counts sharings of one key: 1 is the ceremony's, every re-sharing adds one.
    """

    format: Literal["hefed-sharing/1"] = "hefed-sharing/1"
    study: Slug
    profile: str
    key_fingerprint: Digest
    epoch: Annotated[int, Field(ge=1)]
    threshold: Annotated[int, Field(ge=2, le=9)]
    seats: Annotated[list[Seat], Field(min_length=2, max_length=9)]
    expires_on: date

    @model_validator(mode="after")
    def _seats_are_in_order(self) -> Self:
        if [seat.point for seat in self.seats] != list(range(1, len(self.seats) + 1)):
            raise ValueError("seats must be numbered 1, 2, ... in order")
        if len({seat.card.institution for seat in self.seats}) < len(self.seats):
            raise ValueError("one hospital has two seats; k hospitals must be k different ones")
        if self.threshold > len(self.seats):
            raise ValueError(f"{self.threshold} hospitals must open together and there are {len(self.seats)}")
        if any(seat.card.study != self.study for seat in self.seats):
            raise ValueError("a card is of another study")
        return self

    @property
    def digest(self) -> Digest:
        return digest_of(self)

    def seat_of(self, card: AgentCard) -> Seat:
        """The seat of that very card; raises BadInput."""
        for seat in self.seats:
            if seat.card == card:
                return seat
        raise BadInput("protocol.no_seat", card=card.fingerprint[:16], name=card.name)


class NoiseKey(Message):
    """A key that all hospitals hold but the absent ones."""

    absent: list[PointNumber]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]


class SharedPiece(Message):
    """What is sealed to one hospital: its share, or a dealer's part of it. ``words``: base64, as wide as q0."""

    format: Literal["hefed-share/1"] = "hefed-share/1"
    sharing: Digest
    point: PointNumber
    words: Annotated[str, Field(repr=False)]
    noise_keys: Annotated[list[NoiseKey], Field(repr=False)]


class CeremonyRecord(Message):
    """What a ceremony made. ``shares``: SHA-256 of each ``SharedPiece``, by seat; ``relinearisation``: of that key."""

    format: Literal["hefed-ceremony/1"] = "hefed-ceremony/1"
    sharing: Sharing
    relinearisation: Digest
    shares: list[Digest]
    made_at: str
    library: str


class Resharing(Message):
    """A plan: who deals out of the old sharing, and the sharing that results. People agree on its digest first."""

    format: Literal["hefed-resharing/1"] = "hefed-resharing/1"
    old: Sharing
    new: Sharing
    dealers: list[PointNumber]

    @model_validator(mode="after")
    def _new_follows_from_old(self) -> Self:
        old, new = self.old, self.new
        if (old.study, old.profile, old.key_fingerprint) != (new.study, new.profile, new.key_fingerprint):
            raise ValueError("the new sharing is of another key")
        if new.epoch != old.epoch + 1:
            raise ValueError(f"epoch {new.epoch} does not follow {old.epoch}")
        known = {seat.point for seat in old.seats}
        if len(set(self.dealers)) != old.threshold or not set(self.dealers) <= known:
            raise ValueError(f"exactly {old.threshold} different hospitals of the old sharing must deal")
        return self

    @property
    def digest(self) -> Digest:
        return digest_of(self)


class Dealing(Message):
    """One dealer's part of a re-sharing: a sealed piece per new seat, and commitments to its noise keys.

    ``noise_keys``: SHA-256 of each contributed key, in the order of the sets of absent hospitals, so that all who
    receive one can see that they received the same.
    """

    format: Literal["hefed-dealing/1"] = "hefed-dealing/1"
    resharing: Digest
    dealer: PointNumber
    noise_keys: list[Digest]
    pieces: list[_Text]


class Acceptance(Message):
    """A hospital says that it holds its share: signed with its card's key."""

    format: Literal["hefed-acceptance/1"] = "hefed-acceptance/1"
    sharing: Digest
    point: PointNumber
    share: Digest


class SharingNotice(Message):
    """What the server shows of a shared key: the sharing, and whose agent puts the answers together now."""

    sharing: Sharing
    lead: PointNumber


class KeySuccession(Message):
    """A hospital agrees that another public key takes the place of the one in use: signed with its card's key.

    ``sharing``: of the key in use, in which the hospital has its seat.
    """

    format: Literal["hefed-succession/1"] = "hefed-succession/1"
    study: Slug
    sharing: Digest
    point: PointNumber
    old: Digest
    new: Digest


class PartialOpening(Message):
    """One hospital's numbers for one request, sealed to the lead: by the SHA-256 of each c1; ``slots`` in base64."""

    request: str
    payload_sha256: Digest
    totals: Annotated[dict[Digest, int], Field(repr=False)]
    slots: Annotated[dict[Digest, str], Field(repr=False)] = {}


class PartialNote(Message):
    """What a hospital posts to one request, signed with its card's key: a sealed ``PartialOpening``, or why not.

    ``refused``: the code alone; its facts are on the hospital's own ledger.
    """

    format: Literal["hefed-partial/1"] = "hefed-partial/1"
    sharing: Digest
    point: PointNumber
    request: str
    payload_sha256: Digest
    sealed: Annotated[str, Field(max_length=MAX_CHARACTERS, repr=False)] = ""
    refused: Code | Literal[""] = ""

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if bool(self.sealed) == bool(self.refused):
            raise ValueError("a hospital either answers or says why not")
        return self


class PartialInfo(Message):
    """What waits at the server for the lead; ``refused`` is the code of the reason, empty when it answered."""

    point: PointNumber
    posted_at: str
    bytes: int
    refused: Code | Literal[""]


class Signed(Message):
    """A message with the signature of ``signer`` over it (JWS, ES256)."""

    signer: PublicJwk
    jws: _Text


def digest_of(message: Message) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_json(message.model_dump(mode="json"))).hexdigest()


def sign(message: Message, private: ECKey) -> Signed:
    """The message as JWS, with the public half beside it."""
    return Signed(signer=public_half(private), jws=sign_text(message, private))


def verify(signed: Signed, model: type[M], signer: PublicJwk | None = None) -> M:
    """The message inside. ``signer``: whose signature it must be; without it, the one that it names."""
    if signer is not None and signed.signer != signer:
        raise SignatureInvalid("protocol.other_signer")
    return read_signed_text(signed.jws, signed.signer, model)


def seal(message: Message, reader: AgentCard) -> str:
    """Encrypted to that agent only."""
    return seal_text(message, reader.agreement)
