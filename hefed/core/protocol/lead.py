"""Who leads, what an earlier lead hands over, and the signs of life of agents: signed by the hospitals' cards.

A statement travels as a JWS in the header ``HEFed-Lead`` beside the body that it is about. A hand-over to the next lead
is a file: one line of magic, one line with the signed note, then what is sealed to the card of the taker (JWE).
"""

import hashlib
from typing import Annotated, BinaryIO, Literal

from joserfc.jwk import ECKey
from pydantic import AwareDatetime, Field, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Digest, Message, Slug
from hefed.core.protocol.signing import PublicJwk, read_signed_text, sign_text
from hefed.core.protocol.threshold import AgentCard, PointNumber, Signed, digest_of

HEADER = "HEFed-Lead"
VOICE = "voice"  # in the header of a public key's envelope: the PublicJwk that signs what one custodian alone posts
Says = Literal["answer", "report", "publication", "note", "taken"]
_MAX_CHARACTERS = 4000


class LeadStatement(Message):
    """One thing that only the lead may say. ``target``: the request, release or hand-over; ``body_sha256``: of what
    is posted; ``payload_sha256``: of the request's payload, for an answer.

    One custodian alone says it at point 1 of ``sharing``, which is then the fingerprint of its key.
    """

    format: Literal["hefed-lead/1"] = "hefed-lead/1"
    sharing: Digest
    point: PointNumber
    says: Says
    target: Annotated[str, Field(max_length=200)]
    payload_sha256: Digest | Literal[""] = ""
    body_sha256: Digest


def state(statement: LeadStatement, private: ECKey) -> str:
    """The statement as text for the header."""
    return sign_text(statement, private)


def read(text: str, card: AgentCard) -> LeadStatement:
    """The statement in a header; raises SignatureInvalid unless that very card signed it."""
    return read_by(text, card.signing)


def read_by(text: str, signer: PublicJwk) -> LeadStatement:
    """The same with the key alone."""
    return read_signed_text(text[:_MAX_CHARACTERS], signer, LeadStatement)


def sha256_of(body: bytes) -> Digest:
    return hashlib.sha256(body).hexdigest()


# ---- a hand-over -----------------------------------------------------------------------------------------------------

HAND_OVER_MAGIC = b"HEFED-HAND-OVER/1\n"
MAX_HAND_OVER_BYTES = 256 * 1024 * 1024  # one answer with 26 coefficients at ring degree 16,384 takes 70 MB of it
_MAX_NOTE_BYTES = 8192


class HandOverNote(Message):
    """Who hands what over to whom. ``number``: every hand-over has a higher one than those that its giver knew of."""

    format: Literal["hefed-hand-over/1"] = "hefed-hand-over/1"
    study: Slug
    sharing: Digest
    giver: PointNumber
    taker: PointNumber
    number: Annotated[int, Field(ge=1, le=1_000_000_000)]
    sealed_sha256: Digest
    sealed_bytes: Annotated[int, Field(ge=1)]

    @property
    def digest(self) -> Digest:
        return digest_of(self)


class HandOverInfo(Message):
    """What the server has of a hand-over. ``taken``: the new lead has it, and the server has deleted it."""

    note: HandOverNote
    taken: bool


def read_hand_over(stream: BinaryIO) -> Signed:
    """The signed note; what is sealed follows in the stream. Raises BadInput."""
    if stream.read(len(HAND_OVER_MAGIC)) != HAND_OVER_MAGIC:
        raise BadInput("protocol.no_hand_over")
    try:
        return Signed.model_validate_json(stream.readline(_MAX_NOTE_BYTES))
    except ValidationError as error:
        raise BadInput("protocol.hand_over_changed") from error


EVERY_SECONDS = 30.0


class Presence(Message):
    """``at``: by the agent's clock. The server takes each moment once, and only near its own."""

    format: Literal["hefed-presence/1"] = "hefed-presence/1"
    sharing: Digest
    point: PointNumber
    at: AwareDatetime
