"""What the hospital that leads signs, so that no other hospital's program can speak in its place. docs/adr/1103.

A statement travels as a JWS in the header ``HEFed-Lead`` beside the body that it is about.
"""

import hashlib
from typing import Annotated, Literal

from joserfc.jwk import ECKey
from pydantic import Field

from hefed.protocol.messages import Digest, Message
from hefed.protocol.threshold import AgentCard, PointNumber, Signed, sign, verify

HEADER = "HEFed-Lead"
Says = Literal["answer", "report", "publication", "note", "taken"]
_MAX_CHARACTERS = 4000


class LeadStatement(Message):
    """One thing that only the lead may say. ``target``: the request, release or hand-over; ``body_sha256``: of what
    is posted; ``payload_sha256``: of the request's payload, for an answer."""

    format: Literal["hefed-lead/1"] = "hefed-lead/1"
    sharing: Digest
    point: PointNumber
    says: Says
    target: Annotated[str, Field(max_length=200)]
    payload_sha256: Digest | Literal[""] = ""
    body_sha256: Digest


def state(statement: LeadStatement, private: ECKey) -> str:
    """The statement as text for the header."""
    return sign(statement, private).jws


def read(text: str, card: AgentCard) -> LeadStatement:
    """The statement in a header; raises SignatureInvalid unless that very card signed it."""
    return verify(Signed(signer=card.signing, jws=text[:_MAX_CHARACTERS]), LeadStatement, card.signing)


def sha256_of(body: bytes) -> Digest:
    return hashlib.sha256(body).hexdigest()
